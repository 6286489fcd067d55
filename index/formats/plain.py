"""Plain text: the canonical text is the decoded source itself."""

from email.message import Message

from index.formats.decoding import decode
from index.types import Extract, Source


def extract(source: Source) -> Extract:
    """The text as it is; only a byte-order mark is dropped, line ends stay what they are."""
    text = decode(source.data, name=source.name, declared=declared_charset(source))
    return Extract(text=text, media_type="text/plain", url=source.url)


def declared_charset(source: Source) -> str | None:
    """The encoding that the sender declared with the media type, if any."""
    header = Message()
    header["Content-Type"] = source.media_type or "text/plain"
    return header.get_content_charset()
