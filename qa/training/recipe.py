"""What the reader is trained on and how, as ``recipe.toml`` says."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

RECIPE = Path(__file__).with_name("recipe.toml")
OWN_ARTICLES = Path(__file__).with_name("articles")


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """A file of paragraphs with questions, and how many of them are in a pass."""

    path: Path
    questions: int


@dataclass(frozen=True, slots=True)
class Round:
    """A training from the last one's weights: how long, how fast, with what share of paragraphs."""

    rate: float
    passes: int
    paragraphs: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """Where the data lies, and what is done with it; ``recipe.toml`` says what each means."""

    start: Path
    seed: int
    negatives: float
    rounds: tuple[Round, ...]
    article_folders: tuple[Path, ...]
    held_out: tuple[str, ...]
    paragraphs: Mapping[str, Paragraphs]

    def is_held_out(self, article: Path) -> bool:
        """Whether an article's file is kept out of training."""
        return any(fnmatch(article.stem, pattern) for pattern in self.held_out)

    def articles(self) -> list[Path]:
        """The files of all articles, Pincite's own among them; some of them are held out."""
        return sorted(
            file
            for folder in (*self.article_folders, OWN_ARTICLES)
            for file in folder.glob("*.json")
        )

    def held_out_articles(self) -> list[Path]:
        """The files of those that are kept out of training."""
        return [file for file in self.articles() if self.is_held_out(file)]


def read_recipe(data: Path, path: Path = RECIPE) -> Recipe:
    """The recipe with its paths below ``data``. Raises OSError, KeyError, TypeError, ValueError."""
    given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Recipe(
        start=data / given["start"],
        seed=given["seed"],
        negatives=given["negatives"],
        rounds=tuple(Round(**one) for one in given["rounds"]),
        article_folders=tuple(data / folder for folder in given["articles"]["folders"]),
        held_out=tuple(given["articles"]["held_out"]),
        paragraphs={
            name: Paragraphs(data / one["file"], one["questions"])
            for name, one in given["paragraphs"].items()
        },
    )
