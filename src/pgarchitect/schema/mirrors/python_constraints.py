"""Constrained types of ``writes.py``: each has a name, shared where only the database sets the bounds."""

from typing import Final

from pgarchitect.schema.database_schema import Column
from pgarchitect.schema.mirrors.annotations import annotations
from pgarchitect.schema.mirrors.names import take, upper_first
from pgarchitect.schema.mirrors.python_code import Node, call, keyword, statement, string
from pgarchitect.schema.mirrors.write_rules import WriteRule, write_rule
from pgarchitect.schema.psl.prisma_schema import Field, Model

_SHARED: Final = {
    "bit": "Bit",
    "bpchar": "Char",
    "int2": "SmallInt",
    "int4": "Int",
    "int8": "BigInt",
    "numeric": "Numeric",
    "oid": "Oid",
    "varbit": "VarBit",
    "varchar": "VarChar",
}


class Constrained:
    """The constrained types of a module.

    Args:
        taken: names that they may not have; theirs are added.
    """

    __slots__ = ("_by_text", "_taken", "definitions")

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._by_text: dict[str, str] = {}
        self.definitions: list[str] = []
        """Their assignments, in the order in which they were first needed."""

    def one(self, kind: str, model: Model, field: Field, column: Column) -> str:
        """The type of one value: ``kind``, or the name of a type with its bounds."""
        bounds = _bounds(write_rule(field, column), decimal=kind == "Decimal")
        return self._named(kind, bounds, _wanted(model, field, column)) if bounds else kind

    def several(self, kind: str, model: Model, field: Field, column: Column) -> str:
        """The type of a list of such values."""
        least, most = write_rule(field, column).items
        bounds = _lengths(least, most)
        name = f"{upper_first(model.name)}{upper_first(field.name)}List"
        return self._named(f"list[{kind}]", bounds, name) if bounds else f"list[{kind}]"

    def _named(self, kind: str, bounds: list[Node | str], wanted: str) -> str:
        node = Node("Annotated[", (kind, call("Field", *bounds)), "]")
        key = wanted + statement("", node)
        if key not in self._by_text:
            name = take(wanted, self._taken)
            self._by_text[key] = name
            self.definitions.append(statement(f"{name} = ", node))
        return self._by_text[key]


def _wanted(model: Model, field: Field, column: Column) -> str:
    told = annotations(field.documentation)
    own = (told.minimum, told.maximum, told.min_length, told.max_length, told.pattern)
    if any(each not in {None, ""} for each in own) or column.type.name not in _SHARED:
        return f"{upper_first(model.name)}{upper_first(field.name)}"
    return _SHARED[column.type.name] + "_".join(column.type.modifiers)


def _bounds(rule: WriteRule, *, decimal: bool) -> list[Node | str]:
    bounds = [
        keyword(name, f"Decimal({string(each)})" if decimal else each)
        for name, each in (("ge", rule.least), ("le", rule.most))
        if each
    ]
    bounds += _lengths(rule.min_length, rule.max_length)
    if rule.digits:
        bounds += [keyword("max_digits", str(rule.digits[0])), keyword("decimal_places", str(rule.digits[1]))]
    if rule.pattern:
        bounds.append(keyword("pattern", string(rule.pattern)))
    return bounds


def _lengths(least: int | None, most: int | None) -> list[Node | str]:
    return [
        keyword(name, str(each)) for name, each in (("min_length", least), ("max_length", most)) if each is not None
    ]
