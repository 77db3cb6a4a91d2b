(* Each theorem proves what a record says, as Statements.v has it from the record. *)

From Coq Require Import Reals Lra Lia Psatz.
From AdamRef Require Import Rules Sums ClosedForms EfficientOrder FirstStep Weights.
From AdamRef Require Import Uncorrected StepBound Scale.
From AdamRef Require Statements.
Open Scope R_scope.

Ltac said := red; intros; rewrite ?pow_1 in *.

Ltac roots := repeat match goal with
  | |- context [sqrt ?x] =>
      let r := fresh "r" in let P := fresh "P" in let S := fresh "S" in
      assert (P := sqrt_pos x); assert (S : sqrt x * sqrt x = x) by (apply sqrt_sqrt; nra);
      set (r := sqrt x) in *; clearbody r end.
Lemma abs_sum : forall a b A B, Rabs a <= A -> Rabs b <= B -> Rabs (a + b) <= A + B.
Proof. intros. eapply Rle_trans; [apply Rabs_triang|lra]. Qed.
Lemma abs_product : forall a b A B, Rabs a <= A -> Rabs b <= B -> Rabs (a * b) <= A * B.
Proof. intros. rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. Qed.
Lemma abs_turned : forall x y a, Rabs (x + -1 * y) <= a -> Rabs (y - x) <= a.
Proof.
  intros x y a H. replace (y - x) with (- (x + -1 * y)) by ring. rewrite Rabs_Ropp; exact H.
Qed.
Lemma abs_grown : forall d u, Rabs d <= u -> Rabs (1 + d) <= 1 + u.
Proof. intros. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_R1; lra. Qed.

Theorem closed_form_m : Statements.says_closed_form_m.
Proof. intros beta1 g t _ _ _; rewrite m_closed_form; ring. Qed.

Theorem closed_form_v : Statements.says_closed_form_v.
Proof. intros beta2 g t _ _ _; rewrite v_closed_form; ring. Qed.

Theorem weights : Statements.says_weights.
Proof. intros beta t _ _ _; pose proof (weights_sum beta t); lra. Qed.

Theorem power_below_one : Statements.says_power_below_one.
Proof. intros beta t H0 H1 Ht; pose proof (one_minus_pow_pos beta t (conj H0 H1) Ht); lra. Qed.

Theorem first_step : Statements.says_first_step.
Proof.
  said. rewrite FirstStep.first_step by lra. field; lra.
Qed.

Theorem constant_gradient : Statements.says_constant_gradient_step.
Proof.
  said. rewrite constant_gradient_step by (lra || assumption). field; lra.
Qed.

Theorem efficient_order : Statements.says_efficient_order.
Proof.
  said. symmetry.
  rewrite EfficientOrder.efficient_order by (lra || assumption).
  replace (1 + -1 * beta2 ^ t) with (1 - beta2 ^ t) by ring. reflexivity.
Qed.

Theorem scale_with_eps : Statements.says_scale_with_eps.
Proof.
  said. rewrite (Rmult_comm eps), Scale.scale_with_eps by (assumption || lra). field.
  apply Rabs_no_R0; assumption.
Qed.

Theorem scale_invariance : Statements.says_scale_invariance.
Proof. said. apply scale_without_eps; assumption || lra. Qed.

Theorem uncorrected_factor : Statements.says_uncorrected_factor.
Proof.
  said. rewrite uncorrected_step by (assumption || lra).
  unfold Uncorrected.uncorrected_factor.
  replace (1 + -1 * beta2 ^ t) with (1 - beta2 ^ t) by ring.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) ltac:(assumption)) as P.
  pose proof (sqrt_lt_R0 _ P). field; lra.
Qed.

Lemma v_first : forall (beta2 : R) (g : nat -> R), adam_v beta2 g 1 = (1 - beta2) * g 1%nat ^ 2.
Proof. intros; cbn; unfold adam_v_next; ring. Qed.

Lemma v_first_positive : forall (beta2 : R) (g : nat -> R),
  beta2 < 1 -> g 1%nat <> 0 -> 0 < adam_v beta2 g 1.
Proof.
  intros beta2 g H Hg; rewrite v_first; apply Rmult_lt_0_compat; [lra|].
  rewrite <- Rsqr_pow2; apply Rlt_0_sqr, Hg.
Qed.

Theorem uncorrected_first_step : Statements.says_uncorrected_first_step.
Proof.
  said. pose proof (v_first_positive beta2 g ltac:(assumption) ltac:(assumption)).
  rewrite uncorrected_step by (assumption || lra || lia).
  rewrite uncorrected_factor_first.
  replace (1 + -1 * beta2) with (1 - beta2) by ring.
  pose proof (sqrt_lt_R0 (1 - beta2) ltac:(lra)). field; lra.
