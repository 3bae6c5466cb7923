"""What must hold of a relation of one to one."""

from pgarchitect.schema.psl.validation.facts import FieldFacts, SchemaFacts
from pgarchitect.schema.psl.validation.relations import RelationEnds, said


def check_one_to_one(schema: SchemaFacts, ends: RelationEnds) -> None:
    """Note what is wrong with it, that it may lack an end aside."""
    forward, back = ends.forward, ends.back
    if forward is not None and back is not None:
        for word in ("fields", "references"):
            if not getattr(said(forward), word) and not getattr(said(back), word):
                _on_neither(schema, forward, back, word)
        for word in ("references", "fields"):
            if getattr(said(forward), word) and getattr(said(back), word):
                _on_both(schema, forward, back, word)
        _actions(schema, forward, back)
    if forward is not None:
        _unique(schema, ends, forward)
    if forward is not None and back is not None:
        for rule in (_mixed, _required, _wrong_side):
            if not schema.diagnostics.found:
                rule(schema, forward, back)


def _error(schema: SchemaFacts, field: FieldFacts, text: str) -> None:
    schema.error(field.model.file, field.declared, f'Error parsing attribute "@relation": {text}')


def _on(field: FieldFacts) -> str:
    return f"`{field.name}` on Model `{field.model.name}`"


def _on_neither(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts, word: str) -> None:
    for one, other in ((forward, back), (back, forward)):
        text = (
            f"The relation fields {_on(one)} and {_on(other)} do not provide the `{word}` argument in "
            "the @relation attribute. You have to provide it on one of the two fields."
        )
        _error(schema, one, text)


def _on_both(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts, word: str) -> None:
    text = (
        f"The relation fields {_on(forward)} and {_on(back)} both provide the `{word}` argument in "
        "the @relation attribute. You have to provide it only on one of the two fields."
    )
    _error(schema, forward, text)
    _error(schema, back, text)


def _acts(field: FieldFacts) -> bool:
    return said(field).on_delete is not None or said(field).on_update is not None


def _actions(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts) -> None:
    if _acts(forward) and _acts(back):
        for one, other in ((back, forward), (forward, back)):
            text = (
                f"The relation fields {_on(one)} and {_on(other)} both provide the `onDelete` or "
                "`onUpdate` argument in the @relation attribute. You have to provide it only on one "
                "of the two fields."
            )
            _error(schema, one, text)
    elif _acts(back):
        text = (
            f"The relation field {_on(back)} must not specify the `onDelete` or `onUpdate` argument "
            "in the @relation attribute. You must only specify it on the opposite field "
            f"`{forward.name}` on model `{forward.model.name}`."
        )
        _error(schema, back, text)


def _unique(schema: SchemaFacts, ends: RelationEnds, forward: FieldFacts) -> None:
    fields = said(forward).fields
    if fields is None:
        return
    names = [each.name for each in fields]
    if any([*each.names] == names for each in ends.holder.unique_criteria() if not each.is_partial):
        return
    how = f"an `@@unique([{', '.join(names)}])` attribute to the model"
    if len(names) == 1:
        how = f"an `@unique` attribute to the field `{names[0]}`"
    text = (
        f"A one-to-one relation must use unique fields on the defining side. Either add {how}, or "
        "change the relation to one-to-many."
    )
    _error(schema, forward, text)


def _mixed(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts) -> None:
    for word, other in (("fields", "references"), ("references", "fields")):
        if getattr(said(forward), word) and getattr(said(back), other):
            text = (
                f"The relation field {_on(forward)} provides the `{word}` argument in the @relation "
                f"attribute. And the related field {_on(back)} provides the `{other}` argument. You "
                "must provide both arguments on the same side."
            )
            _error(schema, forward, text)
            if word == "fields":
                _error(schema, back, text)


def _required(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts) -> None:
    if back.is_required:
        name = forward.model.name
        text = (
            f"The relation field {_on(back)} is required. This is not valid because it's not possible "
            "to enforce this constraint on the database level. Please change the field type from "
            f"`{name}` to `{name}?` to fix this."
        )
        _error(schema, back, text)


def _wrong_side(schema: SchemaFacts, forward: FieldFacts, back: FieldFacts) -> None:
    if forward.is_required and (said(back).fields is not None or said(back).references is not None):
        text = (
            f"The relation field `{back.model.name}.{back.name}` defines the `fields` and/or "
            "`references` argument. You must set them on the required side of the relation "
            f"(`{forward.model.name}.{forward.name}`) in order for the constraints to be enforced. "
            "Alternatively, you can change this field to be required and the opposite optional, or "
            "make both sides of the relation optional."
        )
        _error(schema, back, text)
