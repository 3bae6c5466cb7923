"""Operator classes: ``ops:`` of a key, and which of them an index would use anyway.

Prisma's names (https://www.prisma.io/docs/orm/prisma-schema/data-model/indexes) are PostgreSQL's in camel case:
``JsonbPathOps`` is ``jsonb_path_ops``.
"""

import re
from collections.abc import Mapping
from typing import Final

from pgarchitect.schema.lowering.built_in_types import BUILT_IN
from pgarchitect.schema.psl.prisma_schema import OperatorClass

_JOINED: Final = (("MinMax", "Minmax"), ("VarBit", "Varbit"), ("Tz", "tz"))
"""Words that PostgreSQL writes as one."""
_BY_VALUE: Final = (BUILT_IN | {"array", "char", "enum", "multirange", "range", "record"}) - {"cidr", "varchar"}
"""Where a B-tree's or hash index's default class is the type's name and ``_ops``; those two have another's."""
_DEFAULTS: Final[Mapping[str, frozenset[str]]] = {
    "brin": frozenset({"box_inclusion_ops", "inet_inclusion_ops", "range_inclusion_ops"}),
    "gin": frozenset({"array_ops", "jsonb_ops", "tsvector_ops"}),
    "gist": frozenset(
        f"{each}_ops" for each in ("box", "circle", "multirange", "point", "poly", "range", "tsquery", "tsvector")
    ),
    "spgist": frozenset(f"{each}_ops" for each in ("box", "inet", "poly", "quad_point", "range", "text")),
}
"""Other methods' classes with ``opcdefault`` in ``pg_opclass`` of PostgreSQL 18; those of extensions are not known."""
_BREAK: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def operator_class_sql(given: OperatorClass) -> str:
    """The operator class as SQL spells it."""
    if given.raw:
        return given.name
    name = given.name
    for apart, joined in _JOINED:
        name = name.replace(apart, joined)
    return _BREAK.sub("_", name).lower()


def is_default(method: str, name: str) -> bool:
    """Whether an index of that method has it for the types that it is made for, without being told."""
    if method in {"btree", "hash"}:
        return name.endswith("_ops") and name.removesuffix("_ops") in _BY_VALUE
    if method == "brin" and name.endswith("_minmax_ops"):
        return name != "inet_minmax_ops"
    return name in _DEFAULTS.get(method, frozenset())
