"""A migration's script read: tokens, statements, and the forms of DDL that the rules ask about.

The text is read by a reader of our own, not by sqlglot: a rewrite repeats parts of the statement letter by letter,
which sqlglot would spell anew, and much of the DDL that matters here (REFRESH, REINDEX, ALTER TYPE, ATTACH PARTITION,
VALIDATE CONSTRAINT) sqlglot keeps as text that it has not understood.
"""
