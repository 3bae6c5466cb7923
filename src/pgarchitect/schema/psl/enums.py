"""An ``enum`` block → an enum."""

from pgarchitect.schema.psl.documentation import documented, with_trailing
from pgarchitect.schema.psl.prisma_schema import Enum, EnumValue
from pgarchitect.schema.psl.scope import Placed, Scope
from pgarchitect.schema.psl.syntax import Attribute, FieldLine


def enum_of(placed: Placed, scope: Scope) -> Enum:
    """The enum of a block; what is wrong with it is noted."""
    values: dict[str, EnumValue] = {}
    for line, above in documented(placed.block.lines):
        if not isinstance(line, FieldLine):
            continue
        name = line.name.text
        if name in values:
            scope.diagnostics.add(
                f'Value "{name}" is already defined on enum "{placed.name}".', placed.file, line.start, line.end
            )
        label = _mapped(line.attributes, placed, scope, block=False) or name
        values.setdefault(name, EnumValue(name, label, with_trailing(above, line.comment)))
    if not values:
        scope.diagnostics.at("An enum must have at least one value.", placed.span)
    attributes = tuple(placed.block.attributes)
    return Enum(
        placed.name,
        _mapped(attributes, placed, scope, block=True) or placed.name,
        _schema(attributes, placed, scope),
        tuple(values.values()),
        placed.documentation,
        placed.span,
    )


def _mapped(attributes: tuple[Attribute, ...], placed: Placed, scope: Scope, *, block: bool) -> str | None:
    found = None
    for each in attributes:
        if each.name.text == "map":
            arguments = scope.arguments(each, placed.file, block=block)
            found = arguments.string("name", first=True)
            arguments.finish()
        elif not (block and each.name.text == "schema"):
            told = f'Attribute not known: "{"@@" if block else "@"}{each.name.text}".'
            scope.diagnostics.add(told, placed.file, each.start, each.end)
    return found


def _schema(attributes: tuple[Attribute, ...], placed: Placed, scope: Scope) -> str | None:
    for each in attributes:
        if each.name.text == "schema":
            found = scope.arguments(each, placed.file, block=True).string("map", first=True)
            if found is not None and found not in scope.schemas:
                scope.diagnostics.add(
                    "This schema is not defined in the datasource. Read more on `@@schema` at"
                    " https://pris.ly/d/multi-schema",
                    placed.file,
                    each.start,
                    each.end,
                )
            return found
    return None
