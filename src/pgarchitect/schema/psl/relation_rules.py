"""What must hold between the two ends of a relation."""

from pgarchitect.schema.psl.prisma_schema import Arity, Field, Model, NativeType
from pgarchitect.schema.psl.scope import Scope


def check_pair(one: Model, its: Field, other: Model, others: Field, scope: Scope) -> None:
    """Note what is wrong between two relation fields that belong together."""
    if its.is_list and others.is_list:
        _many_to_many(one, its, other, others, scope)
        return
    holders = [(m, f, n, g) for m, f, n, g in ((one, its, other, others), (other, others, one, its)) if _holds(f)]
    if not holders:
        _nobody_holds(one, its, other, others, scope)
        return
    if len(holders) == 2:
        told = (
            f"The relation fields `{its.name}` on Model `{one.name}` and `{others.name}` on Model `{other.name}`"
            " both provide"
            " the `fields` or `references` argument in the @relation attribute. You have to provide it only on one"
            " of the"
            " two fields."
        )
        _note(scope, one, its, told)
        return
    _holder(*holders[0], scope)


def _holds(field: Field) -> bool:
    return field.relation is not None and bool(field.relation.fields or field.relation.references)


def _nobody_holds(one: Model, its: Field, other: Model, others: Field, scope: Scope) -> None:
    model, field = (one, its) if not its.is_list else (other, others)
    theirs, back = (other, others) if not its.is_list else (one, its)
    if its.is_list or others.is_list:
        told = (
            f"The relation field `{field.name}` on Model `{model.name}` must specify the `fields` argument in the"
            " @relation attribute. `@relation(fields: [..], references: [..])`"
        )
    else:
        told = (
            f"The relation fields `{field.name}` on Model `{model.name}` and `{back.name}` on Model `{theirs.name}`"
            " do not"
            " provide the `fields` argument in the @relation attribute. You have to provide it on one of the two"
            " fields."
        )
    _note(scope, model, field, told)


def _many_to_many(one: Model, its: Field, other: Model, others: Field, scope: Scope) -> None:
    for model, field, target in ((one, its, other), (other, others, one)):
        if _holds(field):
            told = (
                f"The relation field `{field.name}` on model `{model.name}` is a list at both ends of the relation,"
                " so it"
                " can have neither `fields` nor `references`."
            )
            _note(scope, model, field, told)
        elif target.primary_key is None or len(target.primary_key.fields) != 1:
            told = (
                f"The relation field `{field.name}` on model `{model.name}` references `{target.name}` which does"
                " not have"
                " an `@id` field. Models without `@id` cannot be part of a many to many relation. Use an explicit"
                " intermediate Model to represent this relationship."
            )
            _note(scope, model, field, told)


def _holder(model: Model, field: Field, other: Model, back: Field, scope: Scope) -> None:
    relation = field.relation
    assert relation is not None  # noqa: S101  # it holds the key
    if field.is_list:
        told = (
            f"The relation field `{field.name}` is a list and holds the key; the `fields` argument belongs to the field"
            f" `{back.name}` on the model `{other.name}`."
        )
        _note(scope, model, field, told)
        return
    if not relation.fields or not relation.references:
        missing = "fields" if not relation.fields else "references"
        _note(
            scope,
            model,
            field,
            f"The relation field `{field.name}` must specify the `{missing}` argument in the @relation attribute.",
        )
        return
    if len(relation.fields) != len(relation.references):
        _note(scope, model, field, "You must specify the same number of fields in `fields` and `references`.")
        return
    _columns(model, field, other, scope)
    if not back.is_list:
        _one_to_one(model, field, other, back, scope)


def _columns(model: Model, field: Field, other: Model, scope: Scope) -> None:
    relation = field.relation
    assert relation is not None  # noqa: S101  # as above
    pairs = [(model.field(a), other.field(b)) for a, b in zip(relation.fields, relation.references, strict=True)]
    for mine, theirs in pairs:
        if mine is None or theirs is None:
            return
        if mine.type != theirs.type or _native(mine.native_type) != _native(theirs.native_type):
            if mine.type != theirs.type:
                told = (
                    f"The type of the field `{mine.name}` in the model `{model.name}` is not matching the type of the"
                    f" referenced field `{theirs.name}` in model `{other.name}`."
                )
                _note(scope, model, field, told)
            return
    optional = any(mine is not None and mine.arity is Arity.OPTIONAL for mine, _ in pairs)
    if field.is_required and optional:
        told = (
            f"The relation field `{field.name}` uses the scalar fields {', '.join(relation.fields)}. At least one of"
            " those"
            " fields is optional. Hence the relation field must be optional as well."
        )
        _note(scope, model, field, told)
    if not _is_unique(other, relation.references):
        told = (
            "The argument `references` must refer to a unique criterion in the related model. Consider adding an"
            f" `@unique` attribute to the field `{relation.references[0]}` in the model `{other.name}`."
        )
        _note(scope, model, field, told)


def _one_to_one(model: Model, field: Field, other: Model, back: Field, scope: Scope) -> None:
    relation = field.relation
    assert relation is not None  # noqa: S101  # as above
    if back.is_required:
        told = (
            f"The relation fields `{field.name}` and `{back.name}`: the side that holds no key, `{back.name}` on model"
            f" `{other.name}`, must be optional."
        )
        _note(scope, other, back, told)
    if not _is_unique(model, relation.fields):
        if len(relation.fields) == 1:
            told = (
                "A one-to-one relation must use unique fields on the defining side. Either add an `@unique`"
                " attribute to"
                f" the field `{relation.fields[0]}`, or change the relation to one-to-many."
            )
        else:
            told = (
                "A one-to-one relation must use unique fields on the defining side. Either add an"
                f" `@@unique([{', '.join(relation.fields)}])` attribute to the model, or change the relation to"
                " one-to-many."
            )
        _note(scope, model, field, told)


def _native(kind: NativeType | None) -> str:
    return kind.name if kind else ""


def _is_unique(model: Model, names: tuple[str, ...]) -> bool:
    keys = [each.fields for each in model.indexes if each.unique and each.where is None]
    keys += [model.primary_key.fields] if model.primary_key else []
    wanted = set(names)
    return any({each.field for each in key} == wanted for key in keys)


def _note(scope: Scope, model: Model, field: Field, problem: str) -> None:
    """Note a problem of a relation field."""
    told = f"Error validating field `{field.name}` in model `{model.name}`: {problem}"
    scope.diagnostics.at(told, field.span)
