"""What nested writes mean, without SQL: rows as dictionaries, changed one after another in the order of the docs.

It knows nothing of statements, batches and round trips.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.access_nested_schema import KEYS, Row, Side, is_relation, side
from tests.access_nested_store import Data, Refused, Store, values_of

Parents = list[tuple[Row, Any]]
"""Rows, and what becomes of one relation of each."""


class Model(Store):
    """A database that does nested writes."""

    def run(self, table: str, method: str, asked: Data) -> bool:
        """Do one operation of a client's table; False: there was no row to change.

        Raises:
            Refused: nothing was written.
        """
        before = self.kept()
        try:
            return self._run(table, method, asked)
        except Refused:
            self.rows, self.pairs = before
            raise

    def _run(self, table: str, method: str, asked: Data) -> bool:
        if method == "insert":
            self._create(table, [(asked["data"], {})])
            return True
        found = self.find(table, asked["where"])
        if found is None and method == "upsert":
            self._create(table, [(asked["create"], {})])
            return True
        if found is not None:
            self._change(table, [(found, asked["update" if method == "upsert" else "data"])])
        return found is not None

    def _create(self, table: str, given: Sequence[tuple[Data, Data]]) -> list[Row]:
        """Rows, each with the keys that it has of the row above it."""
        values = [{**_plain(table, data), **filled} for data, filled in given]
        for relation, several in _relations(table, [data for data, _ in given], holds=True):
            for number, key in self._led(table, relation, several).items():
                values[number].update(key)
        made = [self.insert(table, each) for each in values]
        for relation, several in _relations(table, [data for data, _ in given], holds=False):
            self._relate(relation, [(made[number], asked) for number, asked in several])
        return made

    def _change(self, table: str, given: Sequence[tuple[Row, Data]]) -> None:
        changes = [_changes(table, data) for _, data in given]
        left: list[tuple[str, Row]] = []
        held = _relations(table, [data for _, data in given], holds=True)
        # Where they lead before anything is written: what is written for one relation may lead back to these very rows.
        before = [
            [(n, self._linked(relation, given[n][0]), asked) for n, asked in several] for relation, several in held
        ]
        for (relation, several), linked in zip(held, before, strict=True):
            led = self._led(table, relation, several)
            self._follow_held(relation, linked, led, left)
            for number, key in led.items():
                changes[number].update(key)
        for (row, _), values in zip(given, changes, strict=True):
            self.update(table, row, {name: each(row) if callable(each) else each for name, each in values.items()})
        for target, row in left:
            self.delete(target, row)
        for relation, several in _relations(table, [data for _, data in given], holds=False):
            self._relate(relation, [(given[number][0], asked) for number, asked in several])

    def _led(self, table: str, relation: Side, several: Sequence[tuple[int, Data]]) -> dict[int, Data]:
        """What rows get of a relation whose key they have: the key of the row that it leads to from now on."""
        assert relation.link is not None
        led: dict[int, Row] = {}
        created = [(number, asked["create"]) for number, asked in several if "create" in asked]
        made = self._create(relation.target, [(data, {}) for _, data in created])
        led.update(zip([number for number, _ in created], made, strict=True))
        ensured = [(number, asked["connect_or_create"]) for number, asked in several if "connect_or_create" in asked]
        found, _ = self._ensure(relation.target, [(each, {}) for _, each in ensured])
        led.update(zip([number for number, _ in ensured], found, strict=True))
        for number, asked in several:
            if "connect" in asked and (set(asked["connect"]) != set(relation.link.there) or relation.is_moved):
                led[number] = self.required(relation.target, asked["connect"])
        keys = {
            number: dict(zip(relation.link.fields, values_of(row, relation.link.there), strict=True))
            for number, row in led.items()
        }
        if relation.is_moved:
            for key in keys.values():
                for other in self.rows[table]:
                    if all(other[name] == key[name] for name in key):
                        other.update(dict.fromkeys(key))
        for number, asked in several:
            if asked.get("disconnect"):
                keys[number] = dict.fromkeys(relation.link.fields)
            if "connect" in asked and number not in keys:  # whether there is such a row, the foreign key says
                names = zip(relation.link.fields, relation.link.there, strict=True)
                keys[number] = {mine: asked["connect"][theirs] for mine, theirs in names}
        return dict(keys)

    def _follow_held(
        self,
        relation: Side,
        several: Sequence[tuple[int, Sequence[Row], Data]],
        led: dict[int, Data],
        left: list[tuple[str, Row]],
    ) -> None:
        """Change, write or delete what rows lead to whose key they have."""
        assert relation.link is not None
        changed: list[tuple[Row, Data]] = []
        absent: list[tuple[int, Data]] = []
        for number, current, asked in several:
            if "upsert" in asked and not current:
                absent.append((number, asked["upsert"]["create"]))
            elif "update" in asked or "upsert" in asked or asked.get("delete"):
                if not current:
                    raise Refused(f"{relation.name} leads to no row")
                if asked.get("delete"):
                    left.append((relation.target, current[0]))
                    led[number] = dict.fromkeys(relation.link.fields)
                else:
                    changed.append((current[0], asked["update"] if "update" in asked else asked["upsert"]["update"]))
        self._change(relation.target, changed)
        for (number, _), row in zip(
            absent, self._create(relation.target, [(each, {}) for _, each in absent]), strict=True
        ):
            led[number] = dict(zip(relation.link.fields, values_of(row, relation.link.there), strict=True))

    def _ensure(self, table: str, given: Sequence[tuple[Data, Data]]) -> tuple[list[Row], list[bool]]:
        """The row of each key, and whether it was written; one that is asked for twice is written once, and so is one
        that another before it is to be."""
        found = [self.find(table, each["where"]) for each, _ in given]
        keyed = [(_becoming(table, each, filled), each["where"]) for each, filled in given]
        first: dict[int, int] = {}
        for number, row in enumerate(found):
            key = keyed[number][1]
            if row is None:
                writers = (n for n, each in first.items() if n == each and has(keyed[n][0], key))
                first[number] = next(writers, number)
        new = [number for number, each in first.items() if number == each]
        plain = [(_without(given[number][0]["create"], given[number][1]), given[number][1]) for number in new]
        made = dict(zip(new, self._create(table, plain), strict=True))
        for number, writer in first.items():
            found[number] = made[writer]
        return [each for each in found if each is not None], [number in made for number in range(len(given))]

    # A relation whose key another table has.

    def _linked(self, relation: Side, row: Row) -> list[Row]:
        """The rows that it leads to."""
        several = self.rows[relation.target]
        if relation.pair is not None:
            pairs = self.pairs[relation.pair.between]
            return [each for each in several if _pair(relation, row, each) in pairs]
        assert relation.link is not None
        if relation.holds:
            return [each for each in several if self.refers(relation.link, row, each)]
        return [each for each in several if self.refers(relation.link, each, row)]

    def _relate(self, relation: Side, parents: Parents) -> None:
        for name in ORDER:
            asked = [(row, each[name]) for row, each in parents if name in each and each[name] is not False]
            if asked:
                STEPS[name](self, relation, [(row, item) for row, items in asked for item in _items(relation, items)])
            if name == "set" and asked:
                self._set_all(relation, asked)
            if name == "disconnect":
                self._make_room(relation, parents)

    def _named(self, relation: Side, row: Row, key: Any) -> Row:
        """The row of a key, or whatever row there is, of those that the relation leads to."""
        found = [
            each for each in self._linked(relation, row) if key is True or all(each[name] == key[name] for name in key)
        ]
        if not found:
            raise Refused(f"{relation.name} leads to no {key}")
        return found[0]

    def _attach(self, relation: Side, row: Row, other: Row) -> None:
        if relation.pair is not None:
            self.join(relation.pair, _pair(relation, row, other))
            return
        assert relation.link is not None
        self.update(
            relation.target, other, dict(zip(relation.link.fields, values_of(row, relation.link.there), strict=True))
        )

    def _detach(self, relation: Side, row: Row, other: Row) -> None:
        if relation.pair is not None:
            self.pairs[relation.pair.between].discard(_pair(relation, row, other))
            return
        assert relation.link is not None
        self.update(relation.target, other, dict.fromkeys(relation.link.fields))

    def _make_room(self, relation: Side, parents: Parents) -> None:
        """A row that comes in the place of another takes its place, where the other can do without."""
        if relation.link is None or relation.many or relation.link.is_required:
            return
        for row, asked in parents:
            if {"connect", "connect_or_create", "create"} & set(asked):
                for other in self._linked(relation, row):
                    self._detach(relation, row, other)

    def _filled(self, relation: Side, row: Row) -> Data:
        if relation.link is None:
            return {}
        return dict(zip(relation.link.fields, values_of(row, relation.link.there), strict=True))

    def do_delete(self, relation: Side, items: Parents) -> None:
        found = [self._named(relation, row, key) for row, key in items]
        for each in found:
            if not any(each is other for other in self.rows[relation.target]):
                raise Refused("a row is deleted twice")
            self.delete(relation.target, each)

    def do_delete_many(self, relation: Side, items: Parents) -> None:
        for row, where in items:
            for each in self._linked(relation, row):
                if fits(each, where):
                    self.delete(relation.target, each)

    def do_nothing(self, relation: Side, items: Parents) -> None:
        """Of ``set``, which is no list of its own."""

    def _set_all(self, relation: Side, asked: Sequence[tuple[Row, Any]]) -> None:
        chosen = [(row, [self.required(relation.target, key) for key in _items(relation, keys)]) for row, keys in asked]
        for row, kept in chosen:
            for other in self._linked(relation, row):
                if not any(other is each for each in kept):
                    self._detach(relation, row, other)
        for row, kept in chosen:
            for each in kept:
                self._attach(relation, row, each)

    def do_disconnect(self, relation: Side, items: Parents) -> None:
        for row, key in items:
            for each in self._linked(relation, row):
                if key is True or all(each[name] == key[name] for name in key):
                    self._detach(relation, row, each)

    def do_connect(self, relation: Side, items: Parents) -> None:
        found = [(row, self.required(relation.target, key)) for row, key in items]
        for row, other in found:
            self._attach(relation, row, other)

    def do_connect_or_create(self, relation: Side, items: Parents) -> None:
        found, created = self._ensure(relation.target, [(each, self._filled(relation, row)) for row, each in items])
        for (row, _), other, is_created in zip(items, found, created, strict=True):
            if relation.pair is not None or not is_created:
                self._attach(relation, row, other)

    def do_update(self, relation: Side, items: Parents) -> None:
        found = [
            (
                self._named(relation, row, each["where"] if relation.many else True),
                each["data"] if relation.many else each,
            )
            for row, each in items
        ]
        self._change(relation.target, found)

    def do_update_many(self, relation: Side, items: Parents) -> None:
        for row, each in items:
            for other in self._linked(relation, row):
                if fits(other, each["where"]):
                    values = _changes(relation.target, each["data"])
                    self.update(relation.target, other, {n: v(other) if callable(v) else v for n, v in values.items()})

    def do_upsert(self, relation: Side, items: Parents) -> None:
        there: list[tuple[Row, Data]] = []
        absent: list[tuple[Row, Data]] = []
        for row, each in items:
            key = each["where"] if relation.many else {}
            found = [o for o in self._linked(relation, row) if all(o[name] == key[name] for name in key)]
            if found:
                there.append((found[0], each["update"]))
            else:
                absent.append((row, each["create"]))
        self._change(relation.target, there)
        self.do_create(relation, absent)

    def do_create(self, relation: Side, items: Parents) -> None:
        made = self._create(relation.target, [(each, self._filled(relation, row)) for row, each in items])
        if relation.pair is not None:
            for (row, _), other in zip(items, made, strict=True):
                self._attach(relation, row, other)

    def do_create_many(self, relation: Side, items: Parents) -> None:
        for skip in (False, True):
            for row, each in items:
                if bool(each.get("skip_duplicates")) is skip:
                    for data in each["data"]:
                        self._copy(relation.target, {**data, **self._filled(relation, row)}, skip=skip)

    def _copy(self, table: str, values: Data, *, skip: bool) -> None:
        keys = [key for key in KEYS[table] if all(values.get(name) is not None for name in key)]
        there = any(values_of(row, key) == values_of(values, key) for key in keys for row in self.rows[table])
        if not (skip and there):
            self.insert(table, values)


Step = Callable[[Model, Side, Parents], None]
STEPS: dict[str, Step] = {
    "delete": Model.do_delete,
    "delete_many": Model.do_delete_many,
    "set": Model.do_nothing,
    "disconnect": Model.do_disconnect,
    "connect": Model.do_connect,
    "connect_or_create": Model.do_connect_or_create,
    "update": Model.do_update,
    "update_many": Model.do_update_many,
    "upsert": Model.do_upsert,
    "create": Model.do_create,
    "create_many": Model.do_create_many,
}
ORDER = tuple(STEPS)
"""The order of operations of a relation, as documented."""


def _becoming(table: str, asked: Data, filled: Data) -> Data:
    """A row as it is once it is created; what relations of its own will give it counts as what it is looked for by."""
    held: dict[str, Any] = {}
    for relation, [(_, written)] in _relations(table, [asked["create"]], holds=True):
        assert relation.link is not None
        names = dict(zip(relation.link.fields, relation.link.there, strict=True))
        known = written.get("connect", {}) if not relation.is_moved else {}
        if set(known) == set(relation.link.there):
            held |= {mine: known[theirs] for mine, theirs in names.items()}
        else:
            held |= {name: asked["where"][name] for name in names if name in asked["where"]}
    return {**held, **asked["create"], **filled}


def has(row: Data, key: Data) -> bool:
    """Whether a row has a key."""
    return all(row.get(name) == value for name, value in key.items())


def fits(row: Row, where: Data) -> bool:
    """Whether a row fits a condition on its own fields."""
    return all(_fits(row, name, asked) for name, asked in where.items())


def _fits(row: Row, name: str, asked: Any) -> bool:
    if name == "OR":
        return any(fits(row, each) for each in asked)
    if name == "NOT":
        return not fits(row, asked)
    if not isinstance(asked, Mapping):
        return bool(row[name] == asked)
    [(word, value)] = asked.items()
    tests: dict[str, Callable[[], bool]] = {
        "in": lambda: row[name] in value,
        "gte": lambda: row[name] is not None and row[name] >= value,
        "lt": lambda: row[name] is not None and row[name] < value,
    }
    return tests[word]()


def _operation(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        [(word, number)] = value.items()
        return (lambda row: row[name] + number) if word == "increment" else (lambda row: row[name] * number)
    return value


def _changes(table: str, data: Data) -> dict[str, Any]:
    """Values, and what makes them of the row."""
    return {name: _operation(name, value) for name, value in _plain(table, data).items()}


def _pair(relation: Side, row: Row, other: Row) -> tuple[int, int]:
    return (row["id"], other["id"]) if relation.holds else (other["id"], row["id"])


def _plain(table: str, data: Data) -> dict[str, Any]:
    return {name: value for name, value in data.items() if not is_relation(table, name)}


def _without(data: Data, filled: Data) -> Data:
    return {name: value for name, value in data.items() if name not in filled}


def _relations(table: str, given: Iterable[Data], *, holds: bool) -> list[tuple[Side, list[tuple[int, Data]]]]:
    """Relations that are written, each with the numbers of the rows and what becomes of it there."""
    found: dict[str, list[tuple[int, Data]]] = {}
    for number, data in enumerate(given):
        for name, asked in data.items():
            if is_relation(table, name):
                found.setdefault(name, []).append((number, asked))
    made = [(side(table, name), several) for name, several in found.items()]
    return [(each, several) for each, several in made if (each.link is not None and each.holds) is holds]


def _items(relation: Side, given: Any) -> list[Any]:
    return list(given) if isinstance(given, list) else [given]