Qed.

Theorem uncorrected_first_step_defaults : Statements.says_uncorrected_first_step_defaults.
Proof.
  said. pose proof (v_first_positive (999 / 1000) g ltac:(lra) ltac:(assumption)).
  rewrite uncorrected_step by (assumption || lra || lia).
  rewrite uncorrected_factor_defaults. reflexivity.
Qed.

Lemma bound_as_said : forall beta1 beta2 t,
  0 <= beta1 -> beta1 < 1 -> 0 < beta2 -> beta2 < 1 -> (1 <= t)%nat ->
  step_bound beta1 beta2 t
  = / sqrt (1 + -1 * beta2) * / (1 + -1 * beta1 ^ t) * sqrt (1 + -1 * beta2 ^ t)
    * sqrt (sum_to (fun i => (beta1 ^ 2 * / beta2) ^ (t - i)) t) * (1 + -1 * beta1).
Proof.
  intros beta1 beta2 t A B C D T; unfold step_bound.
  replace (1 + -1 * beta2) with (1 - beta2) by ring.
  replace (1 + -1 * beta1 ^ t) with (1 - beta1 ^ t) by ring.
  replace (1 + -1 * beta2 ^ t) with (1 - beta2 ^ t) by ring.
  replace (1 + -1 * beta1) with (1 - beta1) by ring.
  pose proof (one_minus_pow_pos beta1 t (conj A B) T) as P1.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) T) as P2.
  fold (geometric (beta1 ^ 2 * / beta2) t).
  fold (beta1 ^ 2 / beta2).
  set (G := geometric (beta1 ^ 2 / beta2) t).
  assert (HG : 0 <= G) by (apply geometric_nonneg, Rle_mult_inv_pos; [apply pow2_ge_0|lra]).
  replace ((1 - beta1) ^ 2 / (1 - beta2) * G * (1 - beta2 ^ t) / (1 - beta1 ^ t) ^ 2)
    with (((1 - beta1) * / (1 - beta1 ^ t)) ^ 2 * ((1 - beta2 ^ t) * G * / (1 - beta2)))
    by (field; lra).
  rewrite sqrt_scaled, sqrt_mult_alt, sqrt_mult_alt, sqrt_inv; try lra.
  - rewrite Rabs_pos_eq; [ring|].
    apply Rmult_le_pos; [lra|]. apply Rlt_le, Rinv_0_lt_compat, P1.
  - apply Rmult_le_pos; lra.
Qed.

Theorem step_bound : Statements.says_step_bound.
Proof.
  said.
  pose proof (step_bounded alpha beta1 beta2 g t ltac:(assumption) ltac:(lra) ltac:(lra)
                ltac:(assumption) ltac:(assumption)) as B.
  rewrite bound_as_said in B by assumption.
  eapply Rle_trans; [exact B|]; right; ring.
Qed.

Lemma step_of_multiple : forall alpha beta1 beta2 c g t,
  c <> 0 -> 0 < adam_v_hat beta2 g t ->
  Rabs (adam_delta alpha beta1 beta2 0 (fun k => c * g k) t)
  = Rabs (adam_delta alpha beta1 beta2 0 g t).
Proof.
  intros alpha beta1 beta2 c g t Hc Hv.
  pose proof (sqrt_lt_R0 _ Hv).
  pose proof (Scale.scale_with_eps alpha beta1 beta2 0 c g t Hc ltac:(lra)) as S.
  rewrite Rmult_0_r in S; rewrite S, Rabs_mult.
  unfold Rdiv; rewrite Rabs_mult, Rabs_inv, Rabs_Rabsolu, Rinv_r, Rmult_1_l; [reflexivity|].
  apply Rabs_no_R0, Hc.
Qed.

