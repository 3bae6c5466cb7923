"""The benchmark's runner: what ``make bench`` prints."""

import pytest

from benchmarks import __main__ as runner
from benchmarks import embedding_recall


def test_it_prints_recall_confusion_and_speed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_recall, "_TIMED_S", 0.01)
    assert runner.main(["embedding_recall"]) == 0
    printed = capsys.readouterr().out
    for part in ("recall@1", "0.85", "near misses of one family", "Embeddings per second of CPU"):
        assert part in printed


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["embedding_recall", "no_such"]) == 2
    printed = capsys.readouterr().out
    assert "no benchmark no_such" in printed
    assert "recall@1" not in printed
