"""Attributes of a thing and their arguments, read so that none is overlooked: what nobody asked for is an error."""

from collections.abc import Iterator, Sequence

from pgarchitect.schema.psl.displayed import displayed, kind_of
from pgarchitect.schema.psl.syntax import (
    Argument,
    Arguments,
    Array,
    Attribute,
    Call,
    Constant,
    Expression,
    Number,
    StringLiteral,
)
from pgarchitect.schema.psl.validation.facts import SchemaFacts


class Given:
    """One attribute that is being read; ``close`` it when all that it may have has been asked for."""

    def __init__(self, schema: SchemaFacts, file: str, attribute: Attribute) -> None:
        self.schema = schema
        self.file = file
        self.attribute = attribute
        self._left: dict[str | None, Argument] = {}
        self._index()

    def _index(self) -> None:
        unnamed: list[Argument] = []
        for each in self.attribute.arguments.items if self.attribute.arguments else ():
            name = each.name.text if each.name else None
            if name is None:
                unnamed.append(each)
            elif name in self._left:
                self.schema.error(self.file, each, f'Argument "{name}" is already specified.')
            self._left[name] = each
        if len(unnamed) > 1:
            listed = ", ".join(displayed(each.value) for each in unnamed)
            self.error(
                "You provided multiple unnamed arguments. This is not possible. Did you forget the brackets? "
                f"Did you mean `[{listed}]`?"
            )

    def error(self, text: str) -> None:
        """Note an error of the whole attribute."""
        shown = f'Error parsing attribute "@{self.attribute.name.text}": {text}'
        self.schema.error(self.file, self.attribute, shown)

    def optional(self, name: str) -> Expression | None:
        """The value of an argument that may be there."""
        found = self._left.pop(name, None)
        return found.value if found else None

    def required(self, name: str, *, report: bool = True) -> Expression | None:
        """The value of an argument that may stand without its name; where it is missing that is an error."""
        named, unnamed = self._left.pop(name, None), self._left.pop(None, None)
        if named and unnamed:
            if report:
                text = f'Argument "{name}" is already specified as unnamed argument.'
                self.schema.error(self.file, named, text)
            return None
        found = named or unnamed
        if found is None and report:
            self.schema.error(self.file, self.attribute, f'Argument "{name}" is missing.')
        return found.value if found else None

    def string(self, value: Expression | None) -> str | None:
        """The value of a string; anything else is an error."""
        if isinstance(value, StringLiteral):
            return value.value
        self.mismatch("string", value)
        return None

    def name(self, name: str) -> str | None:
        """A string argument that may not be empty."""
        found = self.string(self.optional(name))
        if found == "":
            self.error(f"The `{name}` argument cannot be an empty string.")
            return None
        return found

    def word(self, value: Expression | None) -> str | None:
        """A bare word; anything else is an error."""
        if isinstance(value, Constant):
            return value.text
        self.mismatch("constant", value)
        return None

    def boolean(self, value: Expression | None) -> bool | None:
        """``true`` or ``false``; anything else is an error."""
        if isinstance(value, Constant) and value.text in {"true", "false"}:
            return value.text == "true"
        self.mismatch("boolean", value)
        return None

    def integer(self, value: Expression | None) -> str | None:
        """A whole number; anything else is an error."""
        if isinstance(value, Number) and value.text.lstrip("-").isdigit():
            return value.text
        self.mismatch("numeric", value)
        return None

    def mismatch(self, expected: str, value: Expression | None) -> None:
        """Note that a value is not of the expected kind; nothing where there is no value."""
        if value is not None:
            text = f"Expected a {expected} value, but received {kind_of(value)} value `{displayed(value)}`."
            self.schema.error(self.file, value, text)

    def close(self) -> None:
        """Note each argument that nobody asked for."""
        for each in self._left.values():
            self.schema.error(self.file, each, "No such argument.")


class AttributeReader:
    """The attributes of one thing; ``close`` it when all that it may have have been asked for."""

    def __init__(self, schema: SchemaFacts, file: str, attributes: Sequence[Attribute]) -> None:
        self.schema = schema
        self.file = file
        self._left = list(attributes)
        self._names = {each.name.text for each in attributes}

    def single(self, name: str) -> Given | None:
        """An attribute that may be there once."""
        if name not in self._names:
            return None
        found = [each for each in self._left if each.name.text == name]
        self._left = [each for each in self._left if each.name.text != name]
        if len(found) > 1:
            for each in found:
                self.schema.error(self.file, each, f'Attribute "@{name}" can only be defined once.')
            return None
        return self._opened(found[0])

    def repeated(self, name: str) -> Iterator[Given]:
        """Attributes that may be there any number of times."""
        found = [each for each in self._left if each.name.text == name]
        self._left = [each for each in self._left if each.name.text != name]
        for each in found:
            if given := self._opened(each):
                yield given

    def native(self) -> Attribute | None:
        """``@db.…``; the last, where there are several."""
        found = [each for each in self._left if "." in each.name.text]
        if not found:
            return None
        self._left = [each for each in self._left if "." not in each.name.text]
        for each in found[1:]:
            scope = each.name.text.split(".", 1)[0]
            self.schema.error(self.file, each, f'Attribute "@{scope}" can only be defined once.')
        return found[-1]

    def close(self) -> None:
        """Note each attribute that nobody asked for."""
        for each in self._left:
            self.schema.error(self.file, each, f'Attribute not known: "@{each.name.text}".')

    def _opened(self, attribute: Attribute) -> Given | None:
        if attribute.arguments is not None and not self._complete(attribute, attribute.arguments):
            return None
        return Given(self.schema, self.file, attribute)

    def _complete(self, attribute: Attribute, arguments: Arguments) -> bool:
        nested = [each.value.arguments for each in arguments.items if isinstance(each.value, Call)]
        complete = [self._has_values(attribute, each) for each in (arguments, *nested)]
        return all(complete)

    def _has_values(self, attribute: Attribute, arguments: Arguments) -> bool:
        empty = [each for each in arguments.items if each.value is None and each.name]
        self._missing(attribute, "@", empty)
        for each in arguments.items:
            for item in each.value.items if isinstance(each.value, Array) else ():
                if isinstance(item, Call):
                    inner = [one for one in item.arguments.items if one.value is None and one.name]
                    self._missing(attribute, "@@", inner)
        if (comma := arguments.trailing_comma) is not None:
            text = "Trailing commas are not valid in attribute arguments, please remove the comma."
            shown = f'Error parsing attribute "@{attribute.name.text}": {text}'
            self.schema.diagnostics.error(self.file, comma, comma + 1, shown)
        return not empty

    def _missing(self, attribute: Attribute, sigil: str, empty: Sequence[Argument]) -> None:
        for each in empty:
            if each.name:
                text = f"The `{each.name.text}` argument is missing a value."
                shown = f'Error parsing attribute "{sigil}{attribute.name.text}": {text}'
                self.schema.error(self.file, each.name, shown)
