"""What an earlier schema says of the things of a database, found by their names there."""

from collections.abc import Mapping, Sequence

from pgarchitect.schema.database_schema import ColumnDefault, DatabaseSchema, EnumType, ForeignKey, Table, View
from pgarchitect.schema.database_schema import Index as DatabaseIndex
from pgarchitect.schema.lowering import lower
from pgarchitect.schema.lowering.indexes import lowered_index
from pgarchitect.schema.lowering.names import fitted
from pgarchitect.schema.modelling.place import Place
from pgarchitect.schema.psl.prisma_schema import Enum, Field, Index, ManyToMany, Model, ModelRef, PrismaSchema


class Known:
    """An earlier schema by the names of the database.

    Args:
        schema: earlier; with no models where there was none.
        home: namespace of what has no ``@@schema``.
        meant: the database of that schema as a server spells it; None: as the schema spells it.
    """

    __slots__ = ("_enums", "_meant", "_models", "home", "schema")

    def __init__(self, schema: PrismaSchema, home: str, meant: DatabaseSchema | None = None) -> None:
        self._meant = lower(schema, home) if meant is None else meant
        self.schema = schema
        self.home = home
        # PostgreSQL cuts names that are too long.
        self._models: dict[Place, Model] = {
            (each.schema or home, fitted(each.table, "")): each for each in schema.models
        }
        self._enums: dict[Place, Enum] = {(each.schema or home, each.type_name): each for each in schema.enums}

    @property
    def has_foreign_keys(self) -> bool:
        """Whether relations stand in the database; in ``relationMode = "prisma"`` they are the schema's alone."""
        return self.schema.datasource is None or self.schema.datasource.relation_mode != "prisma"

    def has_preview(self, feature: str) -> bool:
        """Whether a preview feature is on."""
        return any(feature in each.preview_features for each in self.schema.generators)

    def model(self, of: Table | View) -> Model | None:
        """The model of a table, or the view."""
        return self._models.get((of.schema, of.name))

    def default(self, place: Place, column: str) -> ColumnDefault | None:
        """The default that the database of the earlier schema has."""
        table = self._meant.table(*place)
        found = table.column(column) if table else None
        return found.default if found else None

    def indexes(self, of: Table) -> Mapping[str, tuple[Index, DatabaseIndex]]:
        """The indexes of a model by their names in the database, and what the database of the schema has for them."""
        model, table = self.model(of), self._meant.table(of.schema, of.name)
        if model is None:
            return {}
        spelled = {each.name: each for each in table.indexes} if table else {}
        lowered = [(each, lowered_index(model, each)) for each in model.indexes]
        return {index.name: (each, spelled.get(index.name, index)) for each, index in lowered}

    def enum(self, of: EnumType) -> Enum | None:
        """The enum of a type."""
        return self._enums.get((of.schema, of.name))

    def relation(self, table: Table, key: ForeignKey) -> tuple[Field, Field] | None:
        """The relation field that holds a foreign key, and the one at its other end."""
        model, other = self.model(table), self._models.get((key.schema, key.table))
        if model is None or other is None:
            return None
        found = [each for each in model.relations if _holds(each, model, other, key.columns)]
        found.sort(key=lambda each: each.relation is not None and each.relation.map != key.name)
        for each in found:
            opposite = other.field(each.relation.opposite) if each.relation else None
            if opposite is not None:
                return each, opposite
        return None

    def many_to_many(self, table: Table) -> ManyToMany | None:
        """The implicit many-to-many relation that has its pairs in a table."""
        if sorted(each.name for each in table.columns) != ["A", "B"]:
            return None
        return next((each for each in self.schema.many_to_many if fitted(each.table, "") == table.name), None)


def _holds(field: Field, model: Model, other: Model, columns: Sequence[str]) -> bool:
    if field.relation is None or not isinstance(field.type, ModelRef) or field.type.name != other.name:
        return False
    mapped = {each.name: each.column for each in model.columns}
    return [mapped.get(each) for each in field.relation.fields] == list(columns)
