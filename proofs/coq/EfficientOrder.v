(* The more efficient order of section 2 is Algorithm 1 with another epsilon: the step
   - alpha_t * m_t / (sqrt v_t + eps_hat) is Algorithm 1's if eps_hat = eps * sqrt (1 - beta2^t).
   Assumes 0 <= beta1 < 1, 0 <= beta2 < 1, t >= 1 and sqrt v_hat_t + eps > 0.
   Source: Kingma & Ba 2015, section 2, last paragraph, which does not say how eps_hat depends on t.
   Near-miss: the same with one fixed eps_hat = eps. *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Theorem efficient_order : forall (alpha beta1 beta2 eps : R) (g : nat -> R) (t : nat),
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat -> 0 < sqrt (adam_v_hat beta2 g t) + eps ->
  adam_delta alpha beta1 beta2 eps g t
  = adam_eps_hat_delta alpha beta1 beta2 (eps * sqrt (1 - beta2 ^ t)) g t.
Proof.
  intros alpha beta1 beta2 eps g t H1 H2 Ht Hd.
  pose proof (one_minus_pow_pos beta1 t H1 Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t H2 Ht) as P2.
  unfold adam_delta, adam_delta_of, adam_m_hat, adam_m_hat_of, adam_v_hat, adam_v_hat_of.
  unfold adam_eps_hat_delta, adam_eps_hat_delta_of, adam_eps_hat_alpha_t, adam_eps_hat_alpha_t_of.
  unfold adam_v_hat, adam_v_hat_of in Hd.
  rewrite sqrt_div_alt in * by exact P2.
  pose proof (sqrt_lt_R0 _ P2) as PS.
  assert (0 < sqrt (adam_v beta2 g t) + eps * sqrt (1 - beta2 ^ t)).
  { replace (sqrt (adam_v beta2 g t) + eps * sqrt (1 - beta2 ^ t))
      with ((sqrt (adam_v beta2 g t) / sqrt (1 - beta2 ^ t) + eps) * sqrt (1 - beta2 ^ t))
      by (field; lra).
    apply Rmult_lt_0_compat; assumption. }
  field; repeat split; lra.
Qed.

Theorem efficient_order_fixed_eps_refuted :
  ~ forall (alpha beta1 beta2 eps : R) (g : nat -> R) (t : nat),
    0 < alpha -> 0 <= beta1 < 1 -> 0 <= beta2 < 1 -> 0 < eps -> (1 <= t)%nat ->
    adam_delta alpha beta1 beta2 eps g t = adam_eps_hat_delta alpha beta1 beta2 eps g t.
Proof.
  intros claim.
  specialize (claim 1 (1 / 2) (3 / 4) 1 (fun _ => 1) 1%nat
                ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lia)).
  assert (Hd : 0 < sqrt (adam_v_hat (3 / 4) (fun _ => 1) 1) + 1)
    by (pose proof (sqrt_pos (adam_v_hat (3 / 4) (fun _ => 1) 1)); lra).
  rewrite efficient_order in claim by (lra || lia || exact Hd).
  unfold adam_eps_hat_delta, adam_eps_hat_delta_of in claim.
  unfold adam_eps_hat_alpha_t, adam_eps_hat_alpha_t_of in claim; cbn in claim.
  unfold adam_m_next, adam_v_next in claim.
  rewrite !(sqrt_of_square (1 / 2)) in claim by lra.
  lra.
Qed.
