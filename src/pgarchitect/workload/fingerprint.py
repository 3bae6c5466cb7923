"""The identity of a statement: the same for every constant, spelling of keywords and length of an IN list."""

import hashlib
import re

from sqlglot import exp

from pgarchitect.workload.syntax import UnreadableStatement, parse

_SPACE = re.compile(r"\s+")
_CONSTANT = re.compile(r"\$\d+|'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)


def fingerprint(text: str) -> str:
    """Return 16 hexadecimal digits that identify ``text`` whatever its constants, layout and casing.

    A statement that the parser does not know is identified by its text with constants and layout folded.
    """
    try:
        normal = _normal_tree(parse(text)).sql(dialect="postgres", comments=False)
    except UnreadableStatement:
        normal = _SPACE.sub(" ", _CONSTANT.sub("?", _COMMENT.sub(" ", text))).strip().lower()
    return hashlib.blake2b(normal.encode(), digest_size=8).hexdigest()


def _normal_tree(tree: exp.Expression) -> exp.Expression:
    return tree.transform(_normal_node)


def _normal_node(node: exp.Expression) -> exp.Expression:
    if isinstance(node, (exp.Literal, exp.JSONPath)):
        return exp.Placeholder()
    if isinstance(node, exp.Interval) and isinstance(node.this, exp.Literal):
        return exp.Interval(this=exp.Placeholder())  # a literal is taken apart into number and unit
    if isinstance(node, exp.Identifier) and not node.args.get("quoted"):
        return exp.to_identifier(node.name.lower(), quoted=False)
    if isinstance(node, exp.In) and node.expressions and all(map(_constant, node.expressions)):
        node.set("expressions", [exp.Placeholder()])
    if isinstance(node, (exp.TimestampTrunc, exp.DateTrunc)):
        node.set("unit", exp.Placeholder())  # a literal unit becomes a keyword in the tree, a parameter does not
    return node


def _constant(node: exp.Expression) -> bool:
    return isinstance(node, (exp.Literal, exp.Placeholder))
