"""An evaluation whose figures can be told beforehand, and how it is shown."""

import json

import pytest

from index.settings import IndexSettings
from qa import questions, report
from qa.evaluate import Report, evaluate, opened
from qa.settings import AnswerSettings

TEXTS = (
    "The lighthouse of Skarholm was built in 1871 by the engineer Ada Lind.",
    "Bakers in Torve make their bread from rye flour and sour milk.",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("set")
    asked = [
        (TEXTS[0], "When was the lighthouse of Skarholm built?", ["1871"]),
        (TEXTS[1], "How many rivers does Brazil have?", []),
        (TEXTS[0], "Who built the lighthouse of Skarholm?", ["nobody that the text names"]),
    ]
    records = [
        {
            "context": text,
            "qas": [{"id": str(n), "question": q, "answers": a, "starts": [0] * len(a)}],
        }
        for n, (text, q, a) in enumerate(asked)
    ]
    path = folder / "tiny.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    labelled = questions.read(path)
    with opened(labelled, IndexSettings(data=folder), AnswerSettings()) as (service, documents):
        return evaluate(labelled, service, documents)


def test_figures(found: Report) -> None:
    assert (found.documents, found.chunks) == (2, 2)
    assert [outcome.right for outcome in found.outcomes] == [True, True, False]
    assert found.outcomes[0].answer == "1871"
    assert found.overall.right == pytest.approx(200 / 3)
    assert found.answerable is not None
    assert found.answerable.em == pytest.approx(50)
    assert found.unanswerable is not None
    assert found.unanswerable.answered == 0
    assert found.retrieval["fused"].recall[1] == 100
    assert found.p50_ms > 0


def test_shown(found: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.evaluation(found, each=True)
    shown = capsys.readouterr().out
    assert "3 questions on 2 documents" in shown
    assert "wrong  2  Who built the lighthouse" in shown
    assert "calibration error" in shown


def test_as_data(found: Report) -> None:
    assert "outcomes" not in report.as_data(found)
    data = json.loads(json.dumps(report.as_data(found, each=True)))
    assert data["outcomes"][0]["answer"] == "1871"
    assert data["retrieval"]["fused"]["recall"]["1"] == 100
