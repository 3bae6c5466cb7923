"""What ``schema.prisma`` has words for, and what it has none for.

https://www.prisma.io/docs/orm/prisma-schema/data-model/unsupported-database-features
"""

from typing import Final

from pgarchitect.schema.database_schema import Index, IndexColumn

_METHODS: Final = frozenset({"btree", "hash", "gin", "gist", "spgist", "brin"})


def is_expressible(index: Index) -> bool:
    """Whether ``@@index`` or ``@@unique`` says all of an index."""
    plain = not (index.where or index.included or index.nulls_not_distinct or index.parameters or index.constraint)
    return plain and index.method in _METHODS and all(map(_is_key, index.columns))


def _is_key(key: IndexColumn) -> bool:
    return not key.expression and not key.collation and key.nulls_first is key.descending
