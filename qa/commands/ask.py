"""``pincite ask``: a question in, a cited answer or a refusal out."""

import rich_click as click

from index.types import Scope
from qa import render
from qa.commands.options import as_json, scope_ids, scope_options
from qa.commands.progress import waiting
from qa.commands.target import Target, help_of, target_options
from qa.settings import AnswerSettings
from qa.types import Question

NOT_IN_TEXT = 1


@click.command(short_help="Answer a question with quotes from the articles.")
@click.argument("question", nargs=-1, required=True)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 20),
    help=f"{help_of(AnswerSettings, 'passages')} [default: 5, or PINCITE_PASSAGES].",
)
@click.option(
    "--min-confidence",
    metavar="P",
    type=click.FloatRange(0, 1),
    help="Answer from this confidence up; 0 always gives the best guess.",
)
@scope_options
@as_json("Print the answer as the REST API gives it.")
@target_options
@click.pass_obj
def ask(
    target: Target,
    *,
    question: tuple[str, ...],
    limit: int | None,
    min_confidence: float | None,
    ids: tuple[str, ...],
    having: dict[str, str],
    json: bool,
) -> int:
    """Answer QUESTION with quotes from the articles that were added.

    Exit status: 0 answered, 1 the text does not hold the answer, 2 a usage error, 3 anything else.

    \b
    Examples:
    $ pincite ask "When did the survey take place?"
    $ pincite ask --json "Who paid for it?"
    $ pincite ask --min-confidence 0 "What does it cost?"
    """
    with waiting("looking it up"), target.opened() as service:
        answer = service.ask(
            Question(
                text=" ".join(question),
                limit=target.answering.passages if limit is None else limit,
                scope=Scope(document_ids=scope_ids(service, ids), filter=having),
                min_confidence=min_confidence,
            )
        )
        documents = render.sources(service, () if answer.answered else answer.passages)
    if json:
        render.as_json(answer)
    else:
        render.answer(answer, documents)
    return 0 if answer.answered else NOT_IN_TEXT
