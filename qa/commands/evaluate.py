"""``pincite eval``: how good the answers to a set of labelled questions are."""

from pathlib import Path

import rich_click as click

from qa.commands.options import as_json
from qa.commands.progress import steps
from qa.commands.target import Target, data_option


@click.command("eval", short_help="Measure answers against labelled questions.")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Only the first N questions.")
@click.option("--own", is_flag=True, help="Ask each question on its own text, not on all of them.")
@click.option(
    "--conversations",
    is_flag=True,
    help="Hold the conversations of FILE, and compare each turn with the same written out.",
)
@click.option("--each", is_flag=True, help="Show every question with its answer.")
@click.option(
    "--figures",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Draw the reliability diagram and the risk-coverage curve into it, as PNG and SVG.",
)
@as_json("Print the report as JSON.")
@data_option
@click.pass_obj
def evaluate(
    target: Target,
    *,
    file: Path,
    limit: int | None,
    own: bool,
    conversations: bool,
    each: bool,
    figures: Path | None,
    json: bool,
) -> None:
    """Ask the questions of FILE and compare the answers with those it gives.

    FILE is SQuAD-format JSON or JSON Lines, plain or gzipped, or a folder of such files. Texts
    that it brings are put into a store of their own; questions without texts are asked on the
    articles that were added. With --conversations it is JSON Lines that have turns, or articles
    that have chats.

    \b
    Examples:
    $ pincite eval questions.jsonl
    $ pincite eval --json --limit 200 squad.json
    $ pincite eval --own --figures figures articles/
    $ pincite eval --conversations chats.jsonl
    """
    if conversations:
        if limit is not None or own or figures:
            raise click.UsageError("--conversations goes with --each and --json only.")
        _conversations(target, file, each=each, json=json)
        return
    # Imported here, since they bring the models and the search, which --help does not need.
    from qa import questions, report
    from qa.evaluate import evaluate as measured
    from qa.evaluate import opened
    from qa.figures import draw
    from qa.render import as_json as print_json

    asked = questions.read(file, limit=limit)
    with (
        steps() as progress,
        opened(asked, target.index, target.answering, progress=progress) as (service, ids),
    ):
        found = measured(asked, service, ids, own_document=own, progress=progress)
    drawn = draw(found, figures) if figures else []
    if json:
        print_json(report.as_data(found, each=each))
    else:
        report.evaluation(found, each=each)
        for path in drawn:
            click.echo(f"Drawn: {path}")


def _conversations(target: Target, file: Path, *, each: bool, json: bool) -> None:
    from qa import dialogues, report  # as above
    from qa.evaluate import opened
    from qa.render import as_json as print_json

    held = dialogues.read(file)
    with (
        steps() as progress,
        opened(held, target.index, target.answering, progress=progress) as (service, ids),
    ):
        found = dialogues.evaluate(held, service, ids, progress=progress)
    if json:
        print_json(report.as_data(found, each=each))
    else:
        report.conversations(found, each=each)
