"""An evaluation as pictures: how far the confidence can be believed, and what refusing gains."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import DataError
from qa.evaluate import Report
from qa.scoring import Bin, Operating

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("png", "svg")
_INK, _LINE, _PALE = "#1f2933", "#1a6b54", "#b8c4ce"
_SIZE = (4.6, 4.2)


def draw(report: Report, folder: Path) -> list[Path]:
    """Write the reliability diagram and the risk-coverage curve, each as PNG and SVG.

    Gives the files' paths. Raises DataError where the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [
            *_saved(folder / "reliability", _reliability, report.reliability),
            *_saved(folder / "risk-coverage", _risk_coverage, report.risk_coverage),
        ]
    except OSError as error:
        raise DataError(f"the figures can't be written to {folder} ({error})") from error


def _saved(path: Path, paint: Any, values: Sequence[Any]) -> list[Path]:
    # Imported here: it takes a second, and only figures need it.
    import matplotlib
    from matplotlib.figure import Figure

    style: Any = {
        "font.size": 9,
        "axes.edgecolor": _PALE,
        "axes.labelcolor": _INK,
        "text.color": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "svg.hashsalt": "pincite",  # the same evaluation gives the same file
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        axes.set_xlim(0, 1)
        axes.spines[["top", "right"]].set_visible(False)
        paint(axes, values)
        files = [path.with_suffix(f".{ending}") for ending in FORMATS]
        for file in files:
            figure.savefig(file, dpi=160, metadata={"Date": None} if file.suffix == ".svg" else {})
    return files


def _reliability(axes: "Axes", bins: Sequence[Bin]) -> None:
    axes.set_title("Is a confidence of 0.8 right in 8 of 10 answers?", loc="left")
    axes.set_ylim(0, 1)
    axes.plot([0, 1], [0, 1], color=_PALE, linestyle="--", label="as promised")
    axes.plot(
        [one.confidence for one in bins],
        [one.right for one in bins],
        color=_LINE,
        marker="o",
        label="as measured",
    )
    axes.set_xlabel("confidence, mean of a tenth of the answers")
    axes.set_ylabel("share of them that is right")
    axes.legend(frameon=False)


def _risk_coverage(axes: "Axes", points: Sequence[Operating]) -> None:
    axes.set_title("Answering less, to be wrong less", loc="left")
    axes.plot(
        [one.coverage for one in points],
        [one.risk for one in points],
        color=_LINE,
        drawstyle="steps-post",
    )
    axes.set_ylim(0, max([0.05, *(one.risk for one in points)]) * 1.05)
    axes.set_xlabel("coverage: share of questions that are answered")
    axes.set_ylabel("risk: share of the answers that is wrong")
