(* The corrected moments are unbiased, the plain ones are not.
   E is any linear functional on the functions of a sample space (an expectation is one). If every
   E g_i = mu, then E m_hat_t = mu; if every E g_i^2 = nu, then E v_hat_t = nu.
   Assumes 0 <= beta < 1 and t >= 1; no independence, no distribution.
   Source: Kingma & Ba 2015, section 3, equations 1 to 4. Near-misses: E m_t = mu and E v_t = nu,
   without the correction; E m_hat_t = E g_t and E v_hat_t = E g_t^2, where the moments vary. *)

From Coq Require Import Reals Lra Lia FunctionalExtensionality.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Section Expectation.

Variable Omega : Type.
Variable E : (Omega -> R) -> R.
Hypothesis E_plus : forall X Y : Omega -> R, E (fun w => X w + Y w) = E X + E Y.
Hypothesis E_scale : forall (c : R) (X : Omega -> R), E (fun w => c * X w) = c * E X.

Lemma E_zero : E (fun _ => 0) = 0.
Proof.
  transitivity (E (fun _ => 0 * 0)).
  - f_equal; apply functional_extensionality; intros w; ring.
  - rewrite (E_scale 0 (fun _ => 0)); ring.
Qed.

Lemma E_combine : forall (a b : R) (X Y : Omega -> R),
  E (fun w => a * X w + b * Y w) = a * E X + b * E Y.
Proof.
  intros a b X Y.
  rewrite (E_plus (fun w => a * X w) (fun w => b * Y w)), !E_scale; reflexivity.
Qed.

Lemma E_divide : forall (d : R) (X : Omega -> R), E (fun w => X w / d) = E X / d.
Proof.
  intros d X; unfold Rdiv; rewrite (Rmult_comm (E X)), <- E_scale.
  f_equal; apply functional_extensionality; intros w; ring.
Qed.

Variable g : nat -> Omega -> R.

Lemma E_m : forall (beta1 mu : R) (t : nat),
  (forall i, (1 <= i)%nat -> E (g i) = mu) ->
  E (fun w => adam_m beta1 (fun i => g i w) t) = (1 - beta1 ^ t) * mu.
Proof.
  intros beta1 mu t Hmu; induction t as [|s IH].
  - simpl; rewrite E_zero; ring.
  - cbn [adam_m]; unfold adam_m_next.
    rewrite (E_combine beta1 (1 - beta1)
               (fun w => adam_m beta1 (fun i => g i w) s) (g (S s))).
    rewrite IH, Hmu by lia; simpl; ring.
Qed.

Lemma E_v : forall (beta2 nu : R) (t : nat),
  (forall i, (1 <= i)%nat -> E (fun w => g i w ^ 2) = nu) ->
  E (fun w => adam_v beta2 (fun i => g i w) t) = (1 - beta2 ^ t) * nu.
Proof.
  intros beta2 nu t Hnu; induction t as [|s IH].
  - simpl; rewrite E_zero; ring.
  - cbn [adam_v]; unfold adam_v_next.
    rewrite (E_combine beta2 (1 - beta2)
               (fun w => adam_v beta2 (fun i => g i w) s) (fun w => g (S s) w ^ 2)).
    rewrite IH, Hnu by lia; simpl; ring.
Qed.

Theorem m_hat_unbiased : forall (beta1 mu : R) (t : nat),
  0 <= beta1 < 1 -> (1 <= t)%nat ->
  (forall i, (1 <= i)%nat -> E (g i) = mu) ->
  E (fun w => adam_m_hat beta1 (fun i => g i w) t) = mu.
Proof.
  intros beta1 mu t Hbeta Ht Hmu; unfold adam_m_hat, adam_m_hat_of.
  pose proof (one_minus_pow_pos beta1 t Hbeta Ht).
  rewrite (E_divide _ (fun w => adam_m beta1 (fun i => g i w) t)), (E_m _ mu _ Hmu).
  field; lra.
Qed.

