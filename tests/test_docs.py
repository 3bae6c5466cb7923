"""The docs say what the code does: commands, options, settings, kinds, figures, links."""

import importlib.util
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import typer.main
from rich.console import Console
from typer.core import TyperCommand, TyperGroup, TyperOption

from pgarchitect.candidates.cleanup_kinds import CLEANUP_KINDS
from pgarchitect.candidates.kinds import KINDS
from pgarchitect.cli.main import app
from pgarchitect.recommendations import confidence
from pgarchitect.recommendations.recommendation import Verdict
from pgarchitect.report.sql_text import ALONE
from pgarchitect.report.terminal import render
from pgarchitect.settings import Settings
from tests.audit_example import example_audit

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/**/*.md")])


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def sections(page: str) -> dict[str, str]:
    """Heading → what stands below it, up to the next heading."""
    parts = re.split(r"^#+ (.+)$", page, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


Command = TyperCommand | TyperGroup


def commands(command: object, name: str = "pgarchitect") -> Iterator[tuple[str, Command]]:
    """Every command with its full name, groups included."""
    assert isinstance(command, Command)
    yield name, command
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for each in command.list_commands(context):
            yield from commands(command.get_command(context, each), f"{name} {each}")


COMMANDS = dict(commands(typer.main.get_command(app)))


def options(command: Command) -> set[str]:
    return {spelling for each in command.params if isinstance(each, TyperOption) for spelling in each.opts}


def test_there_is_a_section_for_every_command_and_for_no_other() -> None:
    found = [heading for heading in sections(text_of("commands.md")) if heading.startswith("pgarchitect")]
    assert sorted(found) == sorted(set(COMMANDS) - {"pgarchitect"})


@pytest.mark.parametrize("name", COMMANDS)
def test_the_section_of_a_command_lists_its_options_and_no_others(name: str) -> None:
    section = sections(text_of("commands.md"))[name if name != "pgarchitect" else "Commands"]
    listed = {
        word for row in re.findall(r"^\| (`-.+?) \|", section, re.MULTILINE) for word in re.findall(r"`(-[^ `]+)", row)
    }
    assert listed - {"--help"} == options(COMMANDS[name]) - {"--help"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_default_of_an_option_is_the_one_that_is_told(name: str) -> None:
    section = sections(text_of("commands.md")).get(name, "")
    told = dict(re.findall(r"^\| `(--[a-z-]+)[^|]*\| ([^|]+) \|[^|]+\|$", section, re.MULTILINE))
    for option in COMMANDS[name].params:
        default = option.default
        if option.opts[0] in told and default is not None and not isinstance(default, bool) and not callable(default):
            assert told[option.opts[0]].strip("`") == str(getattr(default, "value", default)), option.opts[0]


def rows(page: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `(PGARCHITECT_\w+)` \| (.+?) \|", page, re.MULTILINE))


def test_every_setting_stands_on_its_page_with_its_default() -> None:
    told = rows(text_of("settings.md"))
    assert list(told) == [f"PGARCHITECT_{name.upper()}" for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        cell = told[f"PGARCHITECT_{name.upper()}"]
        if field.default_factory is not None:
            assert "/var/lib/pgarchitect" in cell
        else:
            assert cell == ("unset" if field.default is None else f"`{field.default}`")


def kind_names() -> list[str]:
    return [str(sys.modules[kind.__module__].__dict__["KIND"]) for kind in (*KINDS, *CLEANUP_KINDS)]


@pytest.mark.parametrize("kind", kind_names())
def test_every_kind_of_candidate_has_its_page(kind: str) -> None:
    page = f"candidates/{kind.replace('_', '-')}.md"
    assert text_of(page).startswith(f"# {kind}\n")
    assert page in text_of("index.md")


def test_there_is_no_page_of_a_kind_that_does_not_exist() -> None:
    pages = {path.stem.replace("-", "_") for path in (DOCS / "candidates").glob("*.md")}
    assert pages == set(kind_names())


def test_every_page_is_reached_from_the_index() -> None:
    index = DOCS / "index.md"
    pages = (index, *DOCS.rglob("overview.md"))  # an overview is linked itself, and links the pages of its folder
    linked = {(page.parent / target).resolve() for page in pages for target, _ in links(page) if target}
    assert {path.resolve() for path in DOCS.rglob("*.md")} - linked == {index.resolve()}


def test_the_weights_of_the_confidence_are_those_that_are_told() -> None:
    section = sections(text_of("how-the-audit-works.md"))["Confidence"]
    told = {name: float(weight) for name, weight in re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", section, re.MULTILINE)}
    assert told == confidence._WEIGHTS
    assert sum(told.values()) == pytest.approx(1.0)


def test_the_verdicts_begin_where_it_is_told() -> None:
    section = sections(text_of("how-the-audit-works.md"))["7. Decide"]
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+|-) \|", section, re.MULTILINE))
    assert set(told) == {each.value for each in Verdict}
    proof = replace(example_audit().recommendations[0].evidence[0], object_used=True)
    for name, least in told.items():
        if least != "-":
            assert confidence.verdict(proof, float(least)) == name
            assert float(least) == 0.0 or confidence.verdict(proof, float(least) - 0.01) != name


def numbers() -> list[tuple[str, str]]:
    section = "".join(sections(text_of(page))["Numbers"] for page in ("how-the-audit-works.md", "cleanup.md"))
    return [
        (path, value) for value, path in re.findall(r"^\| [^|]+ \| ([\d.]+) \| `([\w.]+)` \|", section, re.MULTILINE)
    ]


@pytest.mark.parametrize(("path", "value"), numbers(), ids=str)
def test_a_number_is_the_one_in_the_code(path: str, value: str) -> None:
    assert actual(path) == float(value)


def test_the_table_of_numbers_was_read() -> None:
    assert len(numbers()) > 15


def actual(path: str) -> float:
    """The value of ``room.module.NAME`` or of ``room.module.Class.field``, its default."""
    module, names = f"pgarchitect.{path}", list[str]()
    while not is_module(module):
        module, _, name = module.rpartition(".")
        names.insert(0, name)
    value: object = importlib.import_module(module)
    if len(names) == 2:
        value, names = getattr(value, names[0])(), names[1:]
    for name in names:
        value = getattr(value, name)
    return float(str(value))


def is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(file or empty, anchor or empty) of every link to something in this repository."""
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            name, _, anchor = target.partition("#")
            yield name, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for name, anchor in links(page):
        target = page.parent / name if name else page
        assert target.exists(), name
        if anchor:
            prose = re.sub(r"```.*?```", "", target.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert anchor in map(slug, re.findall(r"^#+ (.+)$", prose, re.MULTILINE)), f"{name}#{anchor}"


def code(page: Path) -> Iterator[str]:
    """The lines of code of a page, those inside a sentence included."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_text_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in code(page):
        if told := re.match(r"(?:\.venv/bin/)?pgarchitect ([a-z]+)(?: ([a-z]+))?", line):
            name = f"pgarchitect {told[1]}"
            assert name in COMMANDS, line
            if isinstance(COMMANDS[name], TyperGroup) and told[2]:
                assert f"{name} {told[2]}" in COMMANDS, line
        if target := re.match(r"make ([a-z]+)", line):
            assert f"\n{target[1]}:" in makefile, line


def test_every_room_is_named() -> None:
    told = set(re.findall(r"`(\w+)`", sections(text_of("development.md"))["Rooms"]))
    source = ROOT / "src" / "pgarchitect"
    rooms = {path.parent.name for path in source.glob("*/__init__.py")} | {
        path.stem for path in source.glob("*.py") if not path.stem.startswith("__")
    }
    assert rooms - told == set()


def test_images_stay_small() -> None:
    images = list(DOCS.rglob("*.png"))
    assert images
    assert [path.name for path in images if path.stat().st_size > 300_000] == []


def test_the_report_in_the_readme_has_the_form_of_today() -> None:
    excerpt = (ROOT / "README.md").read_text(encoding="utf-8").partition("shortened where")[2]
    output = io.StringIO()
    render(example_audit(), Console(file=output, width=150))
    headings = [line for line in output.getvalue().splitlines() if line in {"What to do", "SQL to copy"}]
    assert len(headings) == 2
    for line in (*headings, ALONE, "Tried and rejected: "):
        assert f"\n{line}" in excerpt
    head = next(line for line in output.getvalue().splitlines() if line.startswith("#"))
    assert head.split() in [line.split() for line in excerpt.splitlines()]
