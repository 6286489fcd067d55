"""``pincite docs`` and ``pincite rm``: what is stored, and taking it out again."""

import sys

import rich_click as click

from qa import render, tables
from qa.commands.options import as_json, named_documents
from qa.commands.target import Target, target_options
from qa.service import every_document


@click.command(short_help="List the articles.")
@as_json("Print the documents as the REST API gives them.")
@target_options
@click.pass_obj
def docs(target: Target, *, json: bool) -> None:
    """List the articles, oldest first.

    \b
    Examples:
    $ pincite docs
    $ pincite docs --json
    """
    with target.opened() as service:
        found = tuple(every_document(service))
    if json:
        render.as_json({"documents": found, "next_cursor": None})
    else:
        tables.documents(found)


@click.command(short_help="Take articles out.")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Do not ask first.")
@target_options
@click.pass_obj
def rm(target: Target, *, ids: tuple[str, ...], yes: bool) -> int:
    """Take the articles with these IDs out of everything.

    The beginning of an id is enough where no other id begins like it. On a terminal you are
    asked first.

    \b
    Examples:
    $ pincite rm 3f2a
    $ pincite rm --yes 3f2a 90b1
    """
    with target.opened(writable=True) as service:
        chosen = named_documents(service, ids)
        if not yes and sys.stdin.isatty():
            tables.documents(chosen)
            if not click.confirm("Remove?", err=True):
                click.echo("pincite: nothing was removed", err=True)
                return 3
        for document in chosen:
            service.remove(document.id)
            click.echo(f"removed {tables.called(document)}")
    return 0
