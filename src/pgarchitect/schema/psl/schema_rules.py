"""What must hold of a schema as a whole: names that are taken or not allowed, rows that can be told apart."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from pgarchitect.schema.psl.prisma_schema import Enum, Model, PrismaSchema, Scalar, Span
from pgarchitect.schema.psl.scope import Scope

_RESERVED: Final = frozenset({"PrismaClient", "async", "await", "using"})
_DELEGATES: Final = frozenset({each.value for each in Scalar})


def check(schema: PrismaSchema, scope: Scope) -> None:
    """Note what is wrong with a schema as a whole."""
    for model in schema.models:
        _name(model.name, model.span, "view" if model.is_view else "model", scope)
        _identifiable(model, scope)
        _columns(model, scope)
        _namespace(model, scope)
    for enum in schema.enums:
        _name(enum.name, enum.span, "enum", scope)
        _labels(enum, scope)
        _namespace(enum, scope)
    _tables(schema.models, scope)
    _relations_by_ids(schema, scope)


def _name(name: str, span: Span, keyword: str, scope: Scope) -> None:
    if name in _RESERVED:
        scope.diagnostics.at(
            f"The {keyword} name `{name}` is invalid. It is a reserved name. Please change it. Read more at"
            " https://pris.ly/d/naming-models",
            span,
        )
    elif name in _DELEGATES:
        scope.diagnostics.at(f'"{name}" is a reserved scalar type name and cannot be used.', span)


def _identifiable(model: Model, scope: Scope) -> None:
    """A model that is not ignored needs an id or a unique criterion of required fields."""
    if model.is_view or model.ignored or model.primary_key is not None:
        return
    required = {each.name for each in model.fields if each.is_required}
    unique = [each for each in model.indexes if each.unique and all(key.field in required for key in each.fields)]
    if unique:
        return
    scope.diagnostics.at(
        f'Error validating model "{model.name}": Each model must have at least one unique criteria that has only'
        " required"
        " fields. Either mark a single field with `@id`, `@unique` or add a multi field criterion"
        " `@@id([])` or `@@unique([])` to the model.",
        model.span,
    )


def _columns(model: Model, scope: Scope) -> None:
    seen: dict[str, str] = {}
    for each in model.columns:
        if each.column in seen:
            scope.diagnostics.at(
                f'Field "{each.name}" is already defined on model "{model.name}": the column "{each.column}" belongs to'
                f" the field `{seen[each.column]}`.",
                each.span,
            )
        seen.setdefault(each.column, each.name)


def _labels(enum: Enum, scope: Scope) -> None:
    labels = [each.label for each in enum.values]
    for each in sorted({label for label in labels if labels.count(label) > 1}):
        scope.diagnostics.at(f'Value "{each}" is already defined on enum "{enum.name}".', enum.span)


def _namespace(owner: Model | Enum, scope: Scope) -> None:
    if scope.schemas and owner.schema is None:
        kind = "enum" if isinstance(owner, Enum) else "model"
        scope.diagnostics.at(
            f'Error validating {kind} "{owner.name}": This {kind} is missing an `@@schema` attribute.', owner.span
        )


def _tables(models: Iterable[Model], scope: Scope) -> None:
    known: dict[tuple[str | None, str], Model] = {}
    for each in models:
        place = (each.schema, each.table)
        if place in known:
            scope.diagnostics.at(
                f'The model with database name "{each.table}" could not be defined because another model or view'
                " with this"
                f' name exists: "{known[place].name}".',
                each.span,
            )
        known.setdefault(place, each)


def _relations_by_ids(schema: PrismaSchema, scope: Scope) -> None:
    """Names of foreign keys that are written must differ within a table."""
    for model in schema.models:
        names: dict[str, list[Span]] = defaultdict(list)
        for each in model.relations:
            if each.relation is not None and each.relation.map is not None:
                names[each.relation.map].append(each.span)
        for name, spans in names.items():
            for span in spans[1:]:
                scope.diagnostics.at(
                    f"The given constraint name `{name}` has to be unique in the table `{model.table}`.", span
                )
