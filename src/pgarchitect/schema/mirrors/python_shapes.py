"""``@shape``: a JSON Schema → types of Python that pydantic checks."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pgarchitect.errors import SchemaInvalid
from pgarchitect.schema.mirrors.names import take, upper_first
from pgarchitect.schema.mirrors.python_code import call, docstring, mapping, statement, string

_PLAIN: Final = {"string": "str", "number": "float", "integer": "int", "boolean": "bool", "null": "None"}
_CONSTRAINTS: Final[Mapping[str, Mapping[str, str]]] = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "number": {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"},
    "integer": {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"},
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}
"""Type → keyword → argument of pydantic's ``Field``."""
_TOLD: Final = frozenset({"$schema", "$comment", "title", "description", "examples"})
_KNOWN: Final = _TOLD | {
    *("type", "enum", "const", "anyOf", "oneOf", "properties", "required", "additionalProperties", "items"),
    *(keyword for each in _CONSTRAINTS.values() for keyword in each),
}


class Shape:
    """Translates one shape.

    Args:
        name: beginning of the names of the classes that it takes.
        subject: what it is about, for messages: ``User.name``.
        taken: names that the classes may not have; theirs are added.
    """

    __slots__ = ("_name", "_subject", "_taken", "classes")

    def __init__(self, name: str, subject: str, taken: set[str]) -> None:
        self._name = name
        self._subject = subject
        self._taken = taken
        self.classes: list[str] = []
        """Definitions of classes, in the order in which they have to stand."""

    def type_of(self, schema: Any, path: str = "") -> str:  # noqa: ANN401  # JSON
        """The type of a schema's values.

        Raises:
            SchemaInvalid: it says something that is not translated.
        """
        if not isinstance(schema, dict):
            if schema is True:
                return "JsonValue"
            raise SchemaInvalid(f"@shape of {self._subject} has {schema!r} where a schema has to be; correct it.")
        if unknown := sorted(set(schema) - _KNOWN):
            raise SchemaInvalid(
                f"@shape of {self._subject} says {', '.join(unknown)}, which validators of pgarchitect do not check;"
                " leave it out."
            )
        if "const" in schema:
            return self._literals([schema["const"]])
        if "enum" in schema:
            return self._literals(schema["enum"])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return " | ".join(
                    self.type_of(each, f"{path}{number or ''}") for number, each in enumerate(schema[keyword])
                )
        kinds = schema.get("type", "object" if "properties" in schema else None)
        if kinds is None:
            return "JsonValue"
        return " | ".join(self._of(each, schema, path) for each in ([kinds] if isinstance(kinds, str) else kinds))

    def _literals(self, values: list[Any]) -> str:
        if not all(isinstance(each, str | int | bool | None) for each in values):
            raise SchemaInvalid(f"@shape of {self._subject}: an enum has texts, whole numbers, true, false and null.")
        return f"Literal[{', '.join(string(each) if isinstance(each, str) else repr(each) for each in values)}]"

    def _of(self, kind: str, schema: Mapping[str, Any], path: str) -> str:
        if kind == "object":
            return self._object(schema, path)
        if kind == "array":
            plain = f"list[{self.type_of(schema.get('items', True), f'{path}Item')}]"
        elif kind in _PLAIN:
            plain = _PLAIN[kind]
        else:
            raise SchemaInvalid(f"@shape of {self._subject} has a type `{kind}`, which JSON has not; correct it.")
        rules = [
            f"{argument}={string(value) if isinstance(value, str) else value!r}"
            for keyword, argument in _CONSTRAINTS.get(kind, {}).items()
            if (value := schema.get(keyword)) is not None
        ]
        return f"Annotated[{plain}, Field({', '.join(rules)})]" if rules else plain

    def _object(self, schema: Mapping[str, Any], path: str) -> str:
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        if not properties:
            return f"dict[str, {self.type_of(others, f'{path}Value') if others is not False else 'Never'}]"
        if isinstance(others, dict):
            raise SchemaInvalid(
                f"@shape of {self._subject} has both properties and a schema of additionalProperties; name one of them."
            )
        name = take(f"{self._name}{path}", self._taken)
        required = set(schema.get("required", ()))
        members = [
            (string(key), self._member(self.type_of(each, f"{path}{_word(key)}"), required=key in required))
            for key, each in properties.items()
        ]
        self.classes += [*self._class(name, members), *self._config(name, closed=others is False)]
        return name

    def _member(self, kind: str, *, required: bool) -> str:
        return kind if required else f"NotRequired[{kind}]"

    def _class(self, name: str, members: list[tuple[str, str]]) -> Iterator[str]:
        yield statement(f"{name} = ", call("TypedDict", string(name), mapping([(key, kind) for key, kind in members])))
        yield docstring(f"What is in {self._subject}.")

    def _config(self, name: str, *, closed: bool) -> Iterator[str]:
        extra = "forbid" if closed else "allow"
        yield f'with_config(ConfigDict(extra="{extra}"))({name})'


def _word(key: str) -> str:
    return upper_first("".join(each for each in key if f"_{each}".isidentifier()))
