"""The index's settings, declared once: name, default, and help."""

from dataclasses import dataclass, field
from pathlib import Path

from index.web.addresses import Allowed


def setting(default: object, help: str) -> object:
    """A settings field: its default and the sentence that documents it."""
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """How articles are loaded, chunked, embedded and searched."""

    data: Path = setting(Path("pincite-data"), "the folder that holds the store")  # type: ignore[assignment]
    cache: Path = setting(  # type: ignore[assignment]
        Path("~/.cache/pincite").expanduser(), "the folder that holds compiled models"
    )
    embedder: str = setting(  # type: ignore[assignment]
        "all-MiniLM-L6-v2", "a sentence-transformers model, by name or path"
    )
    tokenizer: str = setting(  # type: ignore[assignment]
        "pincite_bpe", "the tiktoken encoding that counts a chunk's tokens"
    )
    chunk_tokens: int = setting(160, "the most tokens in one chunk")  # type: ignore[assignment]
    overlap_sentences: int = setting(1, "sentences that neighbouring chunks share")  # type: ignore[assignment]
    max_bytes: int = setting(20_000_000, "the largest file that is read, in bytes")  # type: ignore[assignment]
    threads: int = setting(2, "processor threads a model uses")  # type: ignore[assignment]
    fetch: bool = setting(True, "whether web pages are fetched: on or off")  # type: ignore[assignment]
    fetch_allow: Allowed = setting(  # type: ignore[assignment]
        Allowed(),
        "private hosts and networks that pages are fetched from too, separated by commas",
    )
    fetch_seconds: int = setting(20, "the most seconds that fetching a page takes")  # type: ignore[assignment]
