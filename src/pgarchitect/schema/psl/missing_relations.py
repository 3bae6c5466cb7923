"""Ends of relations that are not written, and the columns of those that say none: what the formatter adds.

It adds nothing to a schema with any other error in its names, types or attributes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pgarchitect.schema.psl.diagnostics import Diagnostics
from pgarchitect.schema.psl.parsing import parse
from pgarchitect.schema.psl.plural import camel_case, plural
from pgarchitect.schema.psl.validation.attributes import resolve_attributes
from pgarchitect.schema.psl.validation.facts import FieldFacts, ModelFacts, SchemaFacts
from pgarchitect.schema.psl.validation.names import resolve_names
from pgarchitect.schema.psl.validation.relations import RelationEnds, relation_ends, said
from pgarchitect.schema.psl.validation.types import malformed_fields, resolve_types


@dataclass(frozen=True, slots=True)
class _Addition:
    """Text to add to a file at an offset."""

    file: str
    at: int
    text: str


def completed(sources: Mapping[str, str]) -> dict[str, str]:
    """The files with what their relations lack."""
    diagnostics = Diagnostics()
    trees = [parse(file, text, diagnostics) for file, text in sources.items()]
    schema = SchemaFacts(trees, diagnostics)
    for stage in (malformed_fields, resolve_names, resolve_types, resolve_attributes):
        stage(schema)
    if diagnostics.found:
        return dict(sources)
    added: dict[str, list[_Addition]] = defaultdict(list)
    taken = {id(model): {each.name for each in model.fields} for model in schema.models}
    for ends in relation_ends(schema):
        if ends.is_inline and all(model is schema.by_name.get(model.name) for model in (ends.holder, ends.referred)):
            for each in _additions(sources, ends, taken):
                added[each.file].append(each)
    return {file: _with(text, added[file]) if file in added else text for file, text in sources.items()}


def _with(text: str, additions: list[_Addition]) -> str:
    out: list[str] = []
    at = 0
    for each in sorted(additions, key=lambda one: one.at):
        out += [text[at : each.at], each.text]
        at = each.at
    return "".join([*out, text[at:]])


def _additions(sources: Mapping[str, str], ends: RelationEnds, taken: dict[int, set[str]]) -> Iterator[_Addition]:
    columns = _columns(ends)
    names = f"fields: [{', '.join(name for name, _ in columns)}]"
    references = f"references: [{', '.join(each.name for each in ends.referenced)}]"
    if ends.back is None:
        yield from _back(ends, taken)
    if ends.forward is None:
        arity = "?" if any(_optional(ends, name) for name, _ in columns) else ""
        name = camel_case(ends.referred.name)
        if not _free(ends.holder, name, taken):
            return
        yield _at_end(ends.holder, f"{name} {ends.referred.name}{arity} @relation({names}, {references})\n")
    else:
        yield from _arguments(sources, ends.forward, names, references)
    if ends.forward is None or said(ends.forward).fields is None:
        yield from _missing_columns(sources, ends, columns, taken)


def _free(model: ModelFacts, name: str, taken: dict[int, set[str]]) -> bool:
    if name in taken[id(model)]:
        return False
    taken[id(model)].add(name)
    return True


def _at_end(model: ModelFacts, text: str) -> _Addition:
    return _Addition(model.file, model.block.inner_end, text)


def _back(ends: RelationEnds, taken: dict[int, set[str]]) -> Iterator[_Addition]:
    name = camel_case(ends.holder.name)
    if ends.kind != "1-1":
        name = plural(name)
    if _free(ends.referred, name, taken):
        ignored = "@ignore" if ends.holder.ignored else ""
        arity = "?" if ends.kind == "1-1" else "[]"
        yield _at_end(ends.referred, f"{name} {ends.holder.name}{arity} {ignored}\n")


def _arguments(sources: Mapping[str, str], forward: FieldFacts, names: str, references: str) -> Iterator[_Addition]:
    facts = said(forward)
    missing = [*([names] if facts.fields is None else []), *([references] if facts.references is None else [])]
    if not missing:
        return
    text, file = ", ".join(missing), forward.model.file
    attribute = facts.attribute
    if attribute is None:
        end = forward.declared.type.end if forward.declared.type else forward.declared.name.end
        yield _Addition(file, end, f" @relation({text})")
    elif attribute.arguments is None:
        yield _Addition(file, attribute.name.end, f"({text})")
    else:
        end = attribute.arguments.end - 1
        given = sources[file][attribute.arguments.start + 1 : end].strip()
        yield _Addition(file, end, f"{', ' if given and not given.endswith(',') else ''}{text}")


def _columns(ends: RelationEnds) -> list[tuple[str, FieldFacts]]:
    criterion = next(ends.referred.unique_criteria(), None)
    fields = [each.field for each in criterion.fields] if criterion else []
    head = ends.referred.name[:1].lower() + ends.referred.name[1:]
    return [(head + each.name[:1].upper() + each.name[1:], each) for each in fields]


def _optional(ends: RelationEnds, name: str) -> bool:
    existing = ends.holder.field(name)
    if existing is not None:
        return existing.is_optional
    return ends.forward is None or ends.forward.is_optional


def _missing_columns(
    sources: Mapping[str, str], ends: RelationEnds, columns: list[tuple[str, FieldFacts]], taken: dict[int, set[str]]
) -> Iterator[_Addition]:
    for name, field in columns:
        if field.scalar is None or not _free(ends.holder, name, taken):
            continue
        native = ""
        if field.native is not None:
            native = sources[field.model.file][field.native.start : field.native.end].strip()
        arity = "?" if _optional(ends, name) else ""
        yield _at_end(ends.holder, f"{name} {field.scalar}{arity} {native}\n")
