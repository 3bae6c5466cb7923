"""The repair of a set, decided by times that the tests make up."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from pgarchitect.evidence.binding import Bound
from pgarchitect.evidence.explain import CannotRun
from pgarchitect.evidence.run import Run
from pgarchitect.evidence.standing import Keys
from pgarchitect.evidence.trial import FormTrial, Side, Trial
from pgarchitect.recommendations.removal_reason import removal_reason
from pgarchitect.recommendations.repair import Repaired, repaired
from tests.vocabulary import measurement, plan

Clock = Callable[[str, Keys], tuple[float, Keys]]
"""Statement, what is present → milliseconds with it, and what of it the plan uses; without anything it is 100."""


def trial(
    name: str, before: Sequence[float], after: Sequence[float], uses: Keys, *, same: bool = False, ended: bool = False
) -> Trial:
    """A statement of one form."""
    form = Bound(name, (), "common", 1.0, measurement())
    sides = [
        Side(plan(*each), 1.0, tuple(Run(ms, ms, ms, 10, ended) for ms in times))
        for times, each in ((before, ()), (after, sorted(uses)))
    ]
    return Trial(name, (FormTrial(form, 1.0, *sides),), uses, same)


@dataclass
class Fake:
    """Measures by a made-up clock, with scatter if wanted."""

    clock: Clock
    scatter: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311  # the same in every run
    asked: list[tuple[str, Keys]] = field(default_factory=list)
    ended: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()

    def trial(self, fingerprint: str, present: Keys, *, surely: bool = False) -> Trial:
        if fingerprint in self.broken:
            raise CannotRun("it broke")
        self.asked.append((fingerprint, present))
        ms, uses = self.clock(fingerprint, present)
        count = 10 if surely else 3
        before, after = ([one * self._off() for _ in range(count)] for one in (100.0, ms))
        return trial(fingerprint, before, after, uses, same=not uses, ended=fingerprint in self.ended)

    def uses(self, fingerprint: str, present: Keys) -> Keys:
        return self.clock(fingerprint, present)[1]

    def _off(self) -> float:
        return 1 + self.scatter * (2 * self.dice.random() - 1)


def table(times: Mapping[str, Mapping[str, float]]) -> Clock:
    """A planner that takes the first of a statement's ways whose changes are all present: ``"a b"`` → milliseconds."""

    def clock(fingerprint: str, present: Keys) -> tuple[float, Keys]:
        for names, ms in times.get(fingerprint, {}).items():
            if set(names.split()) <= present:
                return ms, Keys(names.split())
        return 100.0, Keys()

    return clock


def repair(
    times: Mapping[str, Mapping[str, float]], *chosen: str, weights: Mapping[str, float] | None = None
) -> Repaired:
    return repaired(Fake(table(times)), chosen, weights or dict.fromkeys(times, 1.0))


def test_what_gains_stays() -> None:
    found = repair({"f": {"a": 10}, "g": {"b": 50}, "h": {}}, "a", "b")
    assert (found.kept, found.removed, found.slower) == (("a", "b"), (), ())
    assert found.trials["f"].ratio == pytest.approx(0.1)
    assert found.trials["h"].same


def test_what_no_plan_uses_goes_and_what_no_statement_gains_by() -> None:
    found = repair({"f": {"a": 10}, "g": {"b": 98}}, "a", "b", "c")
    assert found.kept == ("a",)
    reasons = {each.key: removal_reason(each, lambda name: f"statement {name}") for each in found.removed}
    assert reasons == {
        "c": "no plan uses it once it is built",
        "b": "no statement that uses it gains: statement g takes 100 ms before, 98 ms with it",
    }


def test_the_culprit_goes_and_what_is_given_up_is_told() -> None:
    found = repair({"slow": {"trap": 140}, "f": {"trap": 5}, "g": {"b": 20}}, "trap", "b")
    assert found.kept == ("b",)
    (removal,) = found.removed
    assert removal_reason(removal, str) == (
        "it makes slow 40 % slower (100 ms before, 140 ms with it); given up for that: f takes 100 ms instead of 5 ms"
    )
    assert found.trials["slow"].same


def test_of_two_suspects_the_one_whose_loss_is_smaller_goes() -> None:
    times = {
        "slow": {"a b": 150, "a": 90, "b": 95},
        "f": {"a": 10},
        "g": {"b": 10},
    }
    assert repair(times, "a", "b", weights={"slow": 1, "f": 9, "g": 1}).kept == ("a",)
    assert repair(times, "a", "b", weights={"slow": 1, "f": 1, "g": 9}).kept == ("b",)


def test_two_culprits_that_take_each_others_place_go_together() -> None:
    times = {"slow": {"a b": 150, "a": 130, "b": 130}, "f": {"a": 10}, "g": {"b": 10}, "h": {"c": 10}}
    found = repair(times, "a", "b", "c")
    assert found.kept == ("c",)
    assert {each.culprit_of for each in found.removed} == {"slow"}


