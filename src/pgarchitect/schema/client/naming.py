"""Names of models and fields in Python: ``BehaviorLog`` → ``behavior_log``, ``userId`` → ``user_id``."""

import keyword
import re
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Field, Model, PrismaSchema

_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-_ ]+")
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
        "pool",
        "query",
        "tables",
        "transaction",
    }
)
"""What a database object has already, and the words of conditions."""


def snake(name: str) -> str:
    """A name in lower case with underscores, never a keyword."""
    made = "_".join(each for each in _WORDS.split(name) if each).lower()
    return f"{made}_" if keyword.iskeyword(made) or made in _TAKEN or not made[:1].isalpha() else made


def accessors(schema: PrismaSchema) -> dict[str, str]:
    """Model → the attribute of the database that stands for it; each once."""
    return _unique([model.name for model in schema.models])


def field_names(model: Model) -> dict[str, str]:
    """Field → its name in Python; each once."""
    return _unique([field.name for field in model.fields])


def _unique(names: list[str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name in names:
        wanted = snake(name)
        while wanted in made.values():
            wanted += "_"
        made[name] = wanted
    return made


def class_name(model: Model) -> str:
    """The class of a model's rows."""
    return model.name[:1].upper() + model.name[1:]


def python_fields(model: Model) -> list[tuple[Field, str]]:
    """The columns of a model with their names in Python."""
    names = field_names(model)
    return [(field, names[field.name]) for field in model.columns]
