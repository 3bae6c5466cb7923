"""Which relation fields are the two ends of one relation, and of which kind it is."""

from dataclasses import dataclass

from pgarchitect.schema.psl.validation.facts import FieldFacts, ModelFacts, RelationFacts, SchemaFacts


@dataclass(frozen=True, slots=True)
class RelationEnds:
    """A relation.

    Attributes:
        kind: ``1-1``, ``1-n``, ``m-n`` or ``embedded`` (lists at both ends that name columns: MongoDB's).
        holder: the model that holds the key; of ``m-n``, the first.
        referred: the model that it refers to.
        forward: the field on the holder; None where it is missing.
        back: the field on the other model; None where it is missing.
    """

    kind: str
    holder: ModelFacts
    referred: ModelFacts
    forward: FieldFacts | None
    back: FieldFacts | None

    @property
    def is_inline(self) -> bool:
        """A column holds it."""
        return self.kind in {"1-1", "1-n"}

    @property
    def referencing(self) -> list[FieldFacts]:
        """The columns that hold the key, as far as they are written."""
        return (said(self.forward).fields if self.forward else None) or []

    @property
    def referenced(self) -> list[FieldFacts]:
        """The columns that it refers to; where they are not written, the first unique ones."""
        written = said(self.forward).references if self.forward else None
        if written is not None:
            return written
        first = next(self.referred.unique_criteria(), None)
        return [each.field for each in first.fields] if first else []


def said(field: FieldFacts) -> RelationFacts:
    """What a relation field's ``@relation`` says."""
    return field.relation or RelationFacts()


def relation_ends(schema: SchemaFacts) -> list[RelationEnds]:
    """All relations, in the order of the fields that found them."""
    fields = [each for model in schema.models for each in model.relation_fields]
    found = [_ends(each, each.related) for each in fields if each.related is not None]
    return [each for each in found if each is not None]


def _opposite(field: FieldFacts, related: ModelFacts) -> FieldFacts | None:
    name = said(field).name
    for each in related.relation_fields:
        if each.related is field.model and each is not field and said(each).name == name:
            return each
    return None


def _ends(field: FieldFacts, related: ModelFacts) -> RelationEnds | None:
    model, opposite = field.model, _opposite(field, related)
    if opposite is None:
        if field.is_list:
            return RelationEnds("1-n", related, model, None, field)
        return RelationEnds("1-1" if _is_unique(field) else "1-n", model, related, field, None)
    first = (model.name, field.name) <= (related.name, opposite.name)
    if field.is_list and opposite.is_list:
        if not first:
            return None
        embedded = said(field).fields is not None or said(opposite).fields is not None
        return RelationEnds("embedded" if embedded else "m-n", model, related, field, opposite)
    if field.is_list:
        return None
    if opposite.is_list:
        return RelationEnds("1-n", model, related, field, opposite)
    return RelationEnds("1-1", model, related, field, opposite) if _is_forward(field, opposite, first=first) else None


def _is_forward(field: FieldFacts, opposite: FieldFacts, *, first: bool) -> bool:
    if field.is_required:
        return opposite.is_optional or first
    if opposite.is_required:
        return False
    return said(field).fields is not None or (said(opposite).fields is None and first)


def _is_unique(field: FieldFacts) -> bool:
    columns = said(field).fields
    if columns is None:
        return False
    return any([one.field for one in each.fields] == columns for each in field.model.indexes if each.kind == "unique")
