"""Statements as syntax trees: parameters made parsable, tables and columns resolved to what they stand for.

sqlglot reads ``($1,$2)`` as a dollar-quoted string and refuses ``date $1``, which is how pg_stat_statements
prints ``date '2026-01-01'``. A parameter is therefore written as the string literal ``'$1'`` before parsing:
a literal may stand wherever a constant may.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError
from sqlglot.parsers.postgres import PostgresParser

# What the parser does not know becomes UnreadableStatement; its own warning must not reach a user's terminal.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_TOKENS = re.compile(
    r"""(?P<skip> "(?:[^"]|"")*" | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | --[^\n]* | /\*.*?\*/
                | (?<![\w$]) \$(?P<tag>[^\W\d]\w*|)\$.*?\$(?P=tag)\$ )
      | (?<![\w$]) \$(?P<number>\d+) """,
    re.VERBOSE | re.DOTALL,
)


_RENAMED = frozenset(
    {
        *("BTRIM", "CEILING", "CHAR_LENGTH", "CHARACTER_LENGTH", "DATE_PART", "LOG10", "MOD"),
        *("POW", "REGEXP_LIKE", "STRPOS", "SUBSTR", "TO_HEX"),
    }
)
"""Functions that the parser takes for others of the same meaning: an index on the other one would not serve."""


class _Parser(PostgresParser):
    FUNCTIONS: ClassVar = {name: made for name, made in PostgresParser.FUNCTIONS.items() if name not in _RENAMED}
    FUNCTION_PARSERS: ClassVar = {
        name: made for name, made in PostgresParser.FUNCTION_PARSERS.items() if name not in _RENAMED
    }


class _AsWritten(Postgres):
    """PostgreSQL's grammar, functions under the names that they were written with."""

    Parser = _Parser


class UnreadableStatement(ValueError):
    """The statement is not in the part of PostgreSQL's grammar that the parser knows."""


def parse(text: str) -> exp.Expression:
    """Parse one statement of PostgreSQL; ``$1`` becomes the string literal ``'$1'``.

    Raises:
        UnreadableStatement: it cannot be parsed.
    """
    try:
        tree = sqlglot.parse_one(with_parameters(text, lambda number: f"'${number}'"), dialect=_AsWritten)
    except (SqlglotError, RecursionError) as error:
        raise UnreadableStatement(str(error).splitlines()[0] if str(error) else "too deep") from error
    if not isinstance(tree, exp.Expression) or isinstance(tree, exp.Command):
        raise UnreadableStatement("not a statement that is understood")
    for path in list(tree.find_all(exp.JSONPath)):
        _restore_parameter(path)
    return tree


def _restore_parameter(path: exp.JSONPath) -> None:
    # ``document -> '$1'`` is read as a path with the key "$1"; it is a parameter like any other.
    key = path.expressions[-1]
    if len(path.expressions) == 2 and isinstance(key, exp.JSONPathKey) and re.fullmatch(r"\$\d+", str(key.this)):
        path.replace(exp.Literal.string(str(key.this)))


def with_parameters(text: str, value: Callable[[int], str]) -> str:
    """Replace each ``$n`` outside quotes and comments by ``value(n)``."""

    def replaced(match: re.Match[str]) -> str:
        return value(int(match["number"])) if match["number"] else match[0]

    return _TOKENS.sub(replaced, text)


def parameter_numbers(text: str) -> tuple[int, ...]:
    """The numbers of the parameters in ``text``, ascending, each once."""
    return tuple(sorted({int(match["number"]) for match in _TOKENS.finditer(text) if match["number"]}))


def parameter_number(node: exp.Expression | None) -> int | None:
    """The parameter that a node stands for, casts and parentheses looked through; None for anything else."""
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    if isinstance(node, exp.Literal) and node.is_string and re.fullmatch(r"\$\d+", node.this):
        return int(node.this[1:])
    return None


def tables(tree: exp.Expr) -> Iterator[exp.Table]:
    """The tables that a statement names, those of its common table expressions' names left out."""
    local = {folded(cte.args["alias"].this) for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.db or folded(table.this) not in local):
            yield table


def plain_names(trees: Iterable[exp.Expr]) -> set[str]:
    """Names, without a schema, of the tables that statements name: what a catalog is asked for."""
    return {table_name(table)[0] for tree in trees for table in tables(tree)}


def folded(identifier: exp.Expr) -> str:
    """A name as the server folds it: lower case unless quoted."""
    return identifier.name if identifier.args.get("quoted") else identifier.name.lower()


def table_name(table: exp.Table) -> tuple[str, str]:
    """Name and schema of a table as the catalog has them; the schema is empty where none is written."""
    return folded(table.this), folded(table.args["db"]) if table.args.get("db") else ""
