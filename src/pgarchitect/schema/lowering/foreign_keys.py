"""``@relation`` → foreign keys."""

from pgarchitect.schema.database_schema import Action, ForeignKey
from pgarchitect.schema.lowering.indexes import column_of
from pgarchitect.schema.lowering.names import foreign_key_name
from pgarchitect.schema.psl.prisma_schema import Field, Model, PrismaSchema, ReferentialAction, Relation

_ACTIONS = {
    ReferentialAction.CASCADE: Action.CASCADE,
    ReferentialAction.RESTRICT: Action.RESTRICT,
    ReferentialAction.NO_ACTION: Action.NO_ACTION,
    ReferentialAction.SET_NULL: Action.SET_NULL,
    ReferentialAction.SET_DEFAULT: Action.SET_DEFAULT,
}


def foreign_keys(model: Model, schema: PrismaSchema, default_schema: str) -> tuple[ForeignKey, ...]:
    """The foreign keys of a model in the order of its fields.

    None where ``relationMode = "prisma"``, and none from or to a view: the database cannot hold them.
    """
    if model.is_view or (schema.datasource and schema.datasource.relation_mode == "prisma"):
        return ()
    return tuple(
        lowered_foreign_key(model, each.relation, other, default_schema)
        for each, other, _ in schema.related(model)
        if each.relation is not None and each.relation.fields and not other.is_view
    )


def lowered_foreign_key(model: Model, relation: Relation, other: Model, default_schema: str) -> ForeignKey:
    """The foreign key of one relation of a model to another one."""
    columns = tuple(column_of(model, each) for each in relation.fields)
    fields = [model.field(each) for each in relation.fields]
    return ForeignKey(
        relation.map or foreign_key_name(model.table, columns),
        columns,
        other.schema or default_schema,
        other.table,
        tuple(column_of(other, each) for each in relation.references),
        _ACTIONS[relation.on_delete] if relation.on_delete else _default_on_delete(fields),
        _ACTIONS[relation.on_update] if relation.on_update else Action.CASCADE,
    )


def _default_on_delete(fields: list[Field | None]) -> Action:
    """A key that cannot be null keeps the row that it refers to.

    https://www.prisma.io/docs/orm/prisma-schema/data-model/relations/referential-actions#referential-action-defaults
    """
    required = any(each is not None and each.is_required for each in fields)
    return Action.RESTRICT if required else Action.SET_NULL
