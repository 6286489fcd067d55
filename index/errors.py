"""Everything that can go wrong between an article and its index.

::

    PinciteError → IndexingError
    ├── SourceError              the input can't become a document
    │   ├── UnreadableSource     no such file, no permission, a folder; damaged or encrypted
    │   ├── UnsupportedType      a kind of file that is not read
    │   ├── EmptySource          nothing to index in it
    │   ├── UndecodableText      bytes that are no text in any encoding
    │   ├── SourceTooLarge       over a limit of size, memory or time
    │   ├── AddressRefused       a web address that is not fetched
    │   ├── FetchFailed          a web address that gave no page
    │   └── NotFetched           a document to refresh that did not come from the web
    ├── DocumentNotFound         no document of that id
    ├── InvalidCursor            not a cursor this store gave out
    ├── StoreError               the store can't be used as asked
    │   ├── StoreMissing         there is none yet to read from
    │   ├── StoreUnwritable      the folder or file can't be written
    │   ├── StoreFull            the disk is full
    │   ├── StoreLocked          another process is writing
    │   ├── StoreTooNew          written by a newer version
    │   ├── StoreMismatch        made with another embedder or tokenizer
    │   └── StoreDamaged         the database itself is broken
    └── ModelError               a model file is missing or not the one pinned

Each message says what failed, the value, and what to do.
"""


class PinciteError(Exception):
    """The base of every error that Pincite raises on purpose."""


class IndexingError(PinciteError):
    """The base of this package's errors."""


class SourceError(IndexingError):
    """The input can't become a document."""


class UnreadableSource(SourceError):
    """No such file, no permission, a folder where a file is needed; damaged or encrypted."""


class UnsupportedType(SourceError):
    """A kind of file that is not read."""


class EmptySource(SourceError):
    """Nothing to index in it."""


class UndecodableText(SourceError):
    """Bytes that are no text in any known encoding."""


class SourceTooLarge(SourceError):
    """Over a limit of size, or takes more memory or time to read than is given."""


class AddressRefused(SourceError):
    """A web address that is not fetched: private, switched off, or its site asks not to."""


class FetchFailed(SourceError):
    """A web address that gave no page: unreachable, too slow, or an error."""


class NotFetched(SourceError):
    """A document to refresh that did not come from the web."""


class DocumentNotFound(IndexingError):
    """No document of that id."""


class InvalidCursor(IndexingError):
    """Not a cursor that this store gave out."""


class StoreError(IndexingError):
    """The store can't be used as asked."""


class StoreMissing(StoreError):
    """There is no store yet to read from."""


class StoreUnwritable(StoreError):
    """The folder or file can't be written."""


class StoreFull(StoreError):
    """The disk is full."""


class StoreLocked(StoreError):
    """Another process is writing to the store."""


class StoreTooNew(StoreError):
    """Written by a newer version of Pincite."""


class StoreMismatch(StoreError):
    """Made with another embedder or tokenizer."""


class StoreDamaged(StoreError):
    """The database file itself is broken."""


class ModelError(IndexingError):
    """A model file is missing, or not the one that is pinned."""
