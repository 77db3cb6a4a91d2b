(* How large a step can be. With eps = 0 and rho = beta1^2 / beta2,
     |delta_t| <= alpha * R_t,  R_t^2 = (1-beta1)^2 / (1-beta2) * (sum of rho^(t-i) over i = 1 .. t)
                                        * (1 - beta2^t) / (1 - beta1^t)^2,
   and the gradients g_i = (beta2/beta1)^i reach it. Assumes alpha >= 0, 0 <= beta1 < 1,
   0 < beta2 < 1, v_t > 0, t >= 1. Source: Cauchy-Schwarz on the closed forms; the bounds of
   Kingma & Ba 2015, section 2.1, are the near-misses: both of their cases are refuted at t = 2. *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Definition step_bound (beta1 beta2 : R) (t : nat) : R :=
  sqrt ((1 - beta1) ^ 2 / (1 - beta2) * geometric (beta1 ^ 2 / beta2) t
        * (1 - beta2 ^ t) / (1 - beta1 ^ t) ^ 2).

Lemma v_nonneg : forall (beta2 : R) (g : nat -> R) (t : nat),
  0 <= beta2 < 1 -> 0 <= adam_v beta2 g t.
Proof.
  intros beta2 g t H2; induction t as [|s IH]; cbn [adam_v].
  - lra.
  - unfold adam_v_next; pose proof (pow2_ge_0 (g (S s))); nra.
Qed.

(* One more term in the Cauchy-Schwarz inequality: x^2 <= a * b gives (x + y)^2 <= (a+1)(b+y^2). *)
Lemma cauchy_schwarz_step : forall a b x y : R,
  0 <= a -> 0 <= b -> x ^ 2 <= a * b -> (x + y) ^ 2 <= (a + 1) * (b + y ^ 2).
Proof.
  intros a b x y Ha Hb Hx.
  assert (cross : 2 * (x * y) <= a * y ^ 2 + b).
  { apply Rle_trans with (Rabs (2 * (x * y))); [apply Rle_abs|].
    rewrite <- (Rabs_pos_eq (a * y ^ 2 + b)) by nra.
    apply Rsqr_le_abs_0; unfold Rsqr.
    assert (x ^ 2 * y ^ 2 <= a * b * y ^ 2) by (apply Rmult_le_compat_r; [apply pow2_ge_0|lra]).
    pose proof (pow2_ge_0 (a * y ^ 2 - b)).
    nra. }
  nra.
Qed.

Lemma m_squared_le : forall (beta1 beta2 : R) (g : nat -> R) (t : nat),
  0 < beta2 < 1 ->
  adam_m beta1 g t ^ 2
  <= (1 - beta1) ^ 2 / (1 - beta2) * geometric (beta1 ^ 2 / beta2) t * adam_v beta2 g t.
Proof.
  intros beta1 beta2 g t H2.
  set (rho := beta1 ^ 2 / beta2); set (k := (1 - beta1) ^ 2 / (1 - beta2)).
  assert (Hrho : 0 <= rho) by (apply Rle_mult_inv_pos; [apply pow2_ge_0|lra]).
  assert (Hk : 0 <= k) by (apply Rle_mult_inv_pos; [apply pow2_ge_0|lra]).
  induction t as [|s IH].
  - simpl; lra.
  - rewrite geometric_step; cbn [adam_m adam_v]; unfold adam_m_next, adam_v_next.
    pose proof (v_nonneg beta2 g s ltac:(lra)) as Hv.
    pose proof (geometric_nonneg rho s Hrho) as Hs.
    replace (k * (rho * geometric rho s + 1)
             * (beta2 * adam_v beta2 g s + (1 - beta2) * g (S s) ^ 2))
      with ((rho * geometric rho s + 1)
            * (k * beta2 * adam_v beta2 g s + ((1 - beta1) * g (S s)) ^ 2))
      by (unfold k; field; lra).
    apply cauchy_schwarz_step.
    + apply Rmult_le_pos; assumption.
    + apply Rmult_le_pos; [apply Rmult_le_pos; lra|exact Hv].
    + replace (rho * geometric rho s * (k * beta2 * adam_v beta2 g s))
        with (beta1 ^ 2 * (k * geometric rho s * adam_v beta2 g s))
        by (unfold rho; field; lra).
      rewrite Rpow_mult_distr; apply Rmult_le_compat_l; [apply pow2_ge_0|exact IH].
Qed.

(* Without epsilon the size of a step is the root of a quotient. *)
Lemma step_size : forall (alpha beta1 beta2 : R) (g : nat -> R) (t : nat),
  0 <= alpha -> 0 <= beta1 < 1 -> 0 < beta2 < 1 -> (1 <= t)%nat -> 0 < adam_v beta2 g t ->
  Rabs (adam_delta alpha beta1 beta2 0 g t)
  = alpha * sqrt (adam_m beta1 g t ^ 2 * (1 - beta2 ^ t)
                  / ((1 - beta1 ^ t) ^ 2 * adam_v beta2 g t)).
Proof.
  intros alpha beta1 beta2 g t Ha H1 H2 Ht Hv.
  pose proof (one_minus_pow_pos beta1 t H1 Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) Ht) as P2.
  unfold adam_delta, adam_delta_of, adam_m_hat, adam_m_hat_of, adam_v_hat, adam_v_hat_of.
  set (m := adam_m beta1 g t); set (v := adam_v beta2 g t) in *.
  replace (m ^ 2 * (1 - beta2 ^ t) / ((1 - beta1 ^ t) ^ 2 * v))
    with ((m / (1 - beta1 ^ t)) ^ 2 * / (v / (1 - beta2 ^ t)))
    by (field; repeat split; lra).
  assert (Hq : 0 < v / (1 - beta2 ^ t)) by (apply Rdiv_lt_0_compat; assumption).
  pose proof (sqrt_lt_R0 _ Hq) as Hs.
  rewrite sqrt_scaled, sqrt_inv.
  rewrite Rabs_Ropp, Rplus_0_r; unfold Rdiv at 1.
  rewrite !Rabs_mult, (Rabs_pos_eq alpha) by exact Ha.
  rewrite (Rabs_pos_eq (/ _)) by (apply Rlt_le, Rinv_0_lt_compat, Hs).
  ring.
