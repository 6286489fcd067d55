"""Train the vocabulary: ``python index/vocabulary/train.py OUT FOLDER...``.

Each folder is searched for ``*.jsonl.gz`` (one ``{"context": ...}`` a line) and ``*.json`` (one
``{"text": ...}`` a file). Texts are taken once each, in the order of file names, so the same
folders give the same vocabulary. Needs the ``tokenizers`` package.
"""

import base64
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

from index.vocabulary.encoding import PATTERN

LEARNED = 8_192
"""Tokens learned from the texts, the 256 single bytes included."""

LONGEST = 16
"""The most bytes in a learned token: longer ones are names and addresses of these texts."""


def texts(folders: Iterable[Path]) -> Iterator[str]:
    """Every distinct text in the folders."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(folder.iterdir()):
            for text in _texts_of(path):
                if text not in seen:
                    seen.add(text)
                    yield text


def _texts_of(path: Path) -> Iterator[str]:
    if path.name.endswith(".jsonl.gz"):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if context := json.loads(line).get("context"):
                    yield context
    elif path.suffix == ".json":
        yield json.loads(path.read_text(encoding="utf-8"))["text"]


def learn(corpus: Iterable[str]) -> list[bytes]:
    """The tokens learned from the texts, the earliest merge first."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=LEARNED,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=LONGEST,
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    by_rank = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    to_byte = _byte_of_letter()
    return [bytes(to_byte[letter] for letter in token) for token, _ in by_rank]


def _byte_of_letter() -> dict[str, int]:
    """GPT-2's reversible map of bytes to printable letters, the other way round."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + place): byte for place, byte in enumerate(hidden)
    }


def foreign() -> Iterator[bytes]:
    """What English texts don't teach: letters of other scripts.

    A two-byte letter becomes one token and a three-byte one two, by its first two bytes.
    """
    for code in range(0x80, 0x800):
        if chr(code).isalpha():
            yield chr(code).encode()
    for code in range(0x800, 0x10000, 64):
        if any(chr(code + low).isalpha() for low in range(64)):
            yield chr(code).encode()[:2]


def main(arguments: list[str]) -> None:
    """Write the vocabulary to the first path, from the texts in the other folders."""
    out, *folders = map(Path, arguments)
    tokens = dict.fromkeys([*learn(texts(folders)), *foreign()])
    lines = [f"{base64.b64encode(token).decode()} {rank}\n" for rank, token in enumerate(tokens)]
    out.write_text("".join(lines), encoding="ascii")
    sys.stdout.write(f"{out}: {len(lines)} tokens\n")


if __name__ == "__main__":
    main(sys.argv[1:])
