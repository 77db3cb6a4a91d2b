(* Without bias correction (and eps = 0) a step is c_t times Adam's on the same gradients, with
   c_t = (1 - beta1^t) / sqrt (1 - beta2^t). At the first step c_1 = (1 - beta1) / sqrt (1 - beta2),
   which at the published rates 9/10 and 999/1000 is sqrt 10.
   Assumes 0 <= beta1 < 1, 0 <= beta2 < 1, v_t > 0, t >= 1.
   Source: Kingma & Ba 2015, Algorithm 1 and section 6.4. Near-miss: c_1 = 1 at those rates. *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Rules Sums.
Open Scope R_scope.

Definition uncorrected_factor (beta1 beta2 : R) (t : nat) : R :=
  (1 - beta1 ^ t) / sqrt (1 - beta2 ^ t).

Theorem uncorrected_step : forall (alpha beta1 beta2 : R) (g : nat -> R) (t : nat),
  0 <= beta1 < 1 -> 0 <= beta2 < 1 -> (1 <= t)%nat -> 0 < adam_v beta2 g t ->
  adam_uncorrected_delta alpha beta1 beta2 0 g t
  = uncorrected_factor beta1 beta2 t * adam_delta alpha beta1 beta2 0 g t.
Proof.
  intros alpha beta1 beta2 g t H1 H2 Ht Hv.
  pose proof (one_minus_pow_pos beta1 t H1 Ht) as P1.
  pose proof (one_minus_pow_pos beta2 t H2 Ht) as P2.
  unfold uncorrected_factor, adam_uncorrected_delta, adam_uncorrected_delta_of.
  unfold adam_delta, adam_delta_of, adam_m_hat, adam_m_hat_of, adam_v_hat, adam_v_hat_of.
  rewrite sqrt_div_alt by exact P2.
  pose proof (sqrt_lt_R0 _ P2) as PS.
  pose proof (sqrt_lt_R0 _ Hv) as PV.
  field; repeat split; lra.
Qed.

Theorem uncorrected_factor_first : forall beta1 beta2 : R,
  uncorrected_factor beta1 beta2 1 = (1 - beta1) / sqrt (1 - beta2).
Proof. intros; unfold uncorrected_factor; rewrite !pow_1; reflexivity. Qed.

Theorem uncorrected_factor_defaults : uncorrected_factor (9 / 10) (999 / 1000) 1 = sqrt 10.
Proof.
  rewrite uncorrected_factor_first.
  replace (1 - 999 / 1000) with ((1 / 100) ^ 2 * 10) by lra.
  rewrite sqrt_scaled, Rabs_pos_eq by lra.
  pose proof (sqrt_lt_R0 10 ltac:(lra)) as P.
  pose proof (sqrt_sqrt 10 ltac:(lra)) as S.
  apply (Rmult_eq_reg_r (1 / 100 * sqrt 10)); [|lra].
  unfold Rdiv at 1; rewrite Rmult_assoc, Rinv_l by lra.
  lra.
Qed.

Theorem uncorrected_factor_one_refuted : uncorrected_factor (9 / 10) (999 / 1000) 1 <> 1.
Proof.
  rewrite uncorrected_factor_defaults; intros claim.
  pose proof (sqrt_sqrt 10 ltac:(lra)) as S; rewrite claim in S; lra.
Qed.
