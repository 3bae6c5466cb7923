"""Phrases that the terminal and the HTML report share."""

from pgarchitect.evidence.evidence import Evidence, Measurement
from pgarchitect.evidence.twin_use import TwinUse
from pgarchitect.recommendations.audit import Audit
from pgarchitect.recommendations.recommendation import Recommendation, Verdict
from pgarchitect.report import quantities
from pgarchitect.report.figures import Figures, StatementTime, main_evidence, proposed

VERDICT_MEANING = {
    Verdict.APPLY: "Proven, confidence of at least 90 %: merging is advised.",
    Verdict.REVIEW: "Proven, confidence of at least 80 %: a review is asked for.",
    Verdict.LOG: "Confidence of at least 60 %: kept in the log.",
    Verdict.HUMAN: "Confidence below 60 %: a person must look first.",
    Verdict.UNPROVEN: "Only the planner's cost is known.",
    Verdict.REJECTED: "Tried and not worth it.",
}


KNOWN_STATE = {
    Verdict.APPLY: "wait to be applied",
    Verdict.REVIEW: "wait for a review",
    Verdict.LOG: "kept in the log",
    Verdict.HUMAN: "wait for a person's look",
    Verdict.UNPROVEN: "wait to be proven",
    Verdict.REJECTED: "rejected",
}
"""What is left to do with changes that an earlier audit recorded, by its verdict, while they are not in force."""


def lead(figures: Figures) -> str:
    """The result of the audit in a sentence or two."""
    if not figures.proposed:
        return _nothing_new(figures)
    changes = f"{quantities.plural(figures.proposed, 'change')} proposed, {figures.proven} proven by real runs"
    if figures.saved_ms > 0:
        pronoun = "it saves" if figures.proven == 1 else "together they save"
        changes += f"; {pronoun} {quantities.share(figures.saved_share)} of the time spent on statements"
    if figures.waiting:
        changes += f". {figures.waiting:,} more of earlier audits {_wait(figures.waiting)} to be applied"
    return f"{changes}."


def _nothing_new(figures: Figures) -> str:
    if not figures.known:
        return f"No change is proposed for the {quantities.plural(figures.slow, 'slow statement')}."
    if figures.waiting:
        told = (
            f"{quantities.plural(figures.waiting, 'change')} of earlier audits {_wait(figures.waiting)} to be applied"
        )
    else:
        told = f"{quantities.plural(figures.known, 'change')} of earlier audits {_is(figures.known)} known"
    in_force = f", {figures.in_force:,} {_is(figures.in_force)} in force" if figures.in_force else ""
    return f"{told}{in_force}; nothing new is proposed."


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def earlier(figures: Figures) -> str:
    """What became of the changes that earlier audits recorded; empty when there are none."""
    if not figures.known:
        return ""
    others = figures.known - figures.waiting - figures.in_force
    parts = [f"{figures.waiting:,} {_wait(figures.waiting)} to be applied", f"{figures.in_force:,} in force"]
    return ", ".join(parts + ([f"{others:,} for a person's look, for proof or for later"] if others else []))


def known_state(recommendation: Recommendation) -> str:
    """What became of a change that an earlier audit recorded: ``in force`` or what it waits for."""
    source = recommendation.known_from
    if source is None:
        return ""
    return "in force" if source.applied_at else KNOWN_STATE[source.verdict]


def slower(figures: Figures) -> str:
    """A warning about statements that the changes make slower; empty when there are none."""
    if not figures.slower:
        return ""
    some = quantities.plural(len(figures.slower), "statement")
    return f"With every proposed change present, {some} ran slower; see which before you apply anything."


def slowed_by(item: StatementTime, audit: Audit) -> str:
    """The changes that the plan of a statement then uses, by the names of what they create; empty when none."""
    together = item.finding.together
    if together is None or together.after is None:
        return ""
    plan = together.after.plan
    return ", ".join(each.candidate.object_name for each in proposed(audit) if plan.uses(each.candidate.object_name))


