"""The HTML report: one file, nothing from elsewhere, nothing unescaped, complete."""

import base64
import dataclasses
import hashlib
import re
from collections import Counter
from dataclasses import replace
from enum import Enum
from functools import cache
from html.parser import HTMLParser
from typing import TypeVar, cast

import pytest

from pgarchitect.report.html import to_html
from pgarchitect.report.quantities import percent
from tests.audit_example import example_audit

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\u202e\x1b"


class Page(HTMLParser):
    """The page as a browser would read it: its tags, and whether each is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in {"style", "script"}:
            self.raw[self._open[-1]] = self.raw.get(self._open[-1], "") + data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attribute(self, name: str) -> list[str]:
        return [value or "" for _, attributes in self.tags for key, value in attributes.items() if key == name]


@cache
def example() -> str:
    return to_html(example_audit())


Value = TypeVar("Value")


def hostile(value: Value) -> Value:
    """The same value with every text in it replaced by one that attacks the page."""
    return cast("Value", attacked(value))


def attacked(value: object) -> object:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(attacked(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: attacked(getattr(value, each.name)) for each in dataclasses.fields(value)})
    return value


def test_every_tag_is_closed_and_every_link_leads_somewhere() -> None:
    page = Page(example())
    links, identities = page.attribute("href"), page.attribute("id")
    assert len(links) > 10
    assert {link.removeprefix("#") for link in links} <= set(identities)
    assert [name for name, count in Counter(identities).items() if count > 1] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = Page(example())
    assert page.attribute("src") == []
    assert all(link.startswith("#") for link in page.attribute("href"))
    assert "link" not in {tag for tag, _ in page.tags}
    assert re.findall(r"url\(|@import|https?:", example()) == []


def test_the_policy_allows_exactly_the_style_and_the_script_of_the_page() -> None:
    page = Page(example())
    (policy,) = (
        attributes["content"] or "" for tag, attributes in page.tags if attributes.get("http-equiv") and tag == "meta"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.raw[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert [name for name, _ in page.tags].count(tag) == 1
    assert page.attribute("style") == [], "the policy forbids style attributes"
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_no_text_of_the_audit_becomes_markup() -> None:
    audit = hostile(example_audit())
    text = to_html(audit)
    page = Page(text)
    allowed = {tag for tag, _ in Page(example()).tags}
    assert {tag for tag, _ in page.tags} <= allowed
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "<script>alert" in page.text, "it is shown as text"
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "{{ 7 * 7 }}" in text
    assert not set(text) & set("\u202e\x1b")


@pytest.mark.parametrize(
    "place",
    ["statement", "table", "note"],
)
def test_a_script_in_a_statement_a_table_or_a_note_is_text(place: str) -> None:
    attack = "<script>alert('x')</script>"
    audit = example_audit()
    first = audit.recommendations[0]
    changed = {
        "statement": replace(first, statement=replace(first.statement, text=f"SELECT '{attack}'")),
        "table": replace(first, candidate=replace(first.candidate, sql=f'CREATE INDEX a ON "{attack}" (b)')),
        "note": replace(first, evidence=(replace(first.evidence[0], note=attack),)),
    }[place]
    text = to_html(replace(audit, recommendations=(changed,)))
    assert "<script>alert" not in text
    assert "alert(" in Page(text).text


def test_every_proposal_is_there_with_its_sql_its_rollback_and_its_next_step() -> None:
    text = Page(example()).text
    for item in example_audit().recommendations:
        assert item.next_step in text
        if item.proposed:
            assert "".join(f"{item.candidate.sql};".split()) in "".join(text.split())
            assert "".join(f"{item.candidate.rollback_sql};".split()) in "".join(text.split())


def test_key_figures_are_stated() -> None:
    text = Page(example()).text
    assert "7 changes proposed, 6 proven by real runs; together they save 78.9 % of the time" in text
    assert "Statement time saved 78.9 % 13.5 h of 17.2 h" in text
    assert "Counted over 6 d 4 h since 19 July 2026" in text


def test_plans_show_relation_index_condition_rows_time_and_what_was_wrong() -> None:
    text = Page(example()).text
    assert "Seq Scan on behavior_log" in text
    assert "Index Scan on behavior_log using behavior_log_user_id_created_at_idx" in text
    assert "Index Cond: ((user_id = 48213)" in text
    assert (
        "1,204 rows, estimated 3 · 401\N{MULTIPLICATION SIGN} more than estimated · 4,198,796 removed by filter" in text
    )
    assert "598 loops · 34,692,372 removed by filter" in text


def test_evidence_is_given_in_figures() -> None:
    text = Page(example()).text
    assert "Each set 211 ms → 0.36 ms 274 ms → 0.4 ms" in text
    all_sets = example_audit().recommendations[0].evidence[0].robust_gain_percent
    assert all_sets is not None
    assert f"Mean of the sets {percent(all_sets)} saved (geometric mean)" in text
    assert "Buffers per run 161,720 (1.23 GB) 204 (1.59 MB)" in text
    assert "Size 298 MB Built in 9.41 s" in text
    assert "> 30 s, ended by its time-out" in text
    assert "planner only, nothing was run" in text


def test_other_statements_that_a_change_helps_are_listed_with_their_gain() -> None:
    text = Page(example()).text
    assert (
        "Measures how long each session of one user lasted. 204 ms → 6 ms 97.1 % (34.1\N{MULTIPLICATION SIGN})" in text
    )


def test_memory_rejected_unhelped_warnings_and_method_have_their_sections() -> None:
    text = Page(example()).text
    assert "index on payment (state, created_at) apply waits to be applied · gain then 96.2 %" in text
    assert "Log entry 41, recorded 12 July 2026, similarity of the statements 0.97." in text
    assert "the planner did not use the index" in text
    assert "An insert is not made faster by an index" in text
    assert "track_io_timing is off" in text
    assert "made on sandbox-2.example.org inside a transaction that was rolled back" in text


def test_it_says_when_nothing_was_run_and_nothing_recorded() -> None:
    text = Page(to_html(replace(example_audit(), proven_on=None, recorded=False))).text
    assert "Nothing was run in this audit" in text
    assert "This audit was not recorded in the log." in text


def test_a_statement_that_the_changes_make_slower_is_told() -> None:
    audit = example_audit()
    proof = audit.recommendations[0].evidence[0]
    assert proof.after is not None
    worse = replace(proof, after=replace(proof.after, times_ms=(400.0,)))
    text = to_html(replace(audit, findings=(replace(audit.findings[0], together=worse), *audit.findings[1:])))
    assert "With every proposed change present, 1 statement ran slower" in Page(text).text
    assert '<span class="slower">→ 77.1 %</span>' in text
    assert "slower: its plan then uses behavior_log_user_id_created_at_idx" in Page(text).text
    assert 'class="slower"' not in example()


def test_many_rejected_changes_are_folded_and_none_is_lost() -> None:
    audit = example_audit()
    last = audit.recommendations[-1]
    many = tuple(
        replace(last, id=f"R-{number}", next_step=f"Nothing to do: its gain of {number} % is not above 20 %.")
        for number in range(30)
    )
    page = Page(to_html(replace(audit, recommendations=many)))
    assert "30 the gain is not above 20 %" in page.text
    assert all(f"Nothing to do: its gain of {number} % is not above 20 %." in page.text for number in range(30))
    folds = [attributes for tag, attributes in page.tags if tag == "details" and attributes.get("class") == "group"]
    assert folds == [{"class": "group"}], "one fold, closed"


def test_an_audit_without_news_leads_with_what_waits() -> None:
    audit = example_audit()
    known = tuple(item for item in audit.recommendations if item.known_from)
    page = Page(to_html(replace(audit, recommendations=known)))
    assert "1 change of earlier audits waits to be applied; nothing new is proposed." in page.text
    assert "Wait to be applied 1" in page.text
    assert "Statement time saved" not in page.text
    assert page.text.index("Found by earlier audits") < page.text.index("Where the time goes")


def test_all_sql_can_be_copied_at_once() -> None:
    text = Page(example()).text
    proposed = [item for item in example_audit().recommendations if item.proposed]
    script = text[text.index("SQL of all 7 changes, to copy") : text.index("Where the time goes")]
    positions = [script.index(item.candidate.object_name) for item in proposed]
    assert positions == sorted(positions)
    assert script.count("-- undo:") == len(proposed)


def test_an_audit_that_found_nothing_is_a_whole_page() -> None:
    audit = example_audit()
    workload = replace(audit.workload, statements=(), since=None, total_ms=0.0)
    empty = replace(audit, workload=workload, findings=(), recommendations=(), warnings=(), steps=())
    page = Page(to_html(empty))
    assert "No change is proposed for the 0 slow statements." in page.text
    assert "article" not in {tag for tag, _ in page.tags}


def test_without_scripts_no_button_is_shown_that_would_do_nothing() -> None:
    buttons = [attributes for tag, attributes in Page(example()).tags if tag == "button"]
    assert len(buttons) > 10
    assert all("hidden" in attributes for attributes in buttons)


def test_the_same_audit_gives_the_same_page() -> None:
    assert to_html(example_audit()) == example()


def test_the_twin_tells_what_it_cost_and_evidence_what_makes_it_less_sure() -> None:
    page = to_html(example_audit())
    assert "For it the database answered 163 statements with 402 kB in 210 ms." in page
    assert page.count("Less sure: The twin lacks &#34;public&#34;.&#34;payment&#34;, which the statement reads.") == 1
