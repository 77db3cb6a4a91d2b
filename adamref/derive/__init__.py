"""Derivations: theorems and their proofs as documents, printed from the records."""
