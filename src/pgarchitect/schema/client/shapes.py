"""The shapes of the generated client's tables, as Python text."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace

from pgarchitect.schema.client.column_types import column_type
from pgarchitect.schema.client.naming import accessors, class_names, counts_name, field_names
from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.lowering.column_types import column_type as lowered_type
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.python_code import string
from pgarchitect.schema.mirrors.write_rules import WriteRule, write_rule
from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    EnumRef,
    Field,
    FunctionDefault,
    Model,
    PrismaSchema,
    Scalar,
)


class ShapeText:
    """Writes the shape of one table.

    Args:
        model: whose.
        schema: all of it.
        default_schema: namespace of what names none.
    """

    __slots__ = ("_accessors", "_default_schema", "_model", "_names", "_schema")

    def __init__(self, model: Model, schema: PrismaSchema, default_schema: str) -> None:
        self._model = model
        self._schema = schema
        self._default_schema = default_schema
        self._names = field_names(model)
        self._accessors = accessors(schema)

    @property
    def name(self) -> str:
        """The constant that holds it."""
        return f"{self._accessors[self._model.name].upper()}_SHAPE"

    def text(self) -> Iterator[str]:
        """The constant."""
        model = self._model
        yield f"{self.name}: Final = TableShape("
        yield f"    {string(self._accessors[model.name])},"
        yield f"    {string(model.schema or self._default_schema)},"
        yield f"    {string(model.table)},"
        yield f"    {class_names(self._schema)[model.name]},"
        yield "    ("
        yield from (f"        {self._column(each)}," for each in model.columns)
        yield "    ),"
        key = model.primary_key
        yield f"    {self._tuple([each.field for each in key.fields] if key else [])},"
        uniques = [[each.field for each in index.fields] for index in model.indexes if index.unique and not index.where]
        yield f"    ({''.join(f'{self._tuple(each)}, ' for each in uniques).strip()}),"
        yield "    ("
        yield from (f"        {each}," for each in self._relations())
        yield "    ),"
        if (counts := counts_name(model)) != "counts":
            yield f"    {string(counts)},"
        yield ")"

    def _tuple(self, fields: list[str]) -> str:
        return f"({''.join(f'{string(self._names[each])}, ' for each in fields).strip()})"

    def _column(self, field: Field) -> str:
        kind = column_type(field, self._schema, self._default_schema)
        parts = [string(self._names[field.name]), string(field.column), string(kind.sql), f"ValueKind.{kind.kind}"]
        maker = self._maker(field)
        if field.arity is Arity.OPTIONAL:
            parts.append("nullable=True")
        if field.is_list:
            parts.append("is_list=True")
        if field.default is not None and maker is None:
            parts.append("has_default=True")
        if maker is not None:
            parts.append(f"make_default={maker}")
        if field.updated_at:
            parts.append("make_update=identifiers.now")
        if kind.naive:
            parts.append("naive=True")
        parts += self._checked(field)
        return f"ColumnShape({', '.join(parts)})"

    def _checked(self, field: Field) -> Iterator[str]:
        """What a value must be so that the column takes it, beyond its type."""
        kind = lowered_type(field, self._schema, self._default_schema)
        column = Column(field.column, kind, field.arity is not Arity.REQUIRED)
        rule = bare = write_rule(field, column)
        if field.documentation:
            bare = write_rule(replace(field, documentation=""), column)
        # The range of a type need not be written: it comes with the type.
        least = "" if rule.least == bare.least else rule.least
        given = replace(rule, least=least, most="" if rule.most == bare.most else rule.most)
        said = [f"{each.name}={_value(getattr(given, each.name))}" for each in fields(given) if _is_said(given, each)]
        if said:
            yield f"rule=WriteRule({', '.join(said)})"
        if isinstance(field.type, EnumRef) and (enum := self._schema.enum(field.type.name)):
            yield f"labels=({''.join(f'{string(each.label)}, ' for each in enum.values).strip()})"
        if field.type is Scalar.JSON and (shape := annotations(field.documentation).shape):
            yield f"shape={string(shape)}"

    def _maker(self, field: Field) -> str | None:
        if field.updated_at and field.default is None:
            return "identifiers.now"
        if not isinstance(field.default, FunctionDefault):
            return None
        first = field.default.arguments[0] if field.default.arguments else ""
        text = "" if field.native_type and field.native_type.name == "Uuid" else "_text"
        makers = {
            "uuid": f"identifiers.uuid{first or 4}{text}",
            "cuid": "identifiers.cuid2" if first == "2" else "identifiers.cuid",
            "ulid": "identifiers.ulid",
            "nanoid": f"identifiers.nanoid({first})",
        }
        return makers.get(field.default.function) if field.type is Scalar.STRING else None

    def _relations(self) -> Iterator[str]:
        for field, other, opposite in self._schema.related(self._model):
            theirs = field_names(other)
            head = (
                f"RelationShape({string(self._names[field.name])}, {string(self._accessors[other.name])},"
                f" {field.is_list}, "
            )
            if field.is_list and opposite.is_list:
                yield head + self._through(field, other, theirs)
                continue
            assert field.relation is not None  # noqa: S101  # a relation field has one
            assert opposite.relation is not None  # noqa: S101  # likewise
            holds = bool(field.relation.fields)
            here = field.relation.fields if holds else opposite.relation.references
            there = field.relation.references if holds else opposite.relation.fields
            away = "".join(f"{string(theirs[each])}, " for each in there).strip()
            yield f"{head}{self._tuple(list(here))}, ({away}){', holds_key=True' if holds else ''})"

    def _through(self, field: Field, other: Model, theirs: Mapping[str, str]) -> str:
        many = next(
            each
            for each in self._schema.many_to_many
            if (self._model.name, field.name) in {(each.first, each.first_field), (each.second, each.second_field)}
        )
        mine, away = ("A", "B") if (self._model.name, field.name) == (many.first, many.first_field) else ("B", "A")
        here = [each.field for each in self._model.primary_key.fields] if self._model.primary_key else []
        there = [each.field for each in other.primary_key.fields] if other.primary_key else []
        targets = "".join(f"{string(theirs[each])}, " for each in there).strip()
        first = self._schema.model(many.first)
        schema = (first.schema if first else None) or self._default_schema
        join = f"JoinTable({string(schema)}, {string(many.table)}, {string(mine)}, {string(away)})"
        return f"{self._tuple(here)}, ({targets}), {join})"


def _is_said(rule: WriteRule, field: dataclasses.Field[object]) -> bool:
    return bool(getattr(rule, field.name) != field.default)


def _value(value: object) -> str:
    return string(value) if isinstance(value, str) else repr(value)