Theorem v_hat_unbiased : forall (beta2 nu : R) (t : nat),
  0 <= beta2 < 1 -> (1 <= t)%nat ->
  (forall i, (1 <= i)%nat -> E (fun w => g i w ^ 2) = nu) ->
  E (fun w => adam_v_hat beta2 (fun i => g i w) t) = nu.
Proof.
  intros beta2 nu t Hbeta Ht Hnu; unfold adam_v_hat, adam_v_hat_of.
  pose proof (one_minus_pow_pos beta2 t Hbeta Ht).
  rewrite (E_divide _ (fun w => adam_v beta2 (fun i => g i w) t)), (E_v _ nu _ Hnu).
  field; lra.
Qed.

End Expectation.

(* What each near-miss may assume of E. *)
Definition linear (Omega : Type) (E : (Omega -> R) -> R) : Prop :=
  (forall X Y : Omega -> R, E (fun w => X w + Y w) = E X + E Y)
  /\ (forall (c : R) (X : Omega -> R), E (fun w => c * X w) = c * E X).

(* The counterexamples are certain gradients: all mass at one point. *)
Definition point_mass (X : unit -> R) : R := X tt.

Lemma point_mass_linear : linear unit point_mass.
Proof. split; intros; unfold point_mass; reflexivity. Qed.

Theorem m_unbiased_refuted :
  ~ forall (Omega : Type) (E : (Omega -> R) -> R) (g : nat -> Omega -> R) (beta1 mu : R) (t : nat),
    linear Omega E -> 0 <= beta1 < 1 -> (1 <= t)%nat ->
    (forall i, (1 <= i)%nat -> E (g i) = mu) ->
    E (fun w => adam_m beta1 (fun i => g i w) t) = mu.
Proof.
  intros claim.
  specialize (claim unit point_mass (fun _ _ => 1) (1 / 2) 1 1%nat point_mass_linear
                ltac:(lra) ltac:(lia) ltac:(reflexivity)).
  unfold point_mass in claim; cbn in claim; unfold adam_m_next in claim; lra.
Qed.

Theorem v_unbiased_refuted :
  ~ forall (Omega : Type) (E : (Omega -> R) -> R) (g : nat -> Omega -> R) (beta2 nu : R) (t : nat),
    linear Omega E -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
    (forall i, (1 <= i)%nat -> E (fun w => g i w ^ 2) = nu) ->
    E (fun w => adam_v beta2 (fun i => g i w) t) = nu.
Proof.
  intros claim.
  specialize (claim unit point_mass (fun _ _ => 1) (1 / 2) 1 1%nat point_mass_linear
                ltac:(lra) ltac:(lia) ltac:(intros; unfold point_mass; ring)).
  unfold point_mass in claim; cbn in claim; unfold adam_v_next in claim; lra.
Qed.

Theorem m_hat_unbiased_varying_refuted :
  ~ forall (Omega : Type) (E : (Omega -> R) -> R) (g : nat -> Omega -> R) (beta1 : R) (t : nat),
    linear Omega E -> 0 <= beta1 < 1 -> (1 <= t)%nat ->
    E (fun w => adam_m_hat beta1 (fun i => g i w) t) = E (g t).
Proof.
  intros claim.
  specialize (claim unit point_mass (fun i _ => INR i) (1 / 2) 2%nat point_mass_linear
                ltac:(lra) ltac:(lia)).
  unfold point_mass, adam_m_hat, adam_m_hat_of in claim; cbn in claim.
  unfold adam_m_next in claim; lra.
Qed.

Theorem v_hat_unbiased_varying_refuted :
  ~ forall (Omega : Type) (E : (Omega -> R) -> R) (g : nat -> Omega -> R) (beta2 : R) (t : nat),
    linear Omega E -> 0 <= beta2 < 1 -> (1 <= t)%nat ->
    E (fun w => adam_v_hat beta2 (fun i => g i w) t) = E (fun w => g t w ^ 2).
Proof.
  intros claim.
  specialize (claim unit point_mass (fun i _ => INR i) (1 / 2) 2%nat point_mass_linear
                ltac:(lra) ltac:(lia)).
  unfold point_mass, adam_v_hat, adam_v_hat_of in claim; cbn in claim.
  unfold adam_v_next in claim; lra.
Qed.
