"""Pincite for Python programs: ``from qa import Pincite``.

It is a ``qa.service.Service`` in the words of a caller: texts and paths in, answers out. What it
returns is what the REST API sends, as the frozen dataclasses of ``qa.types`` and ``index.types``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from index.settings import IndexSettings
from index.types import Document, Link, Passage, Refreshed, Scope, Source
from qa import transcript
from qa.service import Service, every_conversation, every_document
from qa.settings import AnswerSettings
from qa.types import (
    Answer,
    Citation,
    Claim,
    Conversation,
    Feedback,
    Mark,
    Message,
    Question,
    Verdict,
)


class Pincite:
    """Answers questions about articles with verbatim quotes, in this process or over a URL.

    >>> from qa import Pincite
    >>> pincite = Pincite("bridges")
    >>> document = pincite.add_text(
    ...     "The old bridge was closed in 2019. Its successor was designed by Mara Lind.",
    ...     name="bridges.txt",
    ... )
    >>> answer = pincite.ask("Who designed the successor of the bridge?")
    >>> answer.answer
    'Mara Lind'
    >>> citation = answer.citations[0]
    >>> pincite.text(citation.document_id)[citation.start : citation.end]
    'Mara Lind'
    >>> pincite.close()

    ``data`` is the folder that holds the store (default: ``pincite-data`` in the current folder;
    the command line's is another, so give the same one to share it). The models are loaded when
    the object is made, which takes a second or two, and stay loaded: keep it, and close it at
    the end, or use it in a ``with`` block.

    A store has one writer at a time. By default this object is it, and a second one is refused
    with StoreLocked until this one is closed. With ``writable`` False it only reads, beside any
    number of others and beside the writer, whose changes it sees; ``add_…`` and ``remove`` then
    raise StoreUnwritable, while conversations and feedback are kept all the same. Where there is
    no store yet, reading raises StoreMissing and writing makes one.

    With ``url``, all calls go to a running server instead, with ``key`` if it wants one; its
    store is then shared by all its clients, and ``data`` and ``writable`` mean nothing.

    All calls block and may be made from several threads. Errors are kinds of
    ``index.errors.PinciteError``; that the text does not hold an answer is none, but an ``Answer``
    whose ``answered`` is False.
    """

    def __init__(
        self,
        data: str | Path | None = None,
        *,
        url: str | None = None,
        key: str | None = None,
        writable: bool = True,
    ) -> None:
        self._service = _local(data, writable) if url is None else _remote(url, key)

    @classmethod
    def over(cls, service: Service) -> Self:
        """A client of a service that is open already, which it closes with itself.

        For settings of your own:
        ``Pincite.over(qa.bootstrap.open_service(index, answering, writable=True))``.
        """
        client = cls.__new__(cls)
        client._service = service
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store and the models, or of the connections to the server."""
        self._service.close()

    # Articles

    def add_file(
        self,
        path: str | Path,
        *,
        title: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Document:
        """Store and index a file: plain text, Markdown or HTML. Durable when it returns.

        The same content again gives the document that is there. ``title`` wins over the one that
        the article states; ``metadata`` is kept for ``filter``. Raises SourceError.

        >>> with Pincite("notes") as pincite:
        ...     for path in sorted(Path("articles").glob("*.txt")):
        ...         print(pincite.add_file(path, metadata={"folder": "articles"}).name)
        harbour.txt
        """
        # Imported here, since detecting encodings brings tables that asking does not need.
        from index.sources import read_path

        source = read_path(Path(path), max_bytes=IndexSettings().max_bytes)
        return self._add(source, title, metadata)

    def add_text(
        self,
        text: str,
        *,
        name: str = "text",
        title: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Document:
        """Store and index a text, called ``name`` where it is cited; otherwise as ``add_file``.

        Offsets in citations count the characters of ``text`` as it is given.
        """
        from index.sources import read_text

        source = read_text(text, name=name, max_bytes=IndexSettings().max_bytes)
        return self._add(replace(source, media_type="text/plain"), title, metadata)

    def add_bytes(
        self,
        data: bytes,
        *,
        name: str,
        media_type: str | None = None,
        title: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Document:
        """Store and index a file's content, such as a page that was fetched; as ``add_file``.

        What kind of file it is is told by its bytes, ``media_type`` and ``name``, in this order.
        """
        from index.sources import read_upload

        limit = IndexSettings().max_bytes
        source = read_upload(data, name=name, media_type=media_type, max_bytes=limit)
        return self._add(source, title, metadata)

    def add_url(
        self,
        url: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Document:
        """Fetch a web page, store and index it; otherwise as ``add_file``.

        Only the public internet is fetched from, and what the setting ``fetch_allow`` names; with
        ``url`` given to this object, it is the server that fetches. Raises SourceError: of its
        kinds AddressRefused for what is not fetched, FetchFailed where no page came.
        """
        return self._service.add(Link(url, title, dict(metadata or {}))).document

    def refresh(self, document_id: str) -> Refreshed:
        """Fetch a document's web page anew; where it has changed, it is a new document.

        The old one, whose id is ``replaced``, is removed once the new one is durable. Raises
        DocumentNotFound, and SourceError where the page can't be fetched; the document then stays.
        """
        return self._service.refresh(document_id)

    def documents(self) -> Iterator[Document]:
        """All documents, oldest first."""
        return every_document(self._service)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self._service.document(document_id)

    def text(self, document_id: str) -> str:
        """A document's text, which its citations' offsets count in. Raises DocumentNotFound."""
        return self._service.text(document_id)

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        self._service.remove(document_id)

    # Questions

    def ask(
        self,
        question: str,
        *,
        limit: int = 5,
        document_ids: Sequence[str] | None = None,
        filter: Mapping[str, str] | None = None,
        min_confidence: float | None = None,
    ) -> Answer:
        """Answer a question with citations, or refuse with a reason and the closest passages.

        ``limit`` passages (1 to 20) are read, of the documents in ``document_ids`` and those
        whose metadata match ``filter``. It is answered from ``min_confidence`` up, which is a
        probability; None is the service's own threshold, and 0 gives the best guess. Raises
        InvalidQuestion, InvalidRequest and DocumentNotFound.

        >>> with Pincite("bridges") as pincite:
        ...     document = pincite.add_text("The bridge cost 3 million.", metadata={"lang": "en"})
        ...     answer = pincite.ask("What did the bridge cost?", filter={"lang": "fr"})
        ...     answer.answered, str(answer.reason)
        (False, 'nothing_retrieved')
        """
        scope = _scope(document_ids, filter)
        return self._service.ask(
            Question(question, limit=limit, scope=scope, min_confidence=min_confidence)
        )

    def search(
        self,
        query: str,
        *,
        limit: int = 5,
        document_ids: Sequence[str] | None = None,
        filter: Mapping[str, str] | None = None,
    ) -> tuple[Passage, ...]:
        """The passages closest to a query, best first. Raises as ``ask``."""
        return self._service.search(query, limit=limit, scope=_scope(document_ids, filter))

    def verify(self, citation: Citation | Claim) -> Verdict:
        """Whether a quote still stands where it is cited. Raises DocumentNotFound."""
        claim = Claim(
            citation.document_id, citation.start, citation.end, citation.quote, citation.sha256
        )
        return self._service.verify(claim)

    def feedback(self, answer: Answer | str, *, right: bool, expected: str | None = None) -> None:
        """Keep a verdict on an answer, by itself or its id, and what it should have been.

        A later verdict on it takes the place of an earlier one. Raises AnswerNotFound for an
        answer that is not remembered: those given in conversations always are, the last thousand
        others while the service runs.
        """
        answer_id = answer if isinstance(answer, str) else answer.id
        mark = Mark.RIGHT if right else Mark.WRONG
        self._service.give_feedback(Feedback(answer_id, mark, expected))

    def withdraw_feedback(self, answer: Answer | str) -> None:
        """Forget the verdict on an answer. Raises FeedbackNotFound where there is none."""
        answer_id = answer if isinstance(answer, str) else answer.id
        self._service.withdraw_feedback(answer_id)

    # Conversations

    def conversation(self, conversation_id: str | None = None) -> "OpenConversation":
        """A new conversation, or an earlier one to go on with. Raises ConversationNotFound."""
        if conversation_id is None:
            conversation_id = self._service.start_conversation().id
        else:
            self._service.conversation(conversation_id)
        return OpenConversation(self._service, conversation_id)

    def conversations(self, search: str = "") -> Iterator[Conversation]:
        """All conversations, newest first; with ``search`` those that have all of its words.

        A word may stand in the title, the questions or the answers, in any case and without its
        accents, and be a part of another.
        """
        return every_conversation(self._service, search)

    def _add(
        self, source: Source, title: str | None, metadata: Mapping[str, str] | None
    ) -> Document:
        labelled = replace(source, title=title, metadata=dict(metadata or {}))
        return self._service.add(labelled).document


class OpenConversation:
    """Questions in turns, each of which may lean on those before it; ``Pincite.conversation``.

    >>> with Pincite("bridges") as pincite:
    ...     document = pincite.add_text("The new bridge was designed by Mara Lind in 2021.")
    ...     talk = pincite.conversation()
    ...     talk.ask("Who designed the new bridge?").answer
    ...     [message.question for message in talk.messages]
    ...     print(talk.export().splitlines()[0])
    ...     talk.delete()
    'Mara Lind'
    ['Who designed the new bridge?']
    # Who designed the new bridge?

    It is stored with its answers as they were given, whatever becomes of the documents. Once it
    is deleted, every call raises ConversationNotFound.
    """

    def __init__(self, service: Service, id: str) -> None:
        self._service = service
        self.id = id

    @property
    def title(self) -> str:
        """Its first question, shortened, or the one that ``rename`` gave it."""
        return self._service.conversation(self.id).title

    @property
    def messages(self) -> tuple[Message, ...]:
        """Its questions and answers, oldest first; a removed document's citations say so."""
        return self._service.conversation(self.id).messages

    def ask(
        self,
        question: str,
        *,
        limit: int = 5,
        document_ids: Sequence[str] | None = None,
        filter: Mapping[str, str] | None = None,
        min_confidence: float | None = None,
        resolve: bool = True,
    ) -> Answer:
        """Answer a question as the next message; otherwise as ``Pincite.ask``.

        A question that leans on earlier ones is resolved first, which ``interpreted_as`` shows;
        with ``resolve`` False it is taken as it stands.
        """
        asked = Question(
            question,
            limit=limit,
            scope=_scope(document_ids, filter),
            min_confidence=min_confidence,
            resolve=resolve,
        )
        return self._service.reply(self.id, asked)

    def rename(self, title: str) -> None:
        """Give it a title of at most 200 characters, which it keeps. Raises InvalidRequest."""
        self._service.rename_conversation(self.id, title)

    def export(self, format: Literal["markdown", "json"] = "markdown") -> str:
        """The whole conversation as a document: Markdown for people, or JSON."""
        kept = self._service.conversation(self.id)
        return transcript.json(kept) if format == "json" else transcript.markdown(kept)

    def delete(self) -> None:
        """Forget it, with its messages."""
        self._service.delete_conversation(self.id)


def _local(data: str | Path | None, writable: bool) -> Service:
    # Imported here, since it brings the models and the search, which a URL needs not.
    from qa.bootstrap import open_service

    index = IndexSettings() if data is None else IndexSettings(data=Path(data))
    return open_service(index, AnswerSettings(), writable=writable)


def _remote(url: str, key: str | None) -> Service:
    # Imported here, since an HTTP client costs a tenth of a second that local use need not pay.
    from qa.remote import RemoteService

    return RemoteService(url, key=key)


def _scope(document_ids: Sequence[str] | None, filter: Mapping[str, str] | None) -> Scope:
    ids = None if document_ids is None else tuple(document_ids)
    return Scope(document_ids=ids, filter=dict(filter or {}))
