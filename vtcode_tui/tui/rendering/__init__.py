"""Draws values as Textual ``Content`` and ``Strip``: pure functions, no widgets."""
