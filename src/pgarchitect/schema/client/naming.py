"""Names of models and fields in Python: ``BehaviorLog`` → ``behavior_log``, ``userId`` → ``user_id``."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pgarchitect.schema.mirrors import names
from pgarchitect.schema.mirrors.names import each_once, upper_first
from pgarchitect.schema.mirrors.python_types import TAKEN
from pgarchitect.schema.psl.prisma_schema import Model, PrismaSchema

_TAKEN: Final = frozenset(
    {
        "AND",
        "NOT",
        "OR",
        "analytics",
        "dsn",
        "execute",
        "explain",
        "in_transaction",
        "listen",
        "notify",
        "pool",
        "query",
        "query_as",
        "savepoint",
        "tables",
        "transaction",
        "validates",
    }
)
"""What a database object has already, and the words of conditions."""


_CLASSES: Final = frozenset(
    """
    Any AsyncDatabase AsyncTransaction BooleanFilter BytesFilter ColumnShape CountOrder Database DateFilter
    DateTimeFilter Decimal DecimalFilter DocumentFilter Final FloatFilter IntFilter JoinTable Json JsonFilter
    ListFilter ListUpdate Literal Mapping NOT_LOADED NotRequired NumberUpdate OtherFilter RelationShape Sequence Sort
    StringFilter Struct TABLES TYPE_CHECKING TableShape TimeFilter Transaction TypedDict UUID UuidFilter ValueKind
    WriteRule
    """.split()  # noqa: SIM905  # a line a name would hide the rest of this file
)
"""What the module imports, and its own classes that are there once."""
_BESIDE: Final = (
    *(
        "Args",
        "Create",
        "CreateMany",
        "CountArgs",
        "CreateNested",
        "Field",
        "Filter",
        "Include",
        "IncludeCount",
        "Is",
        "One",
        "Order",
        "Some",
        "Table",
        "Unique",
    ),
    *("Update", "UpdateMany", "Where"),
)
"""What stands behind a model's or an enum's class in the names of the types that belong to it."""


_WRITTEN: Final = re.compile(r"(.+?)Create(?:By|Without|ManyWithout)")


@lru_cache(maxsize=4096)
def snake(name: str) -> str:
    """A name in lower case with underscores, never a keyword, nor a word of the client's own."""
    made = names.snake(name)
    return f"{made}_" if made in _TAKEN else made


def accessors(schema: PrismaSchema) -> Mapping[str, str]:
    """Model → the attribute of the database that stands for it; each once."""
    return _unique(tuple(model.name for model in schema.models))


def field_names(model: Model) -> Mapping[str, str]:
    """Field → its name in Python; each once."""
    return _unique(tuple(field.name for field in model.fields), TAKEN)


def counts_name(model: Model) -> str:
    """What a row calls the numbers of rows that its relations lead to."""
    taken = set(field_names(model).values())
    return next(name for name in ("counts", "counts_", "counts__", "counts___") if name not in taken)


@lru_cache(maxsize=4096)
def _unique(wanted: tuple[str, ...], taken: frozenset[str] = frozenset()) -> Mapping[str, str]:
    return MappingProxyType(dict(each_once([(name, snake(name)) for name in wanted], taken)))


_last: dict[int, tuple[PrismaSchema, Mapping[str, str]]] = {}
"""The schema that was asked about last: to make a cache's key of the names of all its models takes 20 µs."""


def class_names(schema: PrismaSchema) -> Mapping[str, str]:
    """Model or enum → its class in the module; one whose name stands for something else there gets a suffix."""
    known = _last.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    models, enums = (tuple(each.name for each in nouns) for nouns in (schema.models, schema.enums))
    made = _classes(models, enums, frozenset(name for model in schema.models for name in key_types(model).values()))
    _last.clear()
    _last[id(schema)] = (schema, made)
    return made


def key_types(model: Model) -> Mapping[tuple[str, ...], str]:
    """Unique key of a model → the name of its type, if the model's class is called as the model is."""
    keys = [tuple(each.field for each in model.primary_key.fields)] if model.primary_key else []
    keys += [tuple(f.field for f in each.fields) for each in model.indexes if each.unique and not each.where]
    keys = list(dict.fromkeys(keys))
    made = each_once([(repr(key), f"{upper_first(model.name)}By{''.join(map(upper_first, key))}") for key in keys])
    return {key: made[repr(key)] for key in keys}


@lru_cache(maxsize=64)
def _classes(models: tuple[str, ...], enums: tuple[str, ...], keys: frozenset[str]) -> Mapping[str, str]:
    wanted = {name: upper_first(name) for name in models} | {name: name for name in enums}
    beside = {f"{each}{suffix}" for each in wanted.values() for suffix in _BESIDE} | _CLASSES | keys
    beside |= {f"Async{each}" for each in wanted.values()}

    def is_taken(name: str) -> bool:
        return name in beside or any(f"{name}{suffix}" in _CLASSES for suffix in _BESIDE) or _is_written(name, wanted)

    free = {name: made for name, made in wanted.items() if not is_taken(made)}
    taken = {name: f"{made}{'Enum' if name in enums else 'Row'}" for name, made in wanted.items() if is_taken(made)}
    made = each_once([*free.items(), *taken.items()])
    return MappingProxyType(dict(made))


def _is_written(name: str, classes: Mapping[str, str]) -> bool:
    """Whether types of new rows may be called so: ``UserCreateWithoutPosts``."""
    found = _WRITTEN.match(name)
    return found is not None and found[1] in classes.values()


def written_name(name: str) -> str:
    """A name in Python as a part of a class's name: ``referred_by`` → ``ReferredBy``."""
    return "".join(upper_first(each) for each in name.split("_"))
