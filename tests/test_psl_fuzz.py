"""No text breaks the reader or the formatter: pieces of schemas, mutated, and whatever comes to hypothesis's mind."""

from itertools import islice

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from benchmarks.schema_fuzz import broken, corpus, mutants

TOKENS = (
    *(
        "model A {\n",
        "enum B {\n",
        "datasource db {\n",
        "generator g {\n",
        "view V {\n",
        "type T {\n",
        "}\n",
        "\n",
        " ",
    ),
    *(
        "id Int @id\n",
        "a A?",
        "b B[]",
        "@@index([a])\n",
        "@relation(fields: [a], references: [id])",
        '"x\\n"',
        "// c\n",
    ),
    *("/// d\n", "/* e */", "@default(", ")", "[", "]", "{", ",", ":", "=", "@db.VarChar(3)", "é", "\t", "\r\n", "1.5"),
)


def test_mutated_schemas_break_nothing() -> None:
    assert [text for text in islice(mutants(corpus(), 7), 150) if broken(text)] == []


@seed(5)
@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=3)), max_size=40).map("".join))
def test_made_up_texts_break_nothing(text: str) -> None:
    assert broken(text) is None


@seed(5)
@settings(max_examples=100, deadline=None, database=None)
@given(st.text(max_size=60))
def test_any_text_breaks_nothing(text: str) -> None:
    assert broken(text) is None


def test_what_is_deep_is_refused_like_the_rest() -> None:
    for opening, closing in (("[", "]"), ("f(", ")"), ("{ a: ", " }")):
        text = f"model A {{\n  id Int @id @default({opening * 5000}1{closing * 5000})\n}}\n"
        assert broken(text) is None
