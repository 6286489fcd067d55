"""``pincite ask``: a question in, a cited answer or a refusal out."""

import rich_click as click

from index.types import Scope
from qa import render
from qa.commands.options import as_json, question_options, scope_ids, scope_options
from qa.commands.progress import waiting
from qa.commands.target import Target, target_options
from qa.types import Question

NOT_IN_TEXT = 1


@click.command(short_help="Answer a question with quotes from the articles.")
@click.argument("question", nargs=-1, required=True)
@question_options
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
