"""The one row that says what a store was made with, and which state it is in."""

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from index.errors import StoreMismatch, StoreMissing


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a store's chunks and vectors are made with; one store never mixes two.

    ``embedder`` is the model's name, ``fingerprint`` its weights', ``dimension`` the length of
    its vectors; ``tokenizer`` is the tiktoken encoding that sizes chunks.
    """

    embedder: str
    fingerprint: str
    dimension: int
    tokenizer: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state a store is in: ``generation`` counts the changes, ``token`` is new at each.

    The token tells two states apart that share a number, as after restoring a backup.
    """

    generation: int
    token: str


def insert(connection: sqlite3.Connection, recipe: Recipe) -> None:
    """Write the row, unless it is there."""
    connection.execute(
        "INSERT OR IGNORE INTO meta (id, generation, token, embedder, fingerprint, dimension,"
        " tokenizer) VALUES (1, 0, ?, ?, ?, ?, ?)",
        (
            secrets.token_hex(8),
            recipe.embedder,
            recipe.fingerprint,
            recipe.dimension,
            recipe.tokenizer,
        ),
    )


def check(connection: sqlite3.Connection, recipe: Recipe, folder: Path) -> None:
    """Raise StoreMismatch where the store was made with anything else than ``recipe``."""
    row = connection.execute(
        "SELECT embedder, fingerprint, dimension, tokenizer FROM meta"
    ).fetchone()
    if row is None:
        raise StoreMissing(f"there is no store in {folder} yet; add a document first")
    made = Recipe(*row)
    if (made.fingerprint, made.dimension) != (recipe.fingerprint, recipe.dimension):
        raise StoreMismatch(
            f"{folder} was made with the embedder {_model(made)}, not with {_model(recipe)};"
            " set that embedder, or add the documents to a new folder"
        )
    if made.tokenizer != recipe.tokenizer:
        raise StoreMismatch(
            f"{folder} was made with the tokenizer {made.tokenizer}, not with {recipe.tokenizer};"
            " set that tokenizer, or add the documents to a new folder"
        )


def stamp(connection: sqlite3.Connection) -> Stamp:
    """The state that the connection sees."""
    return Stamp(*connection.execute("SELECT generation, token FROM meta").fetchone())


def advance(connection: sqlite3.Connection) -> None:
    """Mark a new state; part of every transaction that changes anything."""
    connection.execute(
        "UPDATE meta SET generation = generation + 1, token = ?", (secrets.token_hex(8),)
    )


def _model(recipe: Recipe) -> str:
    return f"{recipe.embedder} ({recipe.fingerprint[:12]}, {recipe.dimension} dimensions)"
