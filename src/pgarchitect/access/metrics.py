"""The router's figures for Prometheus; ``prometheus_client`` is needed only by who asks for them."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pgarchitect.access.failures import AccessError
from pgarchitect.access.router_figures import PathFigures
from pgarchitect.access.shadowing import ShadowFigures

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import Collector


def collector(paths: Callable[[], Iterable[PathFigures]], shadows: Callable[[], ShadowFigures]) -> "Collector":
    """What a registry of ``prometheus_client`` reads the figures from.

    Raises:
        AccessError: ``prometheus_client`` is not installed.
    """
    try:
        from prometheus_client.registry import Collector  # noqa: PLC0415  # who asks pays for it
    except ImportError as error:
        raise AccessError("Metrics need prometheus_client; install pgarchitect[access].") from error

    class _Figures(Collector):
        def collect(self) -> Iterator["Metric"]:
            yield from _of_paths(list(paths()))
            yield from _of_shadows(shadows())

    return _Figures()


def _of_paths(paths: list[PathFigures]) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily, Metric  # noqa: PLC0415  # as above

    labels = ["path", "role"]
    durations = Metric("pgarchitect_operation_seconds", "Duration of operations; quantiles of the latest.", "summary")
    counted = CounterMetricFamily("pgarchitect_operations", "Operations.", labels=[*labels, "operation"])
    failed = CounterMetricFamily("pgarchitect_operation_errors", "Operations that failed.", labels=[*labels, "error"])
    for each in paths:
        role = "shadow" if each.shadow else "caller"
        named = {"path": each.way.value, "role": role}
        for quantile, seconds in each.quantiles.items():
            durations.add_sample(durations.name, {**named, "quantile": str(quantile)}, seconds)
        durations.add_sample(f"{durations.name}_count", named, each.count)
        durations.add_sample(f"{durations.name}_sum", named, each.seconds)
        _add(counted, [each.way.value, role], each.operations)
        _add(failed, [each.way.value, role], each.errors)
    yield from (durations, counted, failed)


def _add(metric: Any, labels: list[str], figures: dict[str, int]) -> None:  # noqa: ANN401  # its type is lazy
    for name, count in figures.items():
        metric.add_metric([*labels, name], count)


def _of_shadows(figures: ShadowFigures) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily  # noqa: PLC0415  # as above

    made = CounterMetricFamily("pgarchitect_shadow_reads", "Reads on both paths, by outcome.", labels=["outcome"])
    for outcome, count in figures.outcomes.items():
        made.add_metric([outcome.value], count)
    yield made
