"""Names of keys, indexes and foreign keys in the database: as written, or Prisma's own, of 63 bytes at most."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from pgarchitect.schema.psl.validation.facts import KeyFacts, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.relations import RelationEnds

LONGEST: Final = 63
"""Bytes of an identifier that PostgreSQL keeps (``NAMEDATALEN`` - 1)."""
GLOBAL: Final = "global for primary key, indexes and unique constraints"


def cut(name: str, suffix: str) -> str:
    """A name with a suffix, the name cut so that both fit."""
    raw = name.encode()
    limit = LONGEST - len(suffix)
    if len(raw) >= limit:
        name = raw[:limit].decode(errors="ignore")
    return name + suffix


def key_name(model: ModelFacts, key: KeyFacts) -> str:
    """The name of a key or index in the database."""
    if key.map is not None:
        return key.map
    if key.kind == "id":
        return cut(model.table, "_pkey")
    columns = "_".join(each.field.column for each in key.fields)
    return cut(f"{model.table}_{columns}", "_key" if key.kind == "unique" else "_idx")


def foreign_key_name(ends: RelationEnds) -> str:
    """The name of a relation's foreign key in the database."""
    forward = ends.forward
    if forward is not None and forward.relation is not None and forward.relation.map is not None:
        return forward.relation.map
    columns = "_".join(each.column for each in ends.referencing)
    return cut(f"{ends.holder.table}_{columns}", "_fkey")


@dataclass(frozen=True, slots=True)
class ConstraintNames:
    """How often each name is taken: in a schema of the database by keys and indexes, and on each model."""

    everywhere: Counter[tuple[str | None, str]]
    on_model: Counter[tuple[int, str]]
    custom: Counter[tuple[int, str]]

    def taken_everywhere(self, model: ModelFacts, name: str) -> bool:
        """Another key or index of that schema has the name."""
        return self.everywhere[_schema(model), name] > 1

    def taken_on_model(self, model: ModelFacts, name: str) -> bool:
        """Another key, index or foreign key of the model has the name."""
        return self.on_model[id(model), name] > 1


def _schema(model: ModelFacts) -> str | None:
    return model.schema.value if model.schema else None


def constraint_names(schema: SchemaFacts, relations: list[RelationEnds]) -> ConstraintNames:
    """All names that are taken."""
    everywhere: Counter[tuple[str | None, str]] = Counter()
    on_model: Counter[tuple[int, str]] = Counter()
    custom: Counter[tuple[int, str]] = Counter()
    for model in schema.models:
        for key in [*([model.primary_key] if model.primary_key else []), *model.indexes]:
            name = key_name(model, key)
            everywhere[_schema(model), name] += 1
            on_model[id(model), name] += 1
            if key.name is not None and key.kind != "index":
                custom[id(model), key.name] += 1
    for ends in relations:
        if ends.referencing and ends.is_inline:
            on_model[id(ends.holder), foreign_key_name(ends)] += 1
    return ConstraintNames(everywhere, on_model, custom)


def taken(name: str, where: str) -> str:
    """The message about a name that is taken."""
    return (
        f"The given constraint name `{name}` has to be unique in the following namespace: {where}. "
        "Please provide a different name using the `map` argument."
    )


def on_model(model: ModelFacts) -> str:
    """What Prisma calls the names of a model."""
    return f"on model `{model.name}` for primary key, indexes, unique constraints and foreign keys"
