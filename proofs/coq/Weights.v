(* The weights of the exponentially weighted average add up to 1 - beta^t, not to 1:
     (1 - beta) * sum of beta^(t-i) over i = 1 .. t = 1 - beta^t.
   Assumes nothing: any real beta, every t >= 0.
   Source: Kingma & Ba 2015, section 3, between equations 1 and 4 (the reason for the correction).
   Near-miss: they add up to 1. It fails at the very first step, for every beta in (0, 1). *)

From Coq Require Import Reals Lra Lia.
From AdamRef Require Import Sums.
Open Scope R_scope.

Theorem weights_sum : forall (beta : R) (t : nat),
  (1 - beta) * sum_to (fun i => beta ^ (t - i)) t = 1 - beta ^ t.
Proof.
  intros beta t; fold (geometric beta t); induction t as [|s IH].
  - rewrite geometric_0; simpl; ring.
  - rewrite geometric_step; cbn [pow].
    replace (beta * beta ^ s) with (beta * (1 - (1 - beta ^ s))) by ring.
    rewrite <- IH; ring.
Qed.

Theorem weights_sum_to_one_refuted : forall beta : R, 0 < beta < 1 ->
  (1 - beta) * sum_to (fun i => beta ^ (1 - i)) 1 <> 1.
Proof. intros beta Hbeta; simpl; lra. Qed.