def change_of_share(item: StatementTime) -> str:
    """A statement's part of all time, today and with the changes: ``4.2 % → 0.1 %``."""
    before = quantities.share(item.before)
    return before if item.after is None else f"{before} → {quantities.share(item.after)}"


def covered(figures: Figures) -> str:
    """The stretch of time that the server's counts cover."""
    if figures.covered is None:
        return "counted since an unknown time"
    return f"counted over {quantities.span(figures.covered.total_seconds())}"


def where(audit: Audit) -> str:
    """The database, its server and version."""
    return f"{audit.database} on {audit.server}, PostgreSQL {audit.server_version}"


def measured(measurement: Measurement | None) -> str:
    """The median time of a measurement, or its cost when it was only planned, or a dash."""
    if measurement is None:
        return quantities.NOTHING
    median = measurement.median_ms
    if median is None:
        return f"cost {quantities.significant(measurement.cost)}"
    return f"> {quantities.duration(median)}" if measurement.timed_out else quantities.duration(median)


def gain(evidence: Evidence) -> str:
    """The gain of one piece of evidence, with the factor where it is large: ``99.8 %`` and 590 times as fast."""
    value = evidence.gain_percent
    if value is None:
        return "not measured"
    bound = "≥ " if evidence.before.timed_out and value > 0 else ""
    times = _factor(evidence)
    return f"{bound}{quantities.percent(value)}" + (f" ({times})" if times else "")


def recommendation_gain(recommendation: Recommendation) -> str:
    """The gain of a recommendation for its main statement; a dash where none was measured."""
    evidence = main_evidence(recommendation)
    if evidence is not None and evidence.gain_percent is not None:
        bound = "≥ " if evidence.before.timed_out and evidence.gain_percent > 0 else ""
        return bound + quantities.percent(evidence.gain_percent)
    return (
        quantities.NOTHING if recommendation.gain_percent is None else quantities.percent(recommendation.gain_percent)
    )


def held(evidence: Evidence) -> str:
    """For how many of the tried parameter sets the gain held."""
    if evidence.tried_for == 0:
        return "not run"
    return f"{evidence.held_for} of {quantities.plural(evidence.tried_for, 'parameter set')}"


def method(audit: Audit) -> str:
    """How the figures of this audit were obtained, in plain words."""
    if audit.proven_on is None:
        return (
            "Nothing was run in this audit: every figure of a gain is the planner's estimate. "
            "Name a sandbox to have the changes proven."
        )
    return (
        f"Each change was made on {audit.proven_on} inside a transaction that was rolled back. The statement ran "
        "several times before and after it; the medians of the server's own execution times are compared. "
        "Production was read and not changed."
    )


def twin(use: TwinUse) -> str:
    """What the planner twin was used for and what it cost the audited database, in plain words."""
    said = (
        f"A planner twin (PostgreSQL {use.version}, the schema and statistics without any row) planned the statements"
    )
    screened = ""
    if use.screened:
        spared = f"{use.screened:,} of {quantities.plural(use.tried, 'change')}"
        screened = f" with each change first: {spared} would not change a plan for the better and so were not run"
    return f"{said}{screened}. {reading(use)}"


def reading(use: TwinUse) -> str:
    """What the audited database had to do for the twin."""
    return (
        f"For it the database answered {quantities.plural(use.statements, 'statement')} with"
        f" {quantities.size(use.bytes_read)} in {quantities.duration(1_000 * use.seconds)}."
    )


def doubted(audit: Audit) -> dict[str, list[int]]:
    """What makes the evidence of proposed changes less sure, each with the ranks of the changes that it concerns."""
    found: dict[str, list[int]] = {}
    for rank, item in enumerate(proposed(audit), 1):
        for doubt in dict.fromkeys(doubt for evidence in item.evidence for doubt in evidence.doubts):
            found.setdefault(doubt, []).append(rank)
    return found


def _factor(evidence: Evidence) -> str | None:
    if evidence.after is None:
        return None
    before, after = evidence.before.median_ms, evidence.after.median_ms
    return None if before is None or after is None else quantities.factor(before, after)