Theorem step_bound_reached : Statements.says_step_bound_reached.
Proof.
  said.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) ltac:(assumption)) as P2.
  assert (Hv : 0 < adam_v beta2 (fun i => (beta2 * / beta1) ^ i) t).
  { fold (beta2 / beta1); rewrite v_extremal by assumption.
    assert (0 < geometric (beta1 ^ 2 / beta2) t).
    { destruct t as [|s]; [lia|]; rewrite geometric_step.
      assert (Hrho : 0 <= beta1 ^ 2 / beta2) by (apply Rle_mult_inv_pos; [apply pow2_ge_0|lra]).
      pose proof (Rmult_le_pos _ _ Hrho (geometric_nonneg _ s Hrho)); lra. }
    assert (0 < (beta2 / beta1) ^ t) by (apply pow_lt, Rdiv_lt_0_compat; lra).
    repeat apply Rmult_lt_0_compat; lra. }
  rewrite (step_of_multiple alpha beta1 beta2 c (fun k => (beta2 * / beta1) ^ k)).
  - change (fun k : nat => (beta2 * / beta1) ^ k) with (fun i : nat => (beta2 / beta1) ^ i).
    rewrite StepBound.step_bound_reached by (assumption || lra).
    rewrite bound_as_said by (assumption || lra). ring.
  - assumption.
  - unfold adam_v_hat, adam_v_hat_of; apply Rdiv_lt_0_compat; assumption.
Qed.

Theorem geometric_sum : Statements.says_geometric_sum.
Proof.
  red; intros; pose proof (weights_sum beta t); lra.
Qed.

Theorem sign_symmetry : Statements.says_sign_symmetry.
Proof.
  said. pose proof (Scale.scale_with_eps alpha beta1 beta2 eps (-1) g t ltac:(lra) ltac:(lra))
  as S. replace (Rabs (-1)) with 1 in S by (rewrite <- Rabs_Ropp, Rabs_pos_eq; lra). rewrite
  Rmult_1_l in S; rewrite S; field.
Qed.

Theorem first_moment_below_second : Statements.says_first_moment_below_second.
Proof.
  said. pose proof (m_squared_le beta1 beta2 g t ltac:(lra)) as M. unfold geometric in M.
  replace (1 + -1 * beta1) with (1 - beta1) by ring. replace (1 + -1 * beta2) with (1 - beta2)
  by ring. exact M.
Qed.

Theorem v_hat_weighted_mean : Statements.says_v_hat_weighted_mean.
Proof.
  said. pose proof (one_minus_pow_pos beta2 t ltac:(lra) ltac:(assumption)) as P. pose proof
  (weights_sum beta2 t) as W. unfold adam_v_hat, adam_v_hat_of. rewrite v_closed_form, <- W.
  set (S := sum_to (fun i => beta2 ^ (t - i)) t) in *. field. split; [|lra]. intros Z; rewrite
  Z in W; lra.
Qed.

Theorem bernoulli : Statements.says_bernoulli.
Proof.
  red; intros; induction n as [|s IH]; [simpl; lra|]; rewrite S_INR; cbn [pow]; specialize (IH
  ltac:(lia)); pose proof (pos_INR s); assert (0 <= INR s * (x - 1) ^ 2) by (apply
  Rmult_le_pos; [assumption|apply pow2_ge_0]); nra.
Qed.

Theorem powers_falling : Statements.says_powers_falling.
Proof.
  red; intros; rewrite pow_add; assert (0 <= beta ^ t) by (apply pow_le; lra); assert (beta ^ n
  <= 1) by (clear - H H0; induction n as [|s IH]; simpl; [lra|]; assert (0 <= beta ^ s) by
  (apply pow_le; lra); nra); nra.
Qed.

Theorem rounding : Statements.says_rounding.
Proof.
  red; intros. replace (e + -1 * x + x' * (1 + d)) with (e + ((x' - x) * (1 + d) + d * x)) by
  ring. replace (s + a * (1 + r) + r * Rabs x) with (s + (a * (1 + r) + r * Rabs x)) by ring.
  apply abs_sum; [assumption|]. apply abs_sum; apply abs_product; auto using abs_turned,
  abs_grown, Rle_refl.
Qed.

Theorem rounding_product : Statements.says_rounding_product.
Proof.
  red; intros. replace (x * y + -1 * x' * y') with (- ((x' - x) * (y' - y) + (x' - x) * y + (y'
  - y) * x)) by ring. rewrite Rabs_Ropp. repeat apply abs_sum; apply abs_product; auto using
  abs_turned, Rle_refl.
Qed.

Theorem rounding_sum : Statements.says_rounding_sum.
Proof.
  red; intros. replace (x + y + -1 * x' + -1 * y') with ((x + -1 * x') + (y + -1 * y')) by
  ring. apply abs_sum; assumption.
Qed.

Theorem rounding_difference : Statements.says_rounding_difference.
Proof.
  red; intros. replace (x + y' + -1 * x' + -1 * y) with ((x + -1 * x') + (y' - y)) by ring.
  apply abs_sum; auto using abs_turned.
Qed.

Theorem rounding_correction_exact : Statements.says_rounding_correction_exact.
Proof.
  red; intros. replace (e1 + -1 * c + c * (1 + d1)) with (e1 + d1 * c) by ring. apply abs_sum;
  [assumption|]. apply abs_product; auto using Rle_refl.
