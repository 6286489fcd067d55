"""The database's schema, as steps from one format to the next, and the stamps that name it."""

import sqlite3
from pathlib import Path

from index import steps
from index.errors import StoreDamaged, StoreMissing, StoreUnwritable
from index.formats import markdown
from index.headings import headings
from index.tables import documents

APPLICATION_ID = 0x50494E43  # "PINC", at byte 68 of the file: what ``file`` and SQLite go by

_FIRST = (
    """CREATE TABLE meta (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        generation INTEGER NOT NULL, token TEXT NOT NULL,
        embedder TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL,
        tokenizer TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE documents (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL, title TEXT, author TEXT, published TEXT, url TEXT,
        media_type TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,
        characters INTEGER NOT NULL, chunks INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        header TEXT NOT NULL, body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE texts (
        document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
        text TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE metadata (
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (document, key)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX metadata_values ON metadata (key, value)",
    # AUTOINCREMENT: an id once given out never comes to mean another chunk.
    """CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL, "end" INTEGER NOT NULL,
        header INTEGER NOT NULL,
        text TEXT NOT NULL, words TEXT NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX chunk_order ON chunks (document, ordinal)",
    """CREATE TABLE embeddings (
        chunk INTEGER PRIMARY KEY REFERENCES chunks ON DELETE CASCADE,
        vector BLOB NOT NULL
    ) STRICT""",
    """CREATE VIRTUAL TABLE fulltext USING fts5(
        words, content='chunks', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2'
    )""",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(fulltext, row)",
    """CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
        INSERT INTO fulltext (rowid, words) VALUES (new.id, new.words);
    END""",
    """CREATE TRIGGER chunk_removed AFTER DELETE ON chunks BEGIN
        INSERT INTO fulltext (fulltext, rowid, words) VALUES ('delete', old.id, old.words);
    END""",
)


def _fill_headings(connection: sqlite3.Connection) -> None:
    """Find the headings of documents stored without; HTML's marks are gone, so they are guessed."""
    stored = connection.execute("SELECT number, media_type, body FROM documents").fetchall()
    for number, media_type, body in stored:
        (text,) = connection.execute(
            "SELECT text FROM texts WHERE document = ?", (number,)
        ).fetchone()
        marked = markdown.headings(text) if media_type == "text/markdown" else ()
        found = headings(text, documents.spans(body), marked)
        connection.execute(
            "UPDATE documents SET headings = ? WHERE number = ?",
            (documents.written_headings(found), number),
        )


_SECOND = (
    "ALTER TABLE documents ADD COLUMN headings TEXT NOT NULL DEFAULT '[]'",
    "ALTER TABLE documents ADD COLUMN pages TEXT NOT NULL DEFAULT '[]'",
    _fill_headings,
)

_STEPS: tuple[steps.Step, ...] = (_FIRST, _SECOND)  # step n leads from format n to n + 1
FORMAT = len(_STEPS)


def stored_format(connection: sqlite3.Connection, path: Path) -> int:
    """The database's format, 0 while it is empty.

    Raises StoreDamaged for another program's database and StoreTooNew for a newer format.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return 0
    if application != APPLICATION_ID:
        raise StoreDamaged(f"{path} is not a Pincite store; choose another data folder")
    steps.check_format(version, known=FORMAT, path=path)
    return version


def require_current(connection: sqlite3.Connection, path: Path) -> None:
    """Check that the database can be read as it is, since a reader can't upgrade it."""
    version = stored_format(connection, path)
    if version == 0:
        raise StoreMissing(f"there is no store in {path.parent} yet; add a document first")
    if version < FORMAT:
        raise StoreUnwritable(
            f"{path} has the older format {version} and must be upgraded to {FORMAT};"
            " open it once for writing, as by adding a document"
        )


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database to the current format, inside the caller's transaction."""
    version = stored_format(connection, path)
    if version == FORMAT:
        return  # nothing is written, so that a store on a full disk still opens
    try:
        steps.take(_STEPS[version:], connection)
    except ValueError as error:
        raise StoreDamaged(
            f"{path} can't be upgraded from format {version}, since what it says of a"
            " document is damaged; restore it from a backup"
        ) from error
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
