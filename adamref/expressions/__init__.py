"""Arithmetic as people write it by hand: plain text, Unicode and LaTeX, read by one grammar.

Nothing here evaluates text: it is cut into tokens, parsed by a grammar into a small tree, and the
tree is carried out by a carrier of `adamref.numbers`. Length, nesting and exponents are bounded.
"""