Qed.

Theorem step_bounded : forall (alpha beta1 beta2 : R) (g : nat -> R) (t : nat),
  0 <= alpha -> 0 <= beta1 < 1 -> 0 < beta2 < 1 -> (1 <= t)%nat -> 0 < adam_v beta2 g t ->
  Rabs (adam_delta alpha beta1 beta2 0 g t) <= alpha * step_bound beta1 beta2 t.
Proof.
  intros alpha beta1 beta2 g t Ha H1 H2 Ht Hv.
  pose proof (one_minus_pow_pos beta1 t H1 Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) Ht) as P2.
  rewrite step_size by assumption.
  apply Rmult_le_compat_l; [exact Ha|]; unfold step_bound; apply sqrt_le_1_alt.
  set (k := (1 - beta1) ^ 2 / (1 - beta2) * geometric (beta1 ^ 2 / beta2) t).
  apply Rle_trans
    with ((k * adam_v beta2 g t) * ((1 - beta2 ^ t) / ((1 - beta1 ^ t) ^ 2 * adam_v beta2 g t))).
  - unfold Rdiv at 1; rewrite Rmult_assoc; apply Rmult_le_compat_r.
    + apply Rlt_le, Rdiv_lt_0_compat; [exact P2|].
      apply Rmult_lt_0_compat; [apply pow_lt, P1|exact Hv].
    + apply m_squared_le; exact H2.
  - right; field; repeat split; lra.
Qed.

(* The gradients that reach the bound: both moments are multiples of the geometric sum. *)
Lemma m_extremal : forall (beta1 beta2 : R) (t : nat), 0 < beta1 -> 0 < beta2 ->
  adam_m beta1 (fun i => (beta2 / beta1) ^ i) t
  = (1 - beta1) * (beta2 / beta1) ^ t * geometric (beta1 ^ 2 / beta2) t.
Proof.
  intros beta1 beta2 t H1 H2; induction t as [|s IH].
  - rewrite geometric_0; simpl; ring.
  - rewrite geometric_step; cbn [adam_m]; unfold adam_m_next; rewrite IH.
    rewrite <- (tech_pow_Rmult _ s); field; lra.
Qed.

Lemma v_extremal : forall (beta1 beta2 : R) (t : nat), 0 < beta1 -> 0 < beta2 ->
  adam_v beta2 (fun i => (beta2 / beta1) ^ i) t
  = (1 - beta2) * ((beta2 / beta1) ^ t) ^ 2 * geometric (beta1 ^ 2 / beta2) t.
Proof.
  intros beta1 beta2 t H1 H2; induction t as [|s IH].
  - rewrite geometric_0; simpl; ring.
  - rewrite geometric_step; cbn [adam_v]; unfold adam_v_next; rewrite IH.
    rewrite <- (tech_pow_Rmult _ s); field; lra.
Qed.

Theorem step_bound_reached : forall (alpha beta1 beta2 : R) (t : nat),
  0 <= alpha -> 0 < beta1 < 1 -> 0 < beta2 < 1 -> (1 <= t)%nat ->
  Rabs (adam_delta alpha beta1 beta2 0 (fun i => (beta2 / beta1) ^ i) t)
  = alpha * step_bound beta1 beta2 t.
