"""Names of models and fields in Python: ``BehaviorLog`` → ``behavior_log``, ``userId`` → ``user_id``."""

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
        "tables",
        "transaction",
        "validates",
    }
)
"""What a database object has already, and the words of conditions."""


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


@lru_cache(maxsize=4096)
def _unique(wanted: tuple[str, ...], taken: frozenset[str] = frozenset()) -> Mapping[str, str]:
    return MappingProxyType(dict(each_once([(name, snake(name)) for name in wanted], taken)))


def class_name(model: Model) -> str:
    """The class of a model's rows."""
    return upper_first(model.name)


def written_name(name: str) -> str:
    """A name in Python as a part of a class's name: ``referred_by`` → ``ReferredBy``."""
    return "".join(upper_first(each) for each in name.split("_"))
