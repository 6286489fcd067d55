"""An evaluation as a terminal shows it: one table a subject, and each question where wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from qa.dialogues import DialogueReport
from qa.evaluate import DEPTHS, Outcome, Report, Retrieval, Scores
from qa.terminal import Terminal, printable


def evaluation(report: Report, *, each: bool = False) -> None:
    """Print a report; ``each`` lists every question with its answer too."""
    out = Terminal()
    out.paragraph(
        f"{printable(report.name)}: {report.overall.questions} questions on {report.documents} "
        f"documents, {report.chunks} chunks"
    )
    out.paragraph()
    out.table(_answers(report))
    if report.retrieval:
        out.paragraph()
        out.table(_retrieval(report.retrieval))
    out.paragraph()
    out.paragraph(
        f"Expected calibration error {report.calibration_error:.3f}.  "
        f"A question takes {report.p50_ms:.0f} ms (p50), {report.p95_ms:.0f} ms (p95)."
    )
    for line in _further(report):
        out.paragraph(line)
    if each:
        out.paragraph()
        for outcome in report.outcomes:
            _question(out, outcome)


def conversations(report: DialogueReport, *, each: bool = False) -> None:
    """Print how well turns are answered in conversation, as they stand, and written out."""
    out = Terminal()
    out.paragraph(f"{printable(report.name)}: {len(report.outcomes)} turns")
    out.paragraph()
    table = _table("right % (F1)")
    for heading in ("turns", "in conversation", "as it stands", "written out"):
        table.add_column(heading, justify="right")
    for name, three in (
        ("lean on others", report.leaning),
        ("stand alone", report.standing),
        ("change the topic", report.switching),
    ):
        if three:
            ways = (three.in_conversation, three.as_it_stands, three.written_out)
            cells = (f"{way.right:.1f} ({way.f1:.1f})" for way in ways)
            table.add_row(name, str(three.turns), *cells)
    out.table(table)
    if each:
        out.paragraph()
        for turn in report.outcomes:
            given = f"“{printable(turn.answer)}”" if turn.answer else "refused"
            scores = f"{turn.in_conversation:.2f} {turn.as_it_stands:.2f} {turn.written_out:.2f}"
            asked = f"{printable(turn.dialogue)}  {printable(turn.interpreted_as)}"
            out.paragraph(f"{scores}  {asked}  →  {given}")


def as_data(report: Report | DialogueReport, *, each: bool = False) -> dict[str, Any]:
    """The report as JSON has it; ``each`` with every question."""
    data = asdict(report)
    if not each:
        del data["outcomes"]
    return data


def _answers(report: Report) -> Table:
    table = _table("answers")
    for heading in ("questions", "answered %", "EM", "F1", "right %"):
        table.add_column(heading, justify="right")
    for name, scores in _groups(report):
        table.add_row(
            name,
            str(scores.questions),
            *(f"{value:.1f}" for value in (scores.answered, scores.em, scores.f1, scores.right)),
        )
    return table


def _further(report: Report) -> Iterator[str]:
    refused = report.refused_at_85
    if refused is not None:
        yield f"Where 85 % of the answerable are answered, {refused:.1f} % of others are refused."
    if report.lists:
        yield (
            f"Lists: {report.lists.exact:.1f} F1 of whole things, "
            f"{report.lists.partly:.1f} by their words ({report.lists.questions} questions)."
        )


def _groups(report: Report) -> Iterator[tuple[str, Scores]]:
    yield "all", report.overall
    if report.answerable:
        yield "answerable", report.answerable
    if report.unanswerable:
        yield "unanswerable", report.unanswerable
    for kind, scores in report.kinds.items():
        yield f"  {printable(kind)}", scores


def _retrieval(ways: Mapping[str, Retrieval]) -> Table:
    table = _table("retrieval")
    for depth in DEPTHS:
        table.add_column(f"R@{depth}", justify="right")
    table.add_column("MRR", justify="right")
    for name, way in ways.items():
        table.add_row(name, *(f"{way.recall[depth]:.1f}" for depth in DEPTHS), f"{way.mrr:.3f}")
    return table


def _question(out: Terminal, outcome: Outcome) -> None:
    confidence = "" if outcome.confidence is None else f" ({outcome.confidence:.2f})"
    given = f"“{printable(outcome.answer)}”" if outcome.answer else "refused"
    mark = Text("right  ", "green") if outcome.right else Text("wrong  ", "red")
    asked = f"{printable(outcome.id)}  {printable(outcome.question)}"
    line = mark + Text(f"{asked}  →  {given}{confidence}")
    if not outcome.right:
        wanted = f"“{printable(outcome.accepted[0])}”" if outcome.accepted else "a refusal"
        line += Text(f"  wanted {wanted}", "dim")
    out.paragraph(line)


def _table(subject: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(subject, no_wrap=True)
    return table
