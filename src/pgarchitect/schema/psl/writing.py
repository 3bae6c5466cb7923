"""Models and enums as blocks of a ``schema.prisma``; :func:`~pgarchitect.schema.psl.formatting.formatted` lays"
" them out."""

import json
from collections.abc import Iterator

from pgarchitect.schema.psl.prisma_schema import (
    Arity,
    Default,
    Enum,
    EnumRef,
    EnumValue,
    Field,
    Index,
    IndexField,
    ListDefault,
    LiteralDefault,
    LiteralKind,
    Model,
    ModelRef,
    OperatorClass,
    PrimaryKey,
    Relation,
    Scalar,
    Unsupported,
)


def model_text(model: Model, datasource: str = "db") -> str:
    """A model as a block; ``datasource``: its name, the prefix of native types."""
    lines = [*_documented(model.documentation), f"{'view' if model.is_view else 'model'} {model.name} {{"]
    for field in model.fields:
        lines += [*_documented(field.documentation), field_line(field, model, datasource)]
    key = model.primary_key
    lines += [key_line(key)] if key is not None and not key.on_field else []
    lines += [index_line(each) for each in model.indexes if not each.on_field]
    lines += block_attributes(model)
    text = "\n".join([*lines, "}"])
    return text if model.fields else _commented_out(text)


def _commented_out(block: str) -> str:
    """A block without fields, which the language does not take."""
    return "\n".join(line if line.startswith("///") else f"// {line}" for line in block.split("\n"))


def enum_text(enum: Enum) -> str:
    """An enum as a block."""
    lines = [*_documented(enum.documentation), f"enum {enum.name} {{"]
    for value in enum.values:
        lines += [*_documented(value.documentation), value_line(value)]
    if enum.type_name != enum.name:
        lines.append(f"@@map({quoted(enum.type_name)})")
    if enum.schema is not None:
        lines.append(f"@@schema({quoted(enum.schema)})")
    return "\n".join([*lines, "}"])


def value_line(value: EnumValue) -> str:
    """A value of an enum."""
    return value.name if value.label == value.name else f"{value.name} @map({quoted(value.label)})"


def field_line(field: Field, model: Model, datasource: str = "db") -> str:
    """A field of a model."""
    return " ".join(_field(field, model, datasource))


def key_line(key: PrimaryKey) -> str:
    """``@@id``."""
    return f"@@id{_block_arguments(key)}"


def index_line(index: Index) -> str:
    """``@@unique`` or ``@@index``."""
    return f"@@{'unique' if index.unique else 'index'}{index_arguments(index)}"


def quoted(text: str) -> str:
    """A text in quotes, with the escapes of the language."""
    return json.dumps(text, ensure_ascii=False)


def _documented(text: str) -> list[str]:
    return [f"/// {line}".rstrip() for line in text.split("\n")] if text else []


def _field(field: Field, model: Model, datasource: str) -> Iterator[str]:
    yield field.name
    yield _type(field)
    yield from _keys(field, model)
    if field.default is not None:
        yield f"@default({default_text(field.default)})"
    if field.updated_at:
        yield "@updatedAt"
    if field.column and field.column != field.name:
        yield f"@map({quoted(field.column)})"
    if field.relation is not None and (relation := _relation(field.relation)):
        yield relation
    if field.ignored:
        yield "@ignore"
    if field.native_type is not None:
        arguments = f"({', '.join(field.native_type.arguments)})" if field.native_type.arguments else ""
        yield f"@{datasource}.{field.native_type.name}{arguments}"


def _type(field: Field) -> str:
    kind = field.type
    if isinstance(kind, Unsupported):
        base = f"Unsupported({quoted(kind.database_type)})"
    elif isinstance(kind, EnumRef | ModelRef):
        base = kind.name
    else:
        base = Scalar(kind).value
    return base + {Arity.LIST: "[]", Arity.OPTIONAL: "?", Arity.REQUIRED: ""}[field.arity]


def _keys(field: Field, model: Model) -> Iterator[str]:
    key = model.primary_key
    if key is not None and key.on_field and key.fields[0].field == field.name:
        yield f"@id{_arguments(_map(key.map), _sort(key.fields[0]))}"
    for each in model.indexes:
        if each.on_field and each.fields[0].field == field.name:
            yield f"@unique{_arguments(_map(each.map), _sort(each.fields[0]), _where(each))}"


def default_text(default: Default) -> str:
    """What stands in ``@default(…)``."""
    if isinstance(default, LiteralDefault):
        return quoted(default.text) if default.kind is LiteralKind.STRING else default.text
    if isinstance(default, ListDefault):
        return f"[{', '.join(default_text(each) for each in default.items)}]"
    texts = default.function == "dbgenerated"
    return f"{default.function}({', '.join(quoted(each) if texts else each for each in default.arguments)})"


def _relation(relation: Relation) -> str:
    given = _arguments(
        quoted(relation.name) if relation.name is not None else "",
        f"fields: [{', '.join(relation.fields)}]" if relation.fields else "",
        f"references: [{', '.join(relation.references)}]" if relation.references else "",
        f"onDelete: {relation.on_delete}" if relation.on_delete else "",
        f"onUpdate: {relation.on_update}" if relation.on_update else "",
        _map(relation.map),
    )
    return f"@relation{given}" if given else ""


def block_attributes(model: Model) -> Iterator[str]:
    """The attributes of a model that are no keys."""
    if model.table != model.name:
        yield f"@@map({quoted(model.table)})"
    if model.ignored:
        yield "@@ignore"
    if model.schema is not None:
        yield f"@@schema({quoted(model.schema)})"


def _block_arguments(key: PrimaryKey) -> str:
    name = f"name: {quoted(key.name)}" if key.name is not None else ""
    return _arguments(_fields(key.fields), name, _map(key.map))


def index_arguments(index: Index) -> str:
    """The arguments of ``@@index`` or ``@@unique``, with their parentheses."""
    name = f"name: {quoted(index.name)}" if index.name is not None else ""
    method = f"type: {index.method}" if index.method is not None else ""
    return _arguments(_fields(index.fields), name, _map(index.map), method, _where(index))


def _fields(fields: tuple[IndexField, ...]) -> str:
    return (
        f"[{', '.join(f'{each.field}{_arguments(_operators(each.operator_class), _sort(each))}' for each in fields)}]"
    )


def _operators(operator_class: OperatorClass | None) -> str:
    if operator_class is None:
        return ""
    return f"ops: raw({quoted(operator_class.name)})" if operator_class.raw else f"ops: {operator_class.name}"


def _sort(field: IndexField) -> str:
    return f"sort: {field.sort}" if field.sort is not None else ""


def _map(name: str | None) -> str:
    return f"map: {quoted(name)}" if name is not None else ""


def _where(index: Index) -> str:
    return f"where: raw({quoted(index.where)})" if index.where is not None else ""


def _arguments(*given: str) -> str:
    there = [each for each in given if each]
    return f"({', '.join(there)})" if there else ""
