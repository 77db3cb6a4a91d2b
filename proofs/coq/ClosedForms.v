(* The moments are exponentially weighted sums of the gradients:
     m_t = (1 - beta1) * sum of beta1^(t-i) * g_i over i = 1 .. t,
     v_t = (1 - beta2) * sum of beta2^(t-i) * g_i^2 over i = 1 .. t.
   Assumes nothing: any real rates, any gradients, every t >= 0 (with 0^0 = 1, as Coq's pow has it).
   Source: Kingma & Ba 2015, section 3, equation 1. Near-miss: the sum taken from i = 0. *)

From Coq Require Import Reals Lra.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Theorem m_closed_form : forall (beta1 : R) (g : nat -> R) (t : nat),
  adam_m beta1 g t = (1 - beta1) * sum_to (fun i => beta1 ^ (t - i) * g i) t.
Proof.
  intros beta1 g t; induction t as [|s IH].
  - simpl; ring.
  - rewrite weighted_sum_step. cbn [adam_m]; unfold adam_m_next.
    rewrite IH; ring.
Qed.

Theorem v_closed_form : forall (beta2 : R) (g : nat -> R) (t : nat),
  adam_v beta2 g t = (1 - beta2) * sum_to (fun i => beta2 ^ (t - i) * g i ^ 2) t.
Proof.
  intros beta2 g t; induction t as [|s IH].
  - simpl; ring.
  - rewrite (weighted_sum_step beta2 (fun i => g i ^ 2)). cbn [adam_v]; unfold adam_v_next.
    rewrite IH; ring.
Qed.

Theorem m_sum_from_zero_refuted :
  ~ forall (beta1 : R) (g : nat -> R) (t : nat), 0 < beta1 < 1 ->
    adam_m beta1 g t
    = (1 - beta1) * (beta1 ^ t * g O + sum_to (fun i => beta1 ^ (t - i) * g i) t).
Proof.
  intros claim.
  specialize (claim (1 / 2) (fun _ => 1) 1%nat ltac:(lra)).
  cbn in claim; unfold adam_m_next in claim; lra.
Qed.

Theorem v_sum_from_zero_refuted :
  ~ forall (beta2 : R) (g : nat -> R) (t : nat), 0 < beta2 < 1 ->
    adam_v beta2 g t
    = (1 - beta2) * (beta2 ^ t * g O ^ 2 + sum_to (fun i => beta2 ^ (t - i) * g i ^ 2) t).
Proof.
  intros claim.
  specialize (claim (1 / 2) (fun _ => 1) 1%nat ltac:(lra)).
  cbn in claim; unfold adam_v_next in claim; lra.
Qed.
