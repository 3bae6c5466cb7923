"""The audit as one HTML file: no resource from elsewhere, readable without scripts, on paper and on a phone."""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pgarchitect import __version__
from pgarchitect.recommendations.audit import Audit
from pgarchitect.report import figures, quantities, wording
from pgarchitect.report.change_title import change_title
from pgarchitect.report.chart import runs_chart
from pgarchitect.report.plan_tree import is_timed, plan_views
from pgarchitect.report.rejections import by_reason
from pgarchitect.report.safe_text import brief, one_line, visible
from pgarchitect.report.sql_text import script, terminated
from pgarchitect.report.statement_text import highlighted, laid_out


def to_html(audit: Audit) -> str:
    """The report of an audit as one self-contained HTML document."""
    environment = _environment()
    style, script = _source("style.css"), _source("script.js")
    return environment.get_template("report.html").render(
        audit=audit,
        numbers=figures.figures(audit),
        proposed=figures.proposed(audit),
        ranks={item.id: rank for rank, item in enumerate(figures.proposed(audit), 1)},
        sections={"known": figures.known(audit), "rejected": figures.rejected(audit)},
        known=figures.known(audit),
        rejected=by_reason(figures.rejected(audit)),
        without=figures.without_proposal(audit),
        statements={item.fingerprint: item for item in audit.workload.statements},
        intents={item.statement.fingerprint: item.intent for item in audit.findings},
        style=style,
        script=script,
        policy=_policy(style, script),
        version=__version__,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pgarchitect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        duration=quantities.duration,
        percent=quantities.percent,
        share=quantities.share,
        size=quantities.size,
        blocks=quantities.blocks,
        rows=quantities.rows,
        significant=quantities.significant,
        moment=quantities.moment,
        day=quantities.day,
        span=quantities.span,
        plural=quantities.plural,
        one_line=one_line,
        brief=brief,
        laid_out=laid_out,
        highlighted=highlighted,
        terminated=terminated,
        script=script,
        change_title=change_title,
    )
    environment.globals.update(
        wording=wording,
        figures=figures,
        runs_chart=runs_chart,
        plan_views=plan_views,
        is_timed=is_timed,
    )
    return environment


def _shown(value: object) -> object:
    """Show control characters in every text that a template prints, whether or not it remembered to."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _source(name: str) -> Markup:
    """A file of the templates folder as it stands; it is ours, so it is not escaped."""
    text = resources.files("pgarchitect.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file, no input in it


def _policy(style: str, script: str) -> str:
    """A content security policy that allows our one style sheet and our one script, by their digests."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
