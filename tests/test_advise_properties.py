"""What holds of every advice: more choice is never worse, the limits hold when it is built, order does not matter."""

import hashlib
import random
from collections.abc import Sequence

import psycopg
import pytest

from pgarchitect import advising
from pgarchitect.advising import Wanted, advise
from pgarchitect.candidates.index_definition import IndexDefinition
from pgarchitect.candidates.index_variants import index_variants
from pgarchitect.candidates.table_use import TableUse
from pgarchitect.recommendations.advice import Advice
from pgarchitect.recommendations.index_choice import Limits
from pgarchitect.schema.catalog import Catalog
from pgarchitect.settings import Settings

pytestmark = pytest.mark.thorough

WORKLOAD = (
    Wanted("SELECT id, event_type FROM behavior_logs WHERE user_id = 17 ORDER BY created_at DESC LIMIT 20", 50.0),
    Wanted("SELECT count(*) FROM behavior_logs WHERE session_id = '00000000-0000-0000-0000-000000000001'", 20.0),
    Wanted("SELECT user_id, count(*) FROM behavior_logs WHERE created_at > '2026-06-01' GROUP BY 1", 5.0),
    Wanted("SELECT c.id FROM courses c JOIN lessons l ON l.course_id = c.id WHERE position = 3 AND price > 10", 10.0),
    Wanted("SELECT user_id FROM enrolments WHERE course_id = $1 AND status = $2", 30.0, 4.0),
    Wanted("SELECT count(*) FROM enrolments WHERE course_id = 5 AND progress_percent < 10", 8.0),
    Wanted("SELECT u.id FROM users u JOIN enrolments e ON e.user_id = u.id WHERE u.id = 33", 40.0),
)


def advised(url: str, settings: Settings, limits: Limits, workload: Sequence[Wanted] = WORKLOAD) -> Advice:
    return advise(url, workload, limits, settings, lambda _: None)


def chance(definition: IndexDefinition) -> float:
    """A number for each index that looks drawn by chance, 0 … 1."""
    return hashlib.blake2b(str(definition).encode(), digest_size=1).digest()[0] / 256


def test_more_candidates_never_make_it_worse(
    edfinance: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs: list[float] = []
    considered: list[int] = []
    for share in (0.3, 0.6, 1.0):

        def some(uses: Sequence[TableUse], catalog: Catalog, share: float = share) -> list[IndexDefinition]:
            return [each for each in index_variants(uses, catalog) if chance(each) < share]

        monkeypatch.setattr(advising, "index_variants", some)
        found = advised(edfinance, settings, Limits(size_bytes=900_000, gap=0.0))
        costs.append(found.cost_after)
        considered.append(found.considered)
    assert considered[0] < considered[1] < considered[2]
    assert costs[1] <= costs[0] * 1.001
    assert costs[2] <= costs[1] * 1.001
    assert costs[2] < costs[0]


def built_size(url: str, advice: Advice) -> int:
    """Bytes of the advised indexes when they stand; nothing is left of them."""
    with psycopg.connect(url) as connection:
        for index in advice.indexes:
            connection.execute(index.ddl.replace("CONCURRENTLY ", "").encode())
        names = [each.name for each in advice.indexes]
        row = connection.execute(
            "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relname = ANY (%s)", (names,)
        ).fetchone()
        connection.rollback()
    assert row is not None
    return int(row[0] or 0)


def test_no_answer_exceeds_its_budget_when_it_is_built(edfinance: str, settings: Settings) -> None:
    """Even a budget that is exactly what another answer is thought to take."""
    budget = advised(edfinance, settings, Limits()).size_bytes
    assert budget > 0
    for most in (budget, budget // 2, budget // 5):
        found = advised(edfinance, settings, Limits(size_bytes=most))
        assert found.indexes
        assert built_size(edfinance, found) <= most


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_statements_changes_nothing(edfinance: str, settings: Settings, seed: int) -> None:
    shuffled = list(WORKLOAD)
    random.Random(seed).shuffle(shuffled)  # noqa: S311
    there, back = (advised(edfinance, settings, Limits(size_bytes=900_000), each) for each in (WORKLOAD, shuffled))
    assert not any(each.refusal for each in there.statements)
    assert [each.ddl for each in there.indexes] == [each.ddl for each in back.indexes]
    assert there.cost_after == pytest.approx(back.cost_after, rel=1e-12)
    assert {each.text: each.cost_after for each in there.statements} == {
        each.text: each.cost_after for each in back.statements
    }
