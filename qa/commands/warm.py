"""``pincite warm``: compile and cache the models before the first question."""

import tempfile
from dataclasses import replace
from pathlib import Path

import rich_click as click

from index.types import Source
from qa.commands.progress import waiting
from qa.commands.target import Target
from qa.types import Question

_SAMPLE = Source(data=b"The warm-up ran on Monday.", name="warm-up.txt", media_type="text/plain")


@click.command(short_help="Compile and cache the models ahead of time.")
@click.pass_obj
def warm(target: Target) -> None:
    """Compile and cache the models, so that the first question need not.

    It adds a sentence to a store of its own and asks a question about it, which also shows
    that everything works. PINCITE_CACHE says where the compiled models go.
    """
    with tempfile.TemporaryDirectory(prefix="pincite-") as folder:
        # No URL: a server warms its own models when it starts.
        aside = replace(target, index=replace(target.index, data=Path(folder)), url=None)
        with waiting("compiling the models"), aside.opened(writable=True) as service:
            service.add(_SAMPLE)
            service.ask(Question("When did the warm-up run?"))
    click.echo(f"The models are ready in {target.index.cache}.")
