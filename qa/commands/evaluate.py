"""``pincite eval``: how good the answers to a set of labelled questions are."""

from pathlib import Path

import rich_click as click

from qa.commands.options import as_json
from qa.commands.target import Target, target_options


@click.command("eval", short_help="Measure answers against labelled questions.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Only the first N questions.")
@as_json("Print the report as JSON.")
@target_options
@click.pass_obj
def evaluate(target: Target, *, file: Path, limit: int | None, json: bool) -> None:
    """Ask the questions of FILE and compare the answers with those it gives.

    FILE is SQuAD-format JSON, or JSON Lines, plain or gzipped.

    \b
    Examples:
    $ pincite eval questions.jsonl
    $ pincite eval --json --limit 200 squad.json
    """
