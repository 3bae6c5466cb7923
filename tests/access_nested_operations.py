"""Random rows in the tables of ``access_nested_schema``, and random nested writes on them, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from tests.access_nested_schema import KEYS, LINKS, OWN, PAIRS, TABLES, Link, Row, Side, own, side, sides

Draw = st.DrawFn
Rows = dict[str, list[Row]]
Pairs = dict[str, set[tuple[int, int]]]
Operation = tuple[str, str, dict[str, Any]]
"""Table, ``insert``, ``update`` or ``upsert``, and its arguments."""

MOST = 4
"""Names, and numbers of rows that are there at the beginning, end with it."""
DEPTH = 3
POINTS = st.integers(0, 3)
MANY = [1, 1, 1, 1, 2, 2, 3]
"""Numbers of rows that are there; most rows belong to the first, so that what is asked of it finds something."""
THERE = st.sampled_from([*MANY * 2, MOST])
NEW = st.sampled_from([*range(MOST, 2 * MOST)] * 2 + [1, 2])
_OF_ONE_NEW = ("connect", "create", "connect_or_create")
_OF_ONE = (*_OF_ONE_NEW, "update", "upsert", "disconnect", "delete")
_OF_MANY_NEW = (*_OF_ONE_NEW, "create_many")
_OF_MANY = (*_OF_MANY_NEW, "update", "upsert", "disconnect", "delete", "set", "update_many", "delete_many")


def name_of(table: str, number: int) -> str:
    """A name."""
    return f"{table}{number}"


@st.composite
def beginnings(draw: Draw) -> tuple[Rows, Pairs]:
    """Rows that are there, and the pairs between them."""
    numbers = range(1, MOST)
    some = st.sampled_from(MANY)
    perhaps = st.none() | some
    rows: Rows = {table: [] for table in TABLES}
    rows["person"] = [_numbered("person", n, boss_id=draw(perhaps)) for n in numbers]
    rows["room"] = [{"floor": f, "number": n, "points": f} for f, n in ((1, 1), (1, 2), (2, 1))]
    owned = draw(st.lists(some, min_size=1, max_size=3, unique=True))
    rows["passport"] = [_numbered("passport", n, person_id=owner) for n, owner in enumerate(owned, 1)]
    owners = draw(st.lists(some, min_size=1, max_size=2, unique=True))
    rows["desk"] = [_numbered("desk", n, owner=name_of("person", owner)) for n, owner in enumerate(owners, 1)]
    rows["desk"].append(_numbered("desk", 3, owner=None))
    for n in numbers:
        floor, number = draw(st.sampled_from([(None, None), (1, 1), (1, 2)]))
        post = {"author_id": draw(some), "editor_id": draw(perhaps), "floor": floor, "number": number}
        rows["post"].append(_numbered("post", n, **post))
    rows["tag"] = [_numbered("tag", n) for n in numbers]
    lines = draw(st.lists(st.tuples(some, st.integers(1, 2)), min_size=1, max_size=4, unique=True))
    rows["note"] = [{"post_id": post, "line": line, "points": 0} for post, line in lines]
    places = draw(st.lists(st.tuples(some, st.sampled_from([(1, 1), (1, 2)])), min_size=1, max_size=3, unique=True))
    rows["member"] = [{"person_id": n, "floor": f, "number": m, "points": 1} for n, (f, m) in places]
    both = st.lists(st.tuples(some, some), min_size=1, max_size=4, unique=True)
    return rows, {pair.between: set(draw(both)) for pair in PAIRS}


def _numbered(table: str, of: int, **more: Any) -> Row:
    return {"id": of, "name": name_of(table, of), "points": of, **more}


@st.composite
def operations(draw: Draw) -> Operation:
    """One nested write."""
    table = draw(st.sampled_from(["person", "post"] * 4 + [*TABLES]))
    method = draw(st.sampled_from(["insert", "update", "update", "update", "update", "upsert"]))
    depth = draw(st.sampled_from([1, 2, 2, DEPTH]))
    if method == "insert":
        return table, method, {"data": draw(new_rows(table, depth, None))}
    where = draw(keys(table))
    if method == "update":
        return table, method, {"where": where, "data": draw(changes(table, depth, None))}
    new = draw(new_rows(table, depth, None))
    return table, method, {"where": where, "create": new, "update": draw(changes(table, depth, None))}


@st.composite
def moves(draw: Draw) -> Operation:
    """A change of a row which a relation leads back to, where it gets another key."""
    post = st.integers(1, 3).map(lambda number: {"id": number})
    if draw(st.booleans()):
        data = draw(changes("person", 1, None))
        change = draw(changes("post", 0, side("person", "posts"))) | {"author": {"update": draw(_moved("person"))}}
        change.pop("author_id", None)
        others = {name: each for name, each in data.get("posts", {}).items() if name not in {"delete", "delete_many"}}
        posts = {**others, "update": [{"where": draw(post), "data": change}]}
        return "person", "update", {"where": {"id": 1}, "data": {**data, "posts": posts}}
    where, person = draw(post), draw(changes("person", 0, None))
    below = {**person, "posts": {"update": [{"where": where, "data": draw(_moved("post"))}]}}
    data = draw(changes("post", 1, side("person", "posts")))
    data.pop("author_id", None)
    return "post", "update", {"where": where, "data": {**data, "author": {"update": below}}}


@st.composite
def _moved(draw: Draw, table: str) -> dict[str, Any]:
    number = draw(st.integers(MOST, 2 * MOST))
    named = {"name": name_of(table, draw(st.integers(MOST, 2 * MOST)))} if draw(st.booleans()) else {}
    return {"id": number, **named, "points": draw(POINTS)}


@st.composite
def keys(draw: Draw, table: str) -> dict[str, Any]:
    """A unique key, most often of a row that is there at the beginning."""
    if table in OWN:
        return {name: draw(value_of(name)) for name in KEYS[table][0]}
    name = draw(st.sampled_from(["id", "name", "name"]))
    number = draw(THERE)
    return {name: name_of(table, number) if name == "name" else number}


def value_of(name: str) -> st.SearchStrategy[Any]:
    """A value of a field that refers to a row, or of a part of a key."""
    if name == "owner":
        return THERE.map(lambda number: name_of("person", number))
    return st.sampled_from([1, 1, 1, 2]) if name in {"floor", "number", "line"} else THERE


def new_value(table: str, name: str) -> st.SearchStrategy[Any]:
    """A value of a field of a row to write, most often one that no row has."""
    if name == "name":
        return NEW.map(lambda number: name_of(table, number))
    return st.integers(1, 3)


@st.composite
def new_rows(draw: Draw, table: str, depth: int, via: Side | None) -> dict[str, Any]:
    """A row to create; ``via``: the relation by which the row above it leads to it."""
    row: dict[str, Any] = {}
    covered = _covered(via)
    for name in own(table):
        if name not in covered:
            row[name] = draw(new_value(table, name))
    if draw(st.booleans()):
        row["points"] = draw(POINTS)
    if table not in OWN and draw(st.integers(0, 15)) == 0:
        row["id"] = draw(st.integers(MOST, MOST + 2))
    _draw_held(draw, table, depth, via, row, new=True)
    _draw_below(draw, table, depth, via, row, new=True)
    return row


@st.composite
def changes(draw: Draw, table: str, depth: int, via: Side | None) -> dict[str, Any]:
    """What is changed of a row."""
    row: dict[str, Any] = {}
    if draw(st.booleans()):
        row["points"] = draw(POINTS | st.fixed_dictionaries({"increment": st.just(10)}))
    if table not in OWN and draw(st.integers(0, 7)) == 0:
        row["name"] = draw(new_value(table, "name"))
    if table not in OWN and table != "person" and draw(st.integers(0, 15)) == 0:
        row["id"] = draw(st.integers(MOST, MOST + 2))
    if table in {"room", "note"} and draw(st.integers(0, 7)) == 0:
        row[own(table)[-1]] = draw(st.integers(1, 4))
    _draw_held(draw, table, depth, via, row, new=False)
    _draw_below(draw, table, depth, via, row, new=False)
    return row


def _covered(via: Side | None) -> tuple[str, ...]:
    return via.link.fields if via is not None and via.link is not None and not via.holds else ()


def _is_back(via: Side | None, relation: Side) -> bool:
    """Whether a relation is the other side of ``via``."""
    if via is None or (via.link, via.pair) != (relation.link, relation.pair):
        return False
    return via.holds is not relation.holds


def _draw_held(draw: Draw, table: str, depth: int, via: Side | None, row: dict[str, Any], *, new: bool) -> None:
    """Relations whose key the row has; by their columns, or all by what becomes of them."""
    plain = draw(st.integers(0, 3)) == 0
    for relation in sides(table):
        link = relation.link
        if link is None or not relation.holds or _is_back(via, relation) or set(link.fields) & set(row):
            continue
        if not (new and link.is_required) and draw(st.integers(0, 2)):
            continue
        if plain:
            row.update(_plain_key(draw, link))
        else:
            row[relation.name] = draw(of_one(relation, depth, new=new))


def _plain_key(draw: Draw, link: Link) -> dict[str, Any]:
    if not link.is_required and draw(st.booleans()):
        return dict.fromkeys(link.fields)
    return {name: draw(value_of(name)) for name in link.fields}


def _draw_below(draw: Draw, table: str, depth: int, via: Side | None, row: dict[str, Any], *, new: bool) -> None:
    if not depth:
        return
    for relation in sides(table):
        if (relation.link is not None and relation.holds) or _is_back(via, relation) or draw(st.integers(0, 2)):
            continue
        make = of_many if relation.many else of_one
        row[relation.name] = draw(make(relation, depth, new=new))


def _cuttable(relation: Side) -> bool:
    return relation.link is None or not relation.link.is_required


@st.composite
def of_one(draw: Draw, relation: Side, depth: int, *, new: bool) -> dict[str, Any]:
    """What becomes of a relation to one row."""
    words = list(_OF_ONE_NEW if new else _OF_ONE) if depth else ["connect"]
    if not _cuttable(relation):
        words = [each for each in words if each != "disconnect" and not (each == "delete" and relation.holds)]
    word = draw(st.sampled_from(words))
    return {word: draw(item(relation, word, depth - 1))}


@st.composite
def of_many(draw: Draw, relation: Side, depth: int, *, new: bool) -> dict[str, Any]:
    """What becomes of a relation to many rows."""
    words = list(_OF_MANY_NEW if new else _OF_MANY)
    if relation.pair is not None:
        words.remove("create_many")
    if not _cuttable(relation):
        words = [each for each in words if each not in {"disconnect", "set"}]
    made: dict[str, Any] = {}
    for word in draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True)):
        if word == "create_many":
            made[word] = draw(item(relation, word, depth - 1))
        else:
            least = 0 if word == "set" else 1
            made[word] = draw(st.lists(item(relation, word, depth - 1), min_size=least, max_size=2))
    return made


@st.composite
def item(draw: Draw, relation: Side, word: str, depth: int) -> Any:
    """One argument of an operation on a relation."""
    target, many = relation.target, relation.many
    if word in {"disconnect", "delete"} and not many:
        return True
    if word in {"connect", "disconnect", "delete", "set"}:
        return draw(keys(target))
    if word == "create":
        return draw(new_rows(target, depth, relation))
    if word == "connect_or_create":
        return {"where": draw(keys(target)), "create": draw(new_rows(target, depth, relation))}
    if word == "update":
        data = draw(changes(target, depth, relation))
        return {"where": draw(keys(target)), "data": data} if many else data
    if word == "upsert":
        made = {"create": draw(new_rows(target, depth, relation)), "update": draw(changes(target, depth, relation))}
        return {"where": draw(keys(target)), **made} if many else made
    if word == "update_many":
        return {"where": draw(conditions(target)), "data": draw(many_changes(target))}
    if word == "delete_many":
        return draw(conditions(target))
    rows = draw(st.lists(_plain_rows(target, relation), max_size=2))
    return {"data": rows, "skip_duplicates": draw(st.booleans())}


@st.composite
def _plain_rows(draw: Draw, table: str, via: Side) -> dict[str, Any]:
    covered = _covered(via)
    row = {name: draw(new_value(table, name)) for name in own(table) if name not in covered}
    for link in LINKS:
        is_free = link.table == table and not set(link.fields) & set(covered)
        if is_free and (link.is_required or draw(st.booleans())):
            row.update({name: draw(value_of(name)) for name in link.fields})
    if draw(st.booleans()):
        row["points"] = draw(POINTS)
    return row


@st.composite
def many_changes(draw: Draw, table: str) -> dict[str, Any]:
    """What is changed of several rows."""
    made: dict[str, Any] = {"points": draw(POINTS | st.fixed_dictionaries({"increment": st.just(10)}))}
    if table not in OWN and table != "person" and draw(st.integers(0, 7)) == 0:
        made["name"] = draw(new_value(table, "name"))
    return made


@st.composite
def conditions(draw: Draw, table: str) -> dict[str, Any]:
    """A condition on a table's own fields."""
    name = "points" if table in OWN else draw(st.sampled_from(["name", "points"]))
    one: st.SearchStrategy[Any]
    if name == "name":
        names = THERE.map(lambda number: name_of(table, number))
        one = names | st.fixed_dictionaries({"in": st.lists(names, max_size=3)})
    else:
        one = POINTS | st.fixed_dictionaries({"gte": POINTS}) | st.fixed_dictionaries({"lt": POINTS})
    kind = draw(st.sampled_from(["all", "field", "field", "not", "or"]))
    if kind == "all":
        return {}
    if kind == "field":
        return {name: draw(one)}
    if kind == "not":
        return {"NOT": {name: draw(one)}}
    return {"OR": [{name: draw(one)}, {"points": {"gte": draw(POINTS)}}]}
