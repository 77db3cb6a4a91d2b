(* Rounding errors of one step of the moments as m <- b*m + w*g and v <- b*v + w*(g*g), in a binary
   format of precision prec with gradual underflow (Flocq's FLT), each operation rounded to nearest
   with any tie rule; u = 2^-prec, eta = 2^(emin-1), half of the smallest positive number.
   Assumes prec > 0 and no overflow; b, w, m, v, g are any reals. Source: Higham 2002, section 2.2
   (the constants 2u + u^2 and 3u + 3u^2 + u^3), sharpened to 2u and 3u by Jeannerod & Rump 2018.
   Near-miss: u in place of these constants, refuted with prec = 3. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core Relative Plus_error.
From AdamRef Require Import Rules.
Open Scope R_scope.

Definition rnd (emin prec : Z) (choice : Z -> bool) (x : R) : R :=
  round radix2 (FLT_exp emin prec) (Znearest choice) x.

Definition unit_roundoff (prec : Z) : R := bpow radix2 (- prec).
Definition underflow (emin : Z) : R := bpow radix2 (emin - 1).

Definition m_float (emin prec : Z) (choice : Z -> bool) (b w m g : R) : R :=
  rnd emin prec choice (rnd emin prec choice (b * m) + rnd emin prec choice (w * g)).

Definition v_float (emin prec : Z) (choice : Z -> bool) (b w v g : R) : R :=
  rnd emin prec choice
    (rnd emin prec choice (b * v)
     + rnd emin prec choice (w * rnd emin prec choice (g * g))).

Section Products_of_errors.

(* q = u / (1 + u) bounds the relative error of one operation. *)
Variables u q : R.
Hypothesis u_pos : 0 <= u.
Hypothesis q_pos : 0 <= q.
Hypothesis q_u : q * (1 + u) = u.

Lemma one_error : forall a : R, Rabs a <= q -> Rabs (1 + a) <= 1 + u.
Proof.
  intros a Ha; apply Rle_trans with (1 := Rabs_triang _ _); rewrite Rabs_R1.
  assert (0 <= q * u) by (apply Rmult_le_pos; assumption). lra.
Qed.

Lemma q_step : forall a c k : R, Rabs a <= q -> Rabs (c - 1) <= k ->
  Rabs ((1 + a) * c - 1) <= q + k + q * k.
Proof.
  intros a c k Ha Hc.
  replace ((1 + a) * c - 1) with (a + (c - 1) + a * (c - 1)) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _); apply Rplus_le_compat.
  - apply Rle_trans with (1 := Rabs_triang _ _); apply Rplus_le_compat; assumption.
  - rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos.
Qed.

Lemma two_errors : forall a c : R, Rabs a <= q -> Rabs c <= q ->
  Rabs ((1 + a) * (1 + c) - 1) <= 2 * u.
Proof.
  intros a c Ha Hc.
  apply Rle_trans with (q + q + q * q).
  - apply q_step; [exact Ha|]. replace (1 + c - 1) with c by ring; exact Hc.
  - nra.
Qed.

Lemma three_errors : forall a c d : R, Rabs a <= q -> Rabs c <= q -> Rabs d <= q ->
  Rabs ((1 + a) * ((1 + c) * (1 + d)) - 1) <= 3 * u.
Proof.
  intros a c d Ha Hc Hd.
  apply Rle_trans with (q + (q + q + q * q) + q * (q + q + q * q)).
  - apply q_step; [exact Ha|]; apply q_step; [exact Hc|].
    replace (1 + d - 1) with d by ring; exact Hd.
  - assert (q <= u) by nra.
    assert (q <= 1) by nra.
    assert (0 <= q * q) by nra.
    assert (q * (q * q) <= 1 * (q * q)) by (apply Rmult_le_compat_r; assumption).
    nra.
Qed.

End Products_of_errors.

Section Errors.

Variables emin prec : Z.
Variable choice : Z -> bool.
Hypothesis prec_pos : (0 < prec)%Z.

Let rounded : R -> R := rnd emin prec choice.
Let u : R := unit_roundoff prec.
Let eta : R := underflow emin.
Let q : R := u / (1 + u).

Local Instance prec_gt_0 : Prec_gt_0 prec := prec_pos.

Lemma u_is_u_ro : u_ro radix2 prec = u.
Proof.
  unfold u_ro, u, unit_roundoff; rewrite bpow_plus_1; simpl (IZR radix2); field.
Qed.

Lemma u_nonneg : 0 <= u.
Proof. apply bpow_ge_0. Qed.

Lemma eta_nonneg : 0 <= eta.
Proof. apply bpow_ge_0. Qed.

Lemma q_nonneg : 0 <= q.
Proof. pose proof u_nonneg; apply Rle_mult_inv_pos; lra. Qed.

Lemma q_times : q * (1 + u) = u.
Proof. pose proof u_nonneg; unfold q; field; lra. Qed.

Lemma rounded_product : forall x : R, exists e h : R,
  Rabs e <= q /\ Rabs h <= eta /\ rounded x = x * (1 + e) + h.
Proof.
  intros x.
  destruct (relative_error_N_FLT'_ex radix2 emin prec prec_pos choice x)
    as (e & h & He & Hh & _ & Hx).
  exists e, h; rewrite u_is_u_ro in He; repeat split; [exact He| |exact Hx].
  replace eta with (/ 2 * bpow radix2 emin); [exact Hh|].
  unfold eta, underflow; replace (bpow radix2 emin) with (bpow radix2 (emin - 1 + 1))
    by (f_equal; lia).
  rewrite bpow_plus_1; simpl (IZR radix2); field.
Qed.

(* A sum of two numbers of the format never underflows. *)
Lemma rounded_sum : forall x y : R, exists e : R,
  Rabs e <= q /\ rounded (rounded x + rounded y) = (rounded x + rounded y) * (1 + e).
Proof.
  intros x y.
  destruct (FLT_plus_error_N_ex radix2 emin prec choice (rounded x) (rounded y))
    as (e & He & Hs).
  - apply generic_format_round; typeclasses eauto.
  - apply generic_format_round; typeclasses eauto.
  - exists e; rewrite u_is_u_ro in He; split; [exact He|exact Hs].
Qed.

Lemma abs_mult_le : forall a c x y : R, Rabs a <= x -> Rabs c <= y -> Rabs (a * c) <= x * y.
Proof. intros; rewrite Rabs_mult; apply Rmult_le_compat; auto using Rabs_pos. Qed.

Lemma abs_plus_le : forall a c x y : R, Rabs a <= x -> Rabs c <= y -> Rabs (a + c) <= x + y.
Proof.
  intros a c x y Ha Hc; apply Rle_trans with (1 := Rabs_triang _ _).
  apply Rplus_le_compat; assumption.
Qed.

Theorem m_rounding_error_sharp : forall b w m g : R,
  Rabs (m_float emin prec choice b w m g - (b * m + w * g))
  <= 2 * u * (Rabs (b * m) + Rabs (w * g)) + 2 * (1 + u) * eta.
Proof.
  intros b w m g.
  change (m_float emin prec choice b w m g) with (rounded (rounded (b * m) + rounded (w * g))).
  destruct (rounded_sum (b * m) (w * g)) as (e3 & H3 & ->).
  destruct (rounded_product (b * m)) as (e1 & h1 & H1 & K1 & ->).
  destruct (rounded_product (w * g)) as (e2 & h2 & H2 & K2 & ->).
  replace ((b * m * (1 + e1) + h1 + (w * g * (1 + e2) + h2)) * (1 + e3) - (b * m + w * g))
    with (((1 + e1) * (1 + e3) - 1) * (b * m) + ((1 + e2) * (1 + e3) - 1) * (w * g)
          + (1 + e3) * (h1 + h2)) by ring.
  replace (2 * u * (Rabs (b * m) + Rabs (w * g)) + 2 * (1 + u) * eta)
    with (2 * u * Rabs (b * m) + 2 * u * Rabs (w * g) + (1 + u) * (eta + eta)) by ring.
  pose proof u_nonneg; pose proof q_nonneg; pose proof q_times.
  repeat apply abs_plus_le; try apply abs_mult_le; try apply Rle_refl.
  - apply two_errors with q; assumption.
  - apply two_errors with q; assumption.
  - apply one_error with q; assumption.
  - apply abs_plus_le; assumption.
Qed.

Theorem m_rounding_error : forall b w m g : R,
  Rabs (m_float emin prec choice b w m g - (b * m + w * g))
  <= (2 * u + u ^ 2) * (Rabs (b * m) + Rabs (w * g)) + 2 * (1 + u) * eta.
Proof.
  intros b w m g; apply Rle_trans with (1 := m_rounding_error_sharp b w m g).
  apply Rplus_le_compat_r, Rmult_le_compat_r.
  - pose proof (Rabs_pos (b * m)); pose proof (Rabs_pos (w * g)); lra.
  - pose proof (pow2_ge_0 u); lra.
Qed.

Theorem v_rounding_error_sharp : forall b w v g : R,
  Rabs (v_float emin prec choice b w v g - (b * v + w * g ^ 2))
  <= 2 * u * Rabs (b * v) + 3 * u * Rabs (w * g ^ 2)
     + (1 + u) * (2 + (1 + u) * Rabs w) * eta.
Proof.
  intros b w v g.
  change (v_float emin prec choice b w v g)
    with (rounded (rounded (b * v) + rounded (w * rounded (g * g)))).
  destruct (rounded_sum (b * v) (w * rounded (g * g))) as (e4 & H4 & ->).
  destruct (rounded_product (b * v)) as (e1 & h1 & H1 & K1 & ->).
  destruct (rounded_product (w * rounded (g * g))) as (e3 & h3 & H3 & K3 & ->).
  destruct (rounded_product (g * g)) as (e2 & h2 & H2 & K2 & ->).
  replace ((b * v * (1 + e1) + h1 + (w * (g * g * (1 + e2) + h2) * (1 + e3) + h3)) * (1 + e4)
           - (b * v + w * g ^ 2))
    with (((1 + e1) * (1 + e4) - 1) * (b * v)
          + ((1 + e2) * ((1 + e3) * (1 + e4)) - 1) * (w * g ^ 2)
          + (1 + e4) * (h1 + h3 + (1 + e3) * (w * h2))) by ring.
  replace ((1 + u) * (2 + (1 + u) * Rabs w) * eta)
    with ((1 + u) * (eta + eta + (1 + u) * (Rabs w * eta))) by ring.
  pose proof u_nonneg; pose proof q_nonneg; pose proof q_times.
  repeat apply abs_plus_le; try apply abs_mult_le; try apply Rle_refl.
  - apply two_errors with q; assumption.
  - apply three_errors with q; assumption.
  - apply one_error with q; assumption.
  - repeat apply abs_plus_le; try assumption.
    apply abs_mult_le; [apply one_error with q; assumption|].
    apply abs_mult_le; [apply Rle_refl|assumption].
Qed.

Theorem v_rounding_error : forall b w v g : R,
  Rabs (v_float emin prec choice b w v g - (b * v + w * g ^ 2))
  <= (2 * u + u ^ 2) * Rabs (b * v) + (3 * u + 3 * u ^ 2 + u ^ 3) * Rabs (w * g ^ 2)
     + (1 + u) * (2 + (1 + u) * Rabs w) * eta.
Proof.
  intros b w v g; apply Rle_trans with (1 := v_rounding_error_sharp b w v g).
  pose proof (pow_le u 2 u_nonneg); pose proof (pow_le u 3 u_nonneg).
  apply Rplus_le_compat_r, Rplus_le_compat; apply Rmult_le_compat_r; try apply Rabs_pos; lra.
Qed.

(* The lines of the rule, where the weight of the gradient is 1 - beta itself. *)
Theorem m_next_rounding_error : forall beta1 m_prev g : R,
  Rabs (m_float emin prec choice beta1 (1 - beta1) m_prev g - adam_m_next beta1 m_prev g)
  <= (2 * u + u ^ 2) * (Rabs (beta1 * m_prev) + Rabs ((1 - beta1) * g)) + 2 * (1 + u) * eta.
Proof. intros; apply m_rounding_error. Qed.

Theorem v_next_rounding_error : forall beta2 v_prev g : R,
  Rabs (v_float emin prec choice beta2 (1 - beta2) v_prev g - adam_v_next beta2 v_prev g)
  <= (2 * u + u ^ 2) * Rabs (beta2 * v_prev)
     + (3 * u + 3 * u ^ 2 + u ^ 3) * Rabs ((1 - beta2) * g ^ 2)
     + (1 + u) * (2 + (1 + u) * Rabs (1 - beta2)) * eta.
Proof. intros; apply v_rounding_error. Qed.

End Errors.

(* Counterexample: prec = 3, b = 5/8, w = 3/8 = 1 - b, m = v = 7/4; no operation meets a tie. *)

Lemma rnd_value : forall (emin prec e n : Z) (choice : Z -> bool) (x : R),
  (emin <= e - prec)%Z -> bpow radix2 (e - 1) <= Rabs x < bpow radix2 e ->
  Rabs (x * bpow radix2 (prec - e) - IZR n) < / 2 ->
  rnd emin prec choice x = IZR n * bpow radix2 (e - prec).
Proof.
  intros emin prec e n choice x He Hx Hn.
  unfold rnd, round, scaled_mantissa, cexp; rewrite (mag_unique radix2 x e Hx).
  unfold FLT_exp; rewrite Z.max_l by exact He.
  replace (- (e - prec))%Z with (prec - e)%Z by lia.
  rewrite (Znearest_imp choice _ n Hn); reflexivity.
Qed.

Lemma format_value : forall (n e : Z) (x : R),
  x = IZR n * bpow radix2 e -> (Z.abs n < 8)%Z -> (-20 <= e)%Z ->
  generic_format radix2 (FLT_exp (-20) 3) x.
Proof.
  intros n e x Hx Hn He; apply generic_format_FLT.
  exists (Float radix2 n e); [exact Hx|exact Hn|exact He].
Qed.

(* Replaces the rounding of x by y = n * 2^(e-3), where 2^(e-1) <= x < 2^e. *)
Ltac round_to x y n e :=
  replace (rnd (-20) 3 (fun _ => true) x) with y;
  [ | rewrite (rnd_value (-20) 3 e n);
      [ simpl; lra | lia | simpl; rewrite Rabs_pos_eq; lra | simpl; apply Rabs_def1; lra ] ].

Theorem m_rounding_error_u_refuted :
  ~ forall (emin prec : Z) (choice : Z -> bool) (b w m g : R),
    (0 < prec)%Z ->
    generic_format radix2 (FLT_exp emin prec) b -> generic_format radix2 (FLT_exp emin prec) w ->
    generic_format radix2 (FLT_exp emin prec) m -> generic_format radix2 (FLT_exp emin prec) g ->
    Rabs (m_float emin prec choice b w m g - (b * m + w * g))
    <= unit_roundoff prec * (Rabs (b * m) + Rabs (w * g))
       + 2 * (1 + unit_roundoff prec) * underflow emin.
Proof.
  intros claim.
  specialize (claim (-20)%Z 3%Z (fun _ => true) (5 / 8) (3 / 8) (7 / 4) (1 / 4) ltac:(lia)).
  specialize (claim ltac:(apply (format_value 5 (-3)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 3 (-3)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 7 (-2)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 1 (-2)); [simpl; lra|lia|lia])).
  assert (value : m_float (-20) 3 (fun _ => true) (5 / 8) (3 / 8) (7 / 4) (1 / 4) = 1).
  { unfold m_float.
    round_to (5 / 8 * (7 / 4)) 1 4%Z 1%Z.
    round_to (3 / 8 * (1 / 4)) (3 / 32) 6%Z (-3)%Z.
    round_to (1 + 3 / 32) 1 4%Z 1%Z; reflexivity. }
  rewrite value in claim; unfold unit_roundoff, underflow in claim; simpl in claim.
  rewrite (Rabs_left (1 - _)), !Rabs_pos_eq in claim by lra.
  lra.
Qed.

Theorem v_rounding_error_u_refuted :
  ~ forall (emin prec : Z) (choice : Z -> bool) (b w v g : R),
    (0 < prec)%Z ->
    generic_format radix2 (FLT_exp emin prec) b -> generic_format radix2 (FLT_exp emin prec) w ->
    generic_format radix2 (FLT_exp emin prec) v -> generic_format radix2 (FLT_exp emin prec) g ->
    Rabs (v_float emin prec choice b w v g - (b * v + w * g ^ 2))
    <= unit_roundoff prec * (Rabs (b * v) + Rabs (w * g ^ 2))
       + (1 + unit_roundoff prec) * (2 + (1 + unit_roundoff prec) * Rabs w) * underflow emin.
Proof.
  intros claim.
  specialize (claim (-20)%Z 3%Z (fun _ => true) (5 / 8) (3 / 8) (7 / 4) (1 / 2) ltac:(lia)).
  specialize (claim ltac:(apply (format_value 5 (-3)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 3 (-3)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 7 (-2)); [simpl; lra|lia|lia])).
  specialize (claim ltac:(apply (format_value 1 (-1)); [simpl; lra|lia|lia])).
  assert (value : v_float (-20) 3 (fun _ => true) (5 / 8) (3 / 8) (7 / 4) (1 / 2) = 1).
  { unfold v_float.
    round_to (1 / 2 * (1 / 2)) (1 / 4) 4%Z (-1)%Z.
    round_to (5 / 8 * (7 / 4)) 1 4%Z 1%Z.
    round_to (3 / 8 * (1 / 4)) (3 / 32) 6%Z (-3)%Z.
    round_to (1 + 3 / 32) 1 4%Z 1%Z; reflexivity. }
  rewrite value in claim; unfold unit_roundoff, underflow in claim; simpl in claim.
  rewrite (Rabs_left (1 - _)), !Rabs_pos_eq in claim by lra.
  lra.
Qed.
