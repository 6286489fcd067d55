"""``pincite search``: the passages closest to some words, without reading them for an answer."""

import rich_click as click

from index.types import Scope
from qa import render
from qa.commands.options import as_json, scope_ids, scope_options
from qa.commands.progress import waiting
from qa.commands.target import Target, target_options


@click.command(short_help="Show the passages closest to some words.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 20),
    default=5,
    show_default=True,
    help="How many to show.",
)
@scope_options
@as_json("Print the passages as the REST API gives them.")
@target_options
@click.pass_obj
def search(
    target: Target,
    *,
    words: tuple[str, ...],
    limit: int,
    ids: tuple[str, ...],
    having: dict[str, str],
    json: bool,
) -> int:
    """Show the passages closest to WORDS, best first.

    Exit status: 0 something was found, 1 nothing was, 2 a usage error, 3 anything else.

    \b
    Examples:
    $ pincite search sea urchins
    $ pincite search --limit 10 --json "cost of the survey"
    """
    with waiting("looking it up"), target.opened() as service:
        scope = Scope(document_ids=scope_ids(service, ids), filter=having)
        found = service.search(" ".join(words), limit=limit, scope=scope)
        documents = render.sources(service, found)
    if json:
        render.as_json({"passages": found})
    else:
        render.passages(found, documents)
    return 0 if found else 1
