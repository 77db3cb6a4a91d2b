"""The proof checker: what decides whether a theorem is proved, and nothing that knows Adam.

This is the trusted core. A false theorem that is PROVED has slipped through these files: the normal
form that decides an identity (`normal`), what is known at a step, the signs that can be read
off it and what may be put in (`context`), the inferences, and that the steps add up to the claim
(`check`). Nothing here imports rules, runs of them, or any theorem; what gives the functions of a
theorem their meaning is handed in (`facts.Recurrence`), and its equations are taken as definitions.
Keep it small: what only makes proofs shorter to write is built of it elsewhere, and what gives a
second opinion on a step is not trusted (`smt`). `size` counts it.
"""