Qed.

Theorem rounding_theta_plain : Statements.says_rounding_theta_plain.
Proof.
  red; intros. replace (theta + -1 * delta + (1 + d1) * (delta' + -1 * theta)) with ((delta' -
  delta) * (1 + d1) + d1 * (delta + -1 * theta)) by ring. apply abs_sum; apply abs_product;
  auto using abs_turned, abs_grown, Rle_refl.
Qed.

Theorem rounding_within_ulps : Statements.says_rounding_within_ulps.
Proof.
  red; intros. eapply Rle_trans; [eassumption|]. nra.
Qed.

Theorem rounding_stored_coefficients_m : Statements.says_rounding_stored_coefficients_m.
Proof.
  red; intros. replace (M + -1 * beta1 * m + -1 * g * (1 + -1 * beta1)) with ((- (-1 * M + b *
  m + g * w)) + g * (-1 + beta1 + w) + m * (b + -1 * beta1)) by ring. repeat apply abs_sum;
  rewrite ?Rabs_Ropp; auto; apply abs_product; apply Rle_refl.
Qed.

Theorem window_age_and_one : Statements.says_window_age_and_one.
Proof.
  said. field; lra.
Qed.

Theorem window_equal_age : Statements.says_window_equal_age.
Proof.
  said. field; lra.
Qed.

Theorem eps_squared_inside_most : Statements.says_eps_squared_inside_most.
Proof.
  red; intros. rewrite Rabs_pos_eq by assumption; ring.
Qed.

Theorem eps_inside_crosses : Statements.says_eps_inside_crosses.
Proof.
  said. roots; nra.
Qed.

Theorem eps_squared_inside_only_there : Statements.says_eps_squared_inside_only_there.
Proof.
  said. roots. assert (0 < (r - eps) ^ 2) by (rewrite <- Rsqr_pow2; apply Rlt_0_sqr; lra). nra.
Qed.

Theorem eps_inside_below : Statements.says_eps_inside_below.
Proof.
  said. assert (0 <= eps + v_hat) by lra. revert H1; roots; intros; nra.
Qed.

Theorem eps_inside_above : Statements.says_eps_inside_above.
Proof.
  said. assert (0 <= eps + v_hat) by lra. revert H1; roots; intros; nra.
Qed.

Theorem rounding_root_near_zero : Statements.says_rounding_root_near_zero.
Proof.
  said. assert (0 <= a) by (eapply Rle_trans; [apply Rabs_pos|eassumption]). assert (x <= a +
  x' /\ x' <= a + x) by (revert H; unfold Rabs; destruct Rcase_abs; intros; lra). roots. unfold
  Rabs; destruct Rcase_abs; nra.
Qed.

Theorem window_plain_squared_weights : Statements.says_window_plain_squared_weights.
Proof.
  said. assert (N : INR n <> 0) by (apply not_0_INR; lia). assert (forall c k, sum_to (fun _ =>
  c) k = INR k * c) as S by (intros c k; induction k as [|s IH]; [simpl; ring|]; cbn [sum_to];
  rewrite IH, S_INR; ring). rewrite S; field; assumption.
Qed.

Theorem step_bound_equal_rates : Statements.says_step_bound_equal_rates.
Proof.
  said. pose proof (one_minus_pow_pos beta t ltac:(lra) ltac:(assumption)) as P. pose proof
  (weights_sum beta t) as W. replace (1 + -1 * beta) with (1 - beta) by ring. replace (1 + -1 *
  beta ^ t) with (1 - beta ^ t) by ring. set (S := sum_to (fun i => beta ^ (t - i)) t) in *.
  pose proof (sqrt_lt_R0 _ P). assert (Q : sqrt (1 - beta) * sqrt S = sqrt (1 - beta ^ t)) by
  (rewrite <- sqrt_mult_alt by lra; rewrite W; reflexivity). replace (sqrt (1 - beta) * / sqrt
  (1 - beta ^ t) * sqrt S) with (sqrt (1 - beta) * sqrt S * / sqrt (1 - beta ^ t)) by ring.
  rewrite Q; field; lra.
Qed.

(* And what is next to a record does not hold: Statements.v says nothing that follows from all. *)
Theorem weights_without_rate_refuted :
  ~ forall (beta : R) (t : nat), sum_to (fun i => beta ^ (t - i)) t = 1 - beta ^ t.
Proof.
  intros claim; specialize (claim (1 / 2) 1%nat); cbn in claim; lra.
Qed.