def test_what_takes_over_for_a_culprit_is_measured_again() -> None:
    """Without it another statement takes a bad plan: that one is healed, too."""
    times = {"slow": {"a": 150}, "f": {"a": 20, "b": 130}, "g": {"b": 30}, "h": {"c": 5}}
    found = repair(times, "a", "b", "c")
    assert found.kept == ("c",)
    assert [each.culprit_of for each in found.removed] == ["slow", "f"]


def test_an_index_that_the_others_make_superfluous_goes() -> None:
    found = repair({"f": {"a b": 10, "a": 10}, "g": {"c d": 10, "c": 60, "d": 60}}, "a", "b", "c", "d")
    assert found.kept == ("a", "c", "d")
    assert (
        removal_reason(found.removed[0], str) == "its statements are as fast without it: f takes 10 ms instead of 10 ms"
    )


def test_a_further_index_is_better_than_to_give_up_a_good_one() -> None:
    """A slowed statement gets an index of its own where that is better for all than to take the culprit out."""
    times = {"slow": {"own": 20, "trap": 150}, "f": {"trap": 5}, "g": {"trap": 5}}
    found = repaired(Fake(table(times)), ["trap"], dict.fromkeys(times, 1.0), rescue=lambda *_: ["other", "own"])
    assert (found.kept, found.added, found.removed) == (("trap", "own"), ("own",), ())
    poor = {"slow": {"own": 108, "trap": 150}, "f": {"trap": 94}}
    found = repaired(Fake(table(poor)), ["trap"], dict.fromkeys(poor, 1.0), rescue=lambda *_: ["own"])
    assert (found.kept, found.added) == ((), ())


def test_what_no_removal_helps_is_told_and_stays() -> None:
    """A statement that is slower whatever is taken out: its plan uses none of the changes."""

    def clock(fingerprint: str, present: Keys) -> tuple[float, Keys]:
        return (150.0, Keys(["a"])) if fingerprint == "slow" else table({"f": {"a": 10}})(fingerprint, present)

    found = repaired(Fake(clock), ["a"], {"slow": 1.0, "f": 1.0})
    assert (found.kept, found.slower) == (("a",), ("slow",))


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_removes_nothing_and_accuses_nobody(seed: int) -> None:
    """Times scatter by ± 35 %: what gains stays, what is as fast as before is not said to be slower."""
    times = {"f": {"a": 40}, "g": {"a": 100}, "h": {"a": 100}, "i": {"b": 45}, "j": {"b": 100}}
    fake = Fake(table(times), scatter=0.35, dice=random.Random(seed))  # noqa: S311
    found = repaired(fake, ["a", "b"], dict.fromkeys(times, 1.0))
    assert (found.kept, found.removed, found.slower) == (("a", "b"), (), ())


def test_what_serves_a_statement_that_cannot_be_run_is_not_taken_out_for_lack_of_a_gain() -> None:
    times = {"f": {"a": 10}, "broken": {"b": 1}, "endless": {"c": 100}}
    fake = Fake(table(times), broken=frozenset(["broken"]), ended=frozenset(["endless"]))
    found = repaired(fake, ["a", "b", "c", "d"], dict.fromkeys(times, 1.0), unproven=Keys(["d"]))
    assert found.kept == ("a", "b", "c", "d")
    assert list(found.lost) == ["broken"]


def test_a_write_that_every_index_makes_dearer_accuses_none() -> None:
    """What indexes cost the writes was weighed when they were chosen; one that its plan uses may be to blame."""

    class Writing(Fake):
        def trial(self, fingerprint: str, present: Keys, *, surely: bool = False) -> Trial:
            found = super().trial(fingerprint, present, surely=surely)
            (form,) = found.forms
            node = replace(form.after.plan, node_type="ModifyTable")
            write = replace(form, after=replace(form.after, plan=node))
            return replace(found, forms=(write,), same=False) if fingerprint.startswith("w") else found

    def clock(fingerprint: str, present: Keys) -> tuple[float, Keys]:
        if fingerprint == "w":
            return 100.0 + 50 * len(present), Keys()
        return table({"f": {"a": 10}, "wb": {"b": 150}, "g": {"b": 50}})(fingerprint, present)

    found = repaired(Writing(clock), ["a", "b"], {"f": 1.0, "g": 1.0, "w": 1.0, "wb": 1.0})
    assert found.kept == ("a",)
    assert [each.culprit_of for each in found.removed] == ["wb"]


def test_a_statement_that_is_slower_by_a_tenth_or_less_is_not() -> None:
    assert not trial("f", [100.0] * 9, [109.0] * 9, Keys(["a"])).slower
    assert trial("f", [100.0] * 9, [112.0] * 9, Keys(["a"])).slower
    assert not trial("f", [100.0] * 3, [112.0] * 3, Keys(["a"])).slower  # too few rounds to accuse anybody
    assert not trial("f", [0.01] * 9, [0.03] * 9, Keys(["a"])).slower  # too little to matter
