"""A running optimizer, judged step by step: every so often some elements of each tensor.

What an optimizer was given and what it held before and after a step is seen by one module for each
framework (``in_torch``, …); from there on a watched step is a step between two states, and is
judged as `adamref.replay` judges it, with its gradient known. No framework is imported here: who
has an optimizer of one has it imported.
"""
