"""Indexes on what is inside a value: GIN for documents, arrays, words and trigrams, GiST for ranges of values.

(PostgreSQL documentation, "jsonb Indexing", "Preferred Index Types for Text Search", "pg_trgm", "Range Types".)
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pgarchitect.candidates.index_definition import IndexDefinition, IndexKey
from pgarchitect.candidates.table_use import Key, TableUse
from pgarchitect.schema.catalog import Catalog, Column

TRIGRAMS: Final = "pg_trgm"
_PATHS: Final = "jsonb_path_ops"
_VECTOR_OF: Final = re.compile(r"\(TO_TSVECTOR\((CAST\()?'", re.IGNORECASE)
"""Text search vectors made with a configuration that is named: without, they depend on a setting."""
_INNER_DOCUMENT: Final = re.compile(r" (->|#>) '[^']*'\)$")

Found = tuple[IndexDefinition, str]


def inverted_indexes(use: TableUse, catalog: Catalog) -> Iterator[Found]:
    """Definitions, with the reason as a clause; those for trigrams only where ``catalog`` knows their class."""
    for key in use.contained:
        yield from _contained(use, key)
    for key in use.with_keys:
        if _is_document(key):
            yield _gin(use, key), f"asks for documents that have a key in {key.sql}"
    for key in use.words:
        yield from _words(use, key)
    for key in use.searched if catalog.trigram_class else ():
        if key.column.category == "S":
            definition = _gin(use, key, catalog.trigram_class)
            extension = TRIGRAMS if TRIGRAMS in catalog.uncreated else ""
            yield replace(definition, extension=extension), f"looks for a piece of text in {key.sql}"


def _contained(use: TableUse, key: Key) -> Iterator[Found]:
    reason = f"asks for documents or arrays of {key.sql} that contain something"
    if _is_document(key):
        yield _gin(use, key, _PATHS), reason
    elif not key.expression and key.column.type.endswith("[]") and "gin" in key.column.methods:
        yield _gin(use, key), reason
    elif not key.expression and _is_range(key.column):
        yield IndexDefinition(use.table, (IndexKey(key.sql),), "gist"), f"compares ranges of {key.sql}"


def _words(use: TableUse, key: Key) -> Iterator[Found]:
    if _is_document(key):
        yield _gin(use, key, _PATHS), f"asks for documents of {key.sql} by a path"
    elif key.column.type == "tsvector" or (key.expression and _VECTOR_OF.match(key.sql)):
        yield _gin(use, key), f"searches {key.sql} for words"


def _is_document(key: Key) -> bool:
    if key.column.type != "jsonb":
        return False
    return not key.expression or _INNER_DOCUMENT.search(key.sql) is not None


def _is_range(column: Column) -> bool:
    return column.type.endswith("range") and "gist" in column.methods


def _gin(use: TableUse, key: Key, operator_class: str = "") -> IndexDefinition:
    return IndexDefinition(use.table, (IndexKey(key.sql, operator_class=operator_class),), "gin")
