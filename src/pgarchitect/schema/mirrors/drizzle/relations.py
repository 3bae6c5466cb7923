"""``relations(…)``: both ends of every relation, and the ends of implicit many-to-many relations at their table."""

from pgarchitect.schema.mirrors.drizzle.scope import Scope
from pgarchitect.schema.mirrors.mirrored import Mirrored
from pgarchitect.schema.mirrors.typescript_code import Call, Properties, chain, fits, key, member, text
from pgarchitect.schema.psl.prisma_schema import Field, ManyToMany, Model, PrismaSchema


def model_relations(each: Mirrored, schema: PrismaSchema, scope: Scope) -> str:
    """The relations of a model; empty without any. Views have none: Drizzle knows relations of tables only."""
    if each.table is None:
        return ""
    lines: list[tuple[str, Call]] = []
    for field, other, opposite in schema.related(each.model):
        if other.is_view or other.name not in scope.models:
            continue
        if (pair := _pair(each.model, field, schema)) is not None:
            call = _to_pairs(each.model, field, pair, scope)
        else:
            name = _relation_name(each.model, (field, other, opposite), schema, scope)
            call = _to_model(each.model, field, other, opposite, name=name, scope=scope)
        lines.append((field.name, call))
    table = scope.models[each.model.name]
    return _relations(table, scope.relations[table], lines)


def pair_relations(relation: ManyToMany, schema: PrismaSchema, scope: Scope) -> str:
    """The two ends of the table of a many-to-many relation, ``a`` and ``b``."""
    table = scope.pairs[relation.relation, relation.first]
    lines = []
    for column, name in (("A", relation.first), ("B", relation.second)):
        model = schema.model(name)
        assert model is not None  # noqa: S101  # the reader has resolved it
        assert model.primary_key is not None  # noqa: S101  # the reader has checked it
        reference = member(scope.models[name], model.primary_key.fields[0].field)
        entries: Properties = (
            ("fields", (member(table, column),)),
            ("references", (reference,)),
            ("relationName", text(f"{relation.relation}_{column}")),
        )
        lines.append((column.lower(), Call("one", (scope.models[name],), entries, opened=True)))
    return _relations(table, scope.relations[table], lines)


def _pair(model: Model, field: Field, schema: PrismaSchema) -> ManyToMany | None:
    ends = (model.name, field.name)
    return next(
        (
            each
            for each in schema.many_to_many
            if ends in {(each.first, each.first_field), (each.second, each.second_field)}
        ),
        None,
    )


def _to_pairs(model: Model, field: Field, pair: ManyToMany, scope: Scope) -> Call:
    column = "A" if (model.name, field.name) == (pair.first, pair.first_field) else "B"
    name = text(f"{pair.relation}_{column}")
    return Call("many", (scope.pairs[pair.relation, pair.first],), (("relationName", name),))


def _to_model(model: Model, field: Field, other: Model, opposite: Field, *, name: str, scope: Scope) -> Call:
    assert field.relation is not None  # noqa: S101  # a relation field has one
    named: Properties = (("relationName", text(name)),) if name else ()
    if field.is_list:
        return Call("many", (scope.models[other.name],), named)
    own, theirs = scope.models[model.name], scope.models[other.name]
    fields, references = field.relation.fields, field.relation.references
    if not fields:
        if not named:
            return Call("one", (theirs,))
        assert opposite.relation is not None  # noqa: S101  # a relation field has one
        fields, references = opposite.relation.references, opposite.relation.fields  # Drizzle asks for both with a name
    ends: Properties = (
        ("fields", tuple(member(own, each) for each in fields)),
        ("references", tuple(member(theirs, each) for each in references)),
    )
    return Call("one", (theirs,), (*ends, *named), opened=True)


def _relation_name(model: Model, end: tuple[Field, Model, Field], schema: PrismaSchema, scope: Scope) -> str:
    """Empty where there is only one relation between the two; else unique in the file, as Drizzle needs it."""
    field, other, opposite = end
    assert field.relation is not None  # noqa: S101  # a relation field has one
    between = [each for each, to, _ in schema.related(model) if to.name == other.name]
    if field.relation.name is None and len(between) == 1:
        return ""
    one, two = sorted(((model.name, field.name), (other.name, opposite.name)))
    written = field.relation.name or f"{one[0]}To{two[0]}"
    shared = scope.written.get(written, 0) > 2  # both ends of one relation
    return f"{written}_{one[0]}To{two[0]}" if shared else written


def _relations(table: str, constant: str, lines: list[tuple[str, Call]]) -> str:
    if not lines:
        return ""
    kinds = ", ".join(each for each in ("one", "many") if any(call.name == each for _, call in lines))
    head = f"export const {constant} = relations({table}, ({{ {kinds} }}) => ({{"
    if fits(head):
        body = "".join(chain((call,), "  ", f"{key(name)}: ") + "\n" for name, call in lines)
        return f"{head}\n{body}}}));\n"
    body = "".join(chain((call,), "    ", f"{key(name)}: ") + "\n" for name, call in lines)
    return f"export const {constant} = relations(\n  {table},\n  ({{ {kinds} }}) => ({{\n{body}  }}),\n);\n"