Proof.
  intros alpha beta1 beta2 t Ha H1 H2 Ht.
  pose proof (one_minus_pow_pos beta1 t ltac:(lra) Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t ltac:(lra) Ht) as P2.
  assert (Hrho : 0 <= beta1 ^ 2 / beta2) by (apply Rle_mult_inv_pos; [apply pow2_ge_0|lra]).
  assert (Hs : 0 < geometric (beta1 ^ 2 / beta2) t).
  { destruct t as [|s]; [lia|]; rewrite geometric_step.
    pose proof (Rmult_le_pos _ _ Hrho (geometric_nonneg _ s Hrho)); lra. }
  assert (Hq : 0 < (beta2 / beta1) ^ t) by (apply pow_lt, Rdiv_lt_0_compat; lra).
  assert (Hv : 0 < adam_v beta2 (fun i => (beta2 / beta1) ^ i) t).
  { rewrite v_extremal by lra; repeat apply Rmult_lt_0_compat; lra. }
  rewrite step_size by (assumption || lra).
  rewrite m_extremal, v_extremal by lra; unfold step_bound.
  f_equal; f_equal; field; repeat split; try lra.
Qed.

(* The bound at two steps where it exceeds the paper's. *)
Lemma step_bound_first_case : step_bound (1 / 5) (2 / 5) 2 = sqrt (77 / 72).
Proof. unfold step_bound, geometric; f_equal; cbn; field. Qed.

Lemma step_bound_second_case : step_bound (1 / 5) (9 / 25) 2 = sqrt (85 / 81).
Proof. unfold step_bound, geometric; f_equal; cbn; field. Qed.

(* The paper's "two upper bounds": alpha * (1 - beta1) / sqrt (1 - beta2) in the case that
   1 - beta1 > sqrt (1 - beta2), and alpha otherwise. *)
Theorem paper_bound_first_case_refuted :
  ~ forall (alpha beta1 beta2 : R) (g : nat -> R) (t : nat),
    0 < alpha -> 0 < beta1 < 1 -> 0 < beta2 < 1 -> (1 <= t)%nat -> 0 < adam_v beta2 g t ->
    sqrt (1 - beta2) < 1 - beta1 ->
    Rabs (adam_delta alpha beta1 beta2 0 g t) <= alpha * ((1 - beta1) / sqrt (1 - beta2)).
Proof.
  intros claim.
  specialize (claim 1 (1 / 5) (2 / 5) (fun i => (2 / 5 / (1 / 5)) ^ i) 2%nat).
  rewrite step_bound_reached in claim by (lra || lia).
  assert (root : sqrt (1 - 2 / 5) < 1 - 1 / 5).
  { rewrite <- (sqrt_of_square (1 - 1 / 5) (16 / 25)) by lra; apply sqrt_lt_1_alt; lra. }
  specialize (claim ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lia)).
  assert (Hv : 0 < adam_v (2 / 5) (fun i => (2 / 5 / (1 / 5)) ^ i) 2)
    by (cbn; unfold adam_v_next; lra).
  specialize (claim Hv root); rewrite !Rmult_1_l in claim.
  assert (bound : (1 - 1 / 5) / sqrt (1 - 2 / 5) = sqrt (16 / 15)).
  { rewrite <- (sqrt_of_square (1 - 1 / 5) (16 / 25)) by lra.
    rewrite <- sqrt_div_alt by lra; f_equal; lra. }
  rewrite bound, step_bound_first_case in claim.
  apply sqrt_le_0 in claim; lra.
Qed.

Theorem paper_bound_second_case_refuted :
  ~ forall (alpha beta1 beta2 : R) (g : nat -> R) (t : nat),
    0 < alpha -> 0 < beta1 < 1 -> 0 < beta2 < 1 -> (1 <= t)%nat -> 0 < adam_v beta2 g t ->
    1 - beta1 <= sqrt (1 - beta2) ->
    Rabs (adam_delta alpha beta1 beta2 0 g t) <= alpha.
Proof.
  intros claim.
  specialize (claim 1 (1 / 5) (9 / 25) (fun i => (9 / 25 / (1 / 5)) ^ i) 2%nat).
  rewrite step_bound_reached in claim by (lra || lia).
  specialize (claim ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lia)).
  assert (Hv : 0 < adam_v (9 / 25) (fun i => (9 / 25 / (1 / 5)) ^ i) 2)
    by (cbn; unfold adam_v_next; lra).
  rewrite (sqrt_of_square (4 / 5)) in claim by lra.
  specialize (claim Hv ltac:(lra)); rewrite Rmult_1_l in claim.
  rewrite step_bound_second_case in claim.
  assert (sqrt (85 / 81) <= sqrt 1) as roots by (rewrite sqrt_1; exact claim).
  apply sqrt_le_0 in roots; lra.
Qed.
