(* Adam's step does not depend on the scale of the gradients, if epsilon is scaled with them:
   gradients c * g_i and epsilon |c| * eps give (c / |c|) times the step; with eps = 0 and c > 0 the
   step is the same. Assumes c <> 0 and a denominator sqrt v_hat_t + eps > 0 (where eps = 0, that
   v_hat_t > 0); any rates. Source: Kingma & Ba 2015, section 2.1, last paragraph.
   Near-miss: the same with a fixed epsilon > 0. *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Lemma m_scaled : forall (beta1 c : R) (g : nat -> R) (t : nat),
  adam_m beta1 (fun i => c * g i) t = c * adam_m beta1 g t.
Proof.
  intros beta1 c g t; induction t as [|s IH]; simpl.
  - ring.
  - unfold adam_m_next; rewrite IH; ring.
Qed.

Lemma v_scaled : forall (beta2 c : R) (g : nat -> R) (t : nat),
  adam_v beta2 (fun i => c * g i) t = c ^ 2 * adam_v beta2 g t.
Proof.
  intros beta2 c g t; induction t as [|s IH]; cbn [adam_v].
  - ring.
  - unfold adam_v_next; rewrite IH; ring.
Qed.

Theorem scale_with_eps : forall (alpha beta1 beta2 eps c : R) (g : nat -> R) (t : nat),
  c <> 0 -> 0 < sqrt (adam_v_hat beta2 g t) + eps ->
  adam_delta alpha beta1 beta2 (Rabs c * eps) (fun i => c * g i) t
  = c / Rabs c * adam_delta alpha beta1 beta2 eps g t.
Proof.
  intros alpha beta1 beta2 eps c g t Hc Hd.
  pose proof (Rabs_pos_lt c Hc) as Ha.
  unfold adam_delta, adam_delta_of.
  replace (adam_m_hat beta1 (fun i => c * g i) t) with (c * adam_m_hat beta1 g t)
    by (unfold adam_m_hat, adam_m_hat_of; rewrite m_scaled; unfold Rdiv; ring).
  replace (adam_v_hat beta2 (fun i => c * g i) t) with (c ^ 2 * adam_v_hat beta2 g t)
    by (unfold adam_v_hat, adam_v_hat_of; rewrite v_scaled; unfold Rdiv; ring).
  rewrite sqrt_scaled.
  pose proof (Rmult_lt_0_compat _ _ Ha Hd).
  field; repeat split; lra.
Qed.

Theorem scale_without_eps : forall (alpha beta1 beta2 c : R) (g : nat -> R) (t : nat),
  0 < c -> 0 < adam_v_hat beta2 g t ->
  adam_delta alpha beta1 beta2 0 (fun i => c * g i) t = adam_delta alpha beta1 beta2 0 g t.
Proof.
  intros alpha beta1 beta2 c g t Hc Hv.
  pose proof (sqrt_lt_R0 _ Hv) as Hs.
  pose proof (scale_with_eps alpha beta1 beta2 0 c g t ltac:(lra) ltac:(lra)) as scaled.
  rewrite Rmult_0_r in scaled; rewrite scaled.
  rewrite Rabs_pos_eq by lra; field; lra.
Qed.

Theorem scale_fixed_eps_refuted :
  ~ forall (alpha beta1 beta2 eps c : R) (g : nat -> R) (t : nat),
    0 < alpha -> 0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < eps -> 0 < c -> (1 <= t)%nat ->
    adam_delta alpha beta1 beta2 eps (fun i => c * g i) t = adam_delta alpha beta1 beta2 eps g t.
Proof.
  intros claim.
  specialize (claim 1 (1 / 2) (3 / 4) 1 2 (fun _ => 1) 1%nat
                ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lia)).
  unfold adam_delta, adam_delta_of, adam_m_hat, adam_m_hat_of, adam_v_hat, adam_v_hat_of in claim.
  cbn in claim; unfold adam_m_next, adam_v_next in claim.
  rewrite (sqrt_of_square 2), (sqrt_of_square 1) in claim by lra.
  lra.
Qed.
