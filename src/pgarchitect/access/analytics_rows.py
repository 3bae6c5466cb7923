"""Records of a result as objects of a caller's type: a struct, a dataclass, a named tuple or a dictionary."""

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, Final

from pgarchitect.access.failures import InvalidCondition

_POSITIONAL: Final = frozenset({Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD})
_COLLECTING: Final = frozenset({Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD})


def maker(into: type[Any], names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    """What makes an object of ``into`` of a record whose columns have these names.

    Raises:
        InvalidCondition: a column is no field of the type, has no name, or a field that has no default has no column.
    """
    if not names:
        raise InvalidCondition("The statement does not say which columns it has; give it some with text(…).columns(…).")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidCondition(f"Two columns of the statement have the name {twice!r}; label one of them otherwise.")
    if issubclass(into, dict):
        return lambda record: dict(zip(names, record, strict=True))
    fields = signature(into).parameters
    _must_fit(into, fields, names)
    first = list(fields.values())[: len(names)]
    if [each.name for each in first] == list(names) and all(each.kind in _POSITIONAL for each in first):
        return lambda record: into(*record)
    return lambda record: into(**dict(zip(names, record, strict=True)))


def _must_fit(into: type[Any], fields: Mapping[str, Parameter], names: Sequence[str]) -> None:
    if any(each.kind in _COLLECTING for each in fields.values()):
        raise InvalidCondition(
            f"Rows cannot be made into {into.__name__}; give a msgspec.Struct, a dataclass, a NamedTuple or dict."
        )
    missing = [each.name for each in fields.values() if each.default is Parameter.empty and each.name not in names]
    told = [f"{into.__name__} has no field {each!r}" for each in names if each not in fields]
    told += [f"the statement has no column {each!r}" for each in missing]
    if told:
        raise InvalidCondition(f"The columns do not fit {into.__name__}: {told[0]}; label the columns.")
