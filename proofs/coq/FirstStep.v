(* Adam's first step is  - alpha * g / (|g| + eps),  whatever the rates are; so is every later step
   while the gradient stays the same.
   Assumes 0 <= beta1 < 1, 0 <= beta2 < 1 and a denominator |g| + eps > 0.
   Source: follows from Kingma & Ba 2015, Algorithm 1; the size of a step is discussed in section
   2.1. Near-miss: the rule without bias correction makes the same first step. *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Lemma m_constant : forall (beta1 c : R) (t : nat),
  adam_m beta1 (fun _ => c) t = (1 - beta1 ^ t) * c.
Proof.
  intros beta1 c t; induction t as [|s IH]; simpl.
  - ring.
  - unfold adam_m_next; rewrite IH; ring.
Qed.

Lemma v_constant : forall (beta2 c : R) (t : nat),
  adam_v beta2 (fun _ => c) t = (1 - beta2 ^ t) * c ^ 2.
Proof.
  intros beta2 c t; induction t as [|s IH].
  - simpl; ring.
  - cbn [adam_v]; unfold adam_v_next; rewrite IH; simpl; ring.
Qed.

Theorem constant_gradient_step : forall (alpha beta1 beta2 eps c : R) (t : nat),
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < Rabs c + eps -> (1 <= t)%nat ->
  adam_delta alpha beta1 beta2 eps (fun _ => c) t = - alpha * c / (Rabs c + eps).
Proof.
  intros alpha beta1 beta2 eps c t H1 H2 Hd Ht.
  pose proof (one_minus_pow_pos beta1 t H1 Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t H2 Ht) as P2.
  unfold adam_delta, adam_delta_of, adam_m_hat, adam_m_hat_of, adam_v_hat, adam_v_hat_of.
  rewrite m_constant, v_constant.
  replace ((1 - beta2 ^ t) * c ^ 2 / (1 - beta2 ^ t)) with (Rsqr c) by (unfold Rsqr; field; lra).
  rewrite sqrt_Rsqr_abs; field; lra.
Qed.

Theorem first_step : forall (alpha beta1 beta2 eps : R) (g : nat -> R),
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < Rabs (g 1%nat) + eps ->
  adam_delta alpha beta1 beta2 eps g 1 = - alpha * g 1%nat / (Rabs (g 1%nat) + eps).
Proof.
  intros alpha beta1 beta2 eps g H1 H2 Hd.
  exact (constant_gradient_step alpha beta1 beta2 eps (g 1%nat) 1 H1 H2 Hd (le_n 1)).
Qed.

Theorem first_step_uncorrected_refuted :
  ~ forall (alpha beta1 beta2 eps : R) (g : nat -> R),
    0 < alpha -> 0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < eps ->
    adam_uncorrected_delta alpha beta1 beta2 eps g 1
    = - alpha * g 1%nat / (Rabs (g 1%nat) + eps).
Proof.
  intros claim.
  specialize (claim 1 (1 / 2) (3 / 4) 1 (fun _ => 1)
                ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)).
  unfold adam_uncorrected_delta, adam_uncorrected_delta_of in claim; cbn in claim.
  unfold adam_m_next, adam_v_next in claim.
  rewrite Rabs_R1, (sqrt_of_square (1 / 2)) in claim by lra.
  lra.
Qed.
