(* Sums over steps, and small facts about powers and roots that several theorems share.

   sum_to f t is f 1 + f 2 + ... + f t, and 0 where t = 0. geometric rho t is the sum of
   rho^(t-i) over i = 1 .. t, that is 1 + rho + ... + rho^(t-1).
   Nothing here speaks of Adam; no theorem assumes more than it states. *)

From Coq Require Import Reals Lra Lia.
Open Scope R_scope.

Fixpoint sum_to (f : nat -> R) (t : nat) : R :=
  match t with
  | O => 0
  | S before => sum_to f before + f (S before)
  end.

Definition geometric (rho : R) (t : nat) : R := sum_to (fun i => rho ^ (t - i)) t.

Lemma sum_to_ext : forall (f h : nat -> R) (t : nat),
  (forall i, (1 <= i <= t)%nat -> f i = h i) -> sum_to f t = sum_to h t.
Proof.
  intros f h t; induction t as [|s IH]; intros same; simpl.
  - reflexivity.
  - rewrite IH by (intros i Hi; apply same; lia).
    rewrite (same (S s)) by lia. reflexivity.
Qed.

Lemma sum_to_scale : forall (c : R) (f : nat -> R) (t : nat),
  sum_to (fun i => c * f i) t = c * sum_to f t.
Proof.
  intros c f t; induction t as [|s IH]; simpl.
  - ring.
  - rewrite IH; ring.
Qed.

(* One more step multiplies every earlier weight by the rate and adds a term of weight one. *)
Lemma weighted_sum_step : forall (rho : R) (f : nat -> R) (t : nat),
  sum_to (fun i => rho ^ (S t - i) * f i) (S t)
  = rho * sum_to (fun i => rho ^ (t - i) * f i) t + f (S t).
Proof.
  intros rho f t; cbn [sum_to].
  rewrite <- sum_to_scale, Nat.sub_diag; simpl (rho ^ 0).
  rewrite (sum_to_ext (fun i => rho ^ (S t - i) * f i) (fun i => rho * (rho ^ (t - i) * f i))).
  - ring.
  - intros i Hi. replace (S t - i)%nat with (S (t - i)) by lia. simpl; ring.
Qed.

Lemma geometric_0 : forall rho : R, geometric rho 0 = 0.
Proof. reflexivity. Qed.

Lemma geometric_step : forall (rho : R) (t : nat),
  geometric rho (S t) = rho * geometric rho t + 1.
Proof.
  intros rho t; unfold geometric.
  rewrite (sum_to_ext _ (fun i => rho ^ (S t - i) * 1)) by (intros; ring).
  rewrite (weighted_sum_step rho (fun _ => 1) t).
  f_equal; f_equal; apply sum_to_ext; intros; ring.
Qed.

Lemma geometric_nonneg : forall (rho : R) (t : nat), 0 <= rho -> 0 <= geometric rho t.
Proof.
  intros rho t Hrho; induction t as [|s IH].
  - rewrite geometric_0; lra.
  - rewrite geometric_step; pose proof (Rmult_le_pos _ _ Hrho IH); lra.
Qed.

(* 1 - beta^t is positive from the first step on. *)
Lemma one_minus_pow_pos : forall (beta : R) (t : nat),
  0 <= beta < 1 -> (1 <= t)%nat -> 0 < 1 - beta ^ t.
Proof.
  intros beta t Hbeta Ht.
  assert (Hpow : beta ^ t <= beta ^ 1).
  { destruct t as [|s]; [lia|].
    simpl. rewrite Rmult_1_r.
    assert (beta ^ s <= 1).
    { clear Ht; induction s as [|s IH]; simpl; [lra|].
      assert (0 <= beta ^ s) by (apply pow_le; lra).
      nra. }
    assert (0 <= beta ^ s) by (apply pow_le; lra).
    nra. }
  simpl in Hpow; lra.
Qed.

Lemma sqrt_of_square : forall x y : R, 0 <= x -> x * x = y -> sqrt y = x.
Proof. intros x y Hx <-; apply sqrt_square, Hx. Qed.

Lemma sqrt_scaled : forall c x : R, sqrt (c ^ 2 * x) = Rabs c * sqrt x.
Proof.
  intros c x. rewrite sqrt_mult_alt by apply pow2_ge_0.
  rewrite <- Rsqr_pow2, sqrt_Rsqr_abs. reflexivity.
Qed.
