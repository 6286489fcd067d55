"""``pincite calibrate``: what the confidence rests on, and refitting it from verdicts."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from qa import render
from qa.commands.options import as_json
from qa.commands.progress import steps
from qa.commands.target import Target, data_option
from qa.terminal import Terminal, printable

if TYPE_CHECKING:
    from qa.reader.calibrate import Calibration
    from qa.recalibrate import Quality, Refit
    from qa.verdicts import Sample

_LOCAL_ONLY = (
    "calibrate works on a store of this machine, not over a URL: run it where the store is "
    "(with --data DIR, or without PINCITE_URL)."
)
_NEXT_START = "A running server takes it at its next start."
_EXAMPLES = (0.1, 0.3, 0.5, 0.7, 0.9)
_FAILURE = 3


def _no_url(_: click.Context, __: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(_LOCAL_ONLY)


@click.command(short_help="Refit the confidence from your verdicts on answers.")
@click.option("--feedback", is_flag=True, help="Refit the confidence from the verdicts kept.")
@click.option("--dry-run", is_flag=True, help="With --feedback: show what it would do, only.")
@click.option("--reset", is_flag=True, help="Go back to the confidence that is shipped.")
@as_json("Print what is shown as JSON.")
@data_option
@click.option("--url", hidden=True, expose_value=False, callback=_no_url)
@click.pass_obj
def calibrate(target: Target, *, feedback: bool, dry_run: bool, reset: bool, json: bool) -> int:
    """Show what the confidence of answers rests on, or refit it from the verdicts of people.

    Every judged question is asked again. At least 10 verdicts that say something about the
    confidence are needed; a few move it little, hundreds decide. The result is kept in the data
    folder. The best answer stays the best: what changes is how sure it is said to be, and so
    whether it is given. A running server takes it at its next start.

    \b
    Examples:
    $ pincite calibrate
    $ pincite calibrate --feedback --dry-run
    $ pincite calibrate --feedback
    $ pincite calibrate --reset
    """
    if target.url is not None:
        raise click.UsageError(_LOCAL_ONLY)
    if reset and feedback:
        raise click.UsageError("--reset and --feedback exclude each other.")
    if dry_run and not feedback:
        raise click.UsageError("--dry-run goes with --feedback.")
    if feedback:
        return _refit(target, dry_run=dry_run, json=json)
    if reset:
        _reset(target.index.data, json=json)
    else:
        _show(target.index.data, json=json)
    return 0


def _refit(target: Target, *, dry_run: bool, json: bool) -> int:
    # Imported here, since they bring numpy and the search, which --help does not need.
    from qa.reader.calibrate import save
    from qa.recalibrate import LEAST, refit, rescaled

    shipped = _shipped()
    sample = _sample(target)
    if len(sample.outcomes) < LEAST:
        click.echo(f"pincite: {_too_few(sample, LEAST)}", err=True)
        return _FAILURE
    found = refit(sample.outcomes)
    own = rescaled(
        shipped, found, left_out=sample.left_out, date=datetime.now(UTC).date().isoformat()
    )
    if not dry_run:
        save(own, target.index.data)
    if json:
        render.as_json({"kept": not dry_run, **_data(own)})
    else:
        _tell_refit(found, sample, kept=None if dry_run else target.index.data)
    return 0


def _sample(target: Target) -> "Sample":
    from qa.verdicts import collect

    with steps() as progress:
        service = target.open_local(target.index, target.answering, writable=False, shipped=True)
        with closing(service):
            return collect(service.feedback(), service, progress=progress)


def _shipped() -> "Calibration":
    from qa.evidence import FEATURES
    from qa.reader.calibrate import load
    from qa.reader.model import WEIGHTS, read_manifest

    return load(WEIGHTS, reader_sha256=read_manifest(WEIGHTS).model_sha256, features=FEATURES)


def _show(data: Path, *, json: bool) -> None:
    """Print which calibration the store's answers have, and where it comes from."""
    from qa.reader.calibrate import load_own

    shipped = _shipped()
    own = load_own(data, reader_sha256=shipped.reader_sha256, features=shipped.features)
    used = own or shipped
    if json:
        render.as_json({"own": own is not None, **_data(used)})
        return
    out = Terminal()
    whose = "refitted from verdicts (pincite calibrate --reset undoes it)" if own else "shipped"
    out.paragraph(f"The confidence is {whose}; answers are given from {used.threshold:.2f} up.")
    for line, indent in _origin(used.provenance, 2):
        out.paragraph(printable(line), indent=indent)


def _reset(data: Path, *, json: bool) -> None:
    from qa.reader.calibrate import remove_own

    was_own = remove_own(data)
    if json:
        render.as_json({"removed": was_own})
    elif was_own:
        click.echo(f"The confidence is the shipped one again. {_NEXT_START}")
    else:
        click.echo("The confidence is the shipped one already.")


def _data(calibration: "Calibration") -> dict[str, Any]:
    return {"threshold": calibration.threshold, "provenance": calibration.provenance}


def _origin(provenance: Mapping[str, Any], indent: int) -> Iterator[tuple[str, int]]:
    """The lines that say where a calibration comes from, each with its indent."""
    for name, value in provenance.items():
        called = name.replace("_", " ")
        if isinstance(value, dict):
            yield f"{called}:", indent
            yield from _origin(value, indent + 2)
        elif value is not None:
            yield (
                f"{called}: {value:.3g}" if isinstance(value, float) else f"{called}: {value}",
                indent,
            )


def _too_few(sample: "Sample", least: int) -> str:
    kept = len(sample.outcomes) + sum(sample.left_out.values())
    why = "; ".join(_left_out(sample))
    return (
        f"{len(sample.outcomes)} of {kept} verdicts can be used and {least} are needed: "
        f"judge more answers{f' (left out: {why})' if why else ''}"
    )


def _left_out(sample: "Sample") -> list[str]:
    from qa.verdicts import WHY

    return [f"{count} × {WHY[reason]}" for reason, count in sample.left_out.items() if count]


def _tell_refit(found: "Refit", sample: "Sample", *, kept: Path | None) -> None:
    out = Terminal()
    wrong = found.verdicts - found.right
    out.paragraph(f"{found.verdicts} verdicts used: {found.right} right, {wrong} wrong.")
    for line in _left_out(sample):
        out.paragraph(f"left out: {line}", indent=2)
    scale, shift = found.scaling.scale, found.scaling.shift
    out.paragraph(f"Log-odds: {scale:.2f} times the shipped ones, {shift:+.2f}. So, for example,")
    examples = (f"{one:.2f} becomes {found.scaling.of(one):.2f}" for one in _EXAMPLES)
    out.paragraph(f"{', '.join(examples)}.", indent=2)
    out.paragraph(_tested(found.before, found.after))
    if kept is None:
        out.paragraph("Nothing was changed (--dry-run).")
    else:
        out.paragraph(f"Kept in {printable(str(kept))}. {_NEXT_START}")


def _tested(before: "Quality | None", after: "Quality | None") -> str:
    if before is None or after is None:
        return "Too few to test it on verdicts held out."
    return (
        f"On verdicts held out: log loss {before.log_loss:.3f} before, {after.log_loss:.3f} after; "
        f"calibration error {before.calibration_error:.3f} and {after.calibration_error:.3f}."
    )
