"""Which service a command talks to: a store on this machine, or a running server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Protocol, TypeVar

import rich_click as click

from index.settings import IndexSettings
from qa.service import Service
from qa.settings import AnswerSettings

Decorated = TypeVar("Decorated", bound=Callable[..., object])


class OpenLocal(Protocol):
    """Opens the service on a local store: ``qa.bootstrap.open_service``, or a fake."""

    def __call__(
        self,
        index: IndexSettings,
        answering: AnswerSettings,
        *,
        writable: bool,
        shipped: bool = False,
    ) -> Service:
        """The service; ``writable`` where documents are to be added or removed.

        With ``shipped`` it has the shipped confidence, whatever verdicts have made of it.
        """
        ...


def _open_local(
    index: IndexSettings, answering: AnswerSettings, *, writable: bool, shipped: bool = False
) -> Service:
    # Imported here, since it brings the models and the search: --help and --url need neither.
    from qa.bootstrap import open_service

    return open_service(index, answering, writable=writable, shipped=shipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the store is and how it is opened. ``url``, when set, wins over the local store.

    ``history`` is the file that keeps the lines typed in conversations; None keeps none.
    """

    index: IndexSettings
    answering: AnswerSettings
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    history: Path | None = None
    open_local: OpenLocal = _open_local

    @contextmanager
    def opened(self, *, writable: bool = False) -> Iterator[Service]:
        """The service, closed again at the end."""
        service = self._open(writable=writable)
        try:
            yield service
        finally:
            service.close()

    def _open(self, *, writable: bool) -> Service:
        if self.url is None:
            return self.open_local(self.index, self.answering, writable=writable)
        # Imported here, since an HTTP client costs a tenth of a second that local use need not pay.
        from qa.remote import RemoteService

        return RemoteService(self.url, key=self.key)


def help_of(settings: type, name: str) -> str:
    """The sentence that documents a setting, as help text."""
    sentence = str(next(f for f in fields(settings) if f.name == name).metadata["help"])
    return sentence[0].upper() + sentence[1:]


def target_options(command: Decorated) -> Decorated:
    """Adds ``--data``, ``--url`` and ``--api-key``, which may stand before or after a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _data(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        target: Target = context.obj
        # A folder named on the command line is meant, whatever PINCITE_URL says.
        context.obj = replace(target, index=replace(target.index, data=value), url=None)


def _url(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.obj = replace(context.obj, url=value)


def _key(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.obj = replace(context.obj, key=value)


data_option = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=_data,
    help=f"{help_of(IndexSettings, 'data')} (or PINCITE_DATA; else pincite in your data folder).",
)
"""``--data``: puts the folder into the ``Target`` that a command is passed."""

_OPTIONS = (
    data_option,
    click.option(
        "--url",
        metavar="URL",
        expose_value=False,
        callback=_url,
        help="Talk to a running server instead (or PINCITE_URL).",
    ),
    click.option(
        "--api-key",
        metavar="KEY",
        expose_value=False,
        callback=_key,
        help="The server's key (or PINCITE_API_KEY, which other users of the machine cannot see).",
    ),
)
