"""Stand-ins for the slow and the stateful parts, with the same behaviour in small."""

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from index.errors import (
    DocumentNotFound,
    EmptySource,
    FetchFailed,
    InvalidCursor,
    NotFetched,
    UndecodableText,
)
from index.sentences import sentence_around
from index.types import (
    Added,
    Document,
    DocumentPage,
    Heading,
    Link,
    Outline,
    Passage,
    Progress,
    Refreshed,
    Scope,
    Source,
    Span,
    Stage,
)
from index.words import Stemmer
from qa import titles
from qa.errors import AnswerNotFound, ConversationNotFound, FeedbackNotFound, InvalidQuestion
from qa.folding import folded, words
from qa.reader.decode import Reading
from qa.service import take_place
from qa.suggestions import LIMIT, merged, suggestions
from qa.types import (
    Answer,
    AnswerSpan,
    Citation,
    Claim,
    Conversation,
    ConversationPage,
    Feedback,
    Interpretation,
    Judgement,
    Message,
    Question,
    Reason,
    Retrieval,
    Sentence,
    Suggestion,
    Timings,
    Transcript,
    Turn,
    Verdict,
    Watch,
)

_WORD = re.compile(r"\w+|[^\w\s]")
_LINE = re.compile(r"(?! )[^\n]*[^\s]")
_NOW = "2026-01-02T03:04:05Z"


class FakeEmbedder:
    """Vectors that count a text's words by a hash: texts that share words are close.

    The same everywhere and every time. A token is a word or a mark, plus the two special ones.
    """

    def __init__(
        self, *, dimension: int = 64, max_tokens: int = 256, fingerprint: str = "fake-1"
    ) -> None:
        self.name = "fake"
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.max_tokens = max_tokens

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.casefold()):
                row[zlib.crc32(word.encode("utf-8", "replace")) % self.dimension] += 1
            row[0] += not row.any()
            row /= np.linalg.norm(row)
        return rows

    def count(self, text: str) -> int:
        return len(_WORD.findall(text)) + 2


class FakeService:
    """A service in memory that answers the questions it was told the quotes of.

    ``answers`` maps a question to the quote that answers it; the quote is cited where it first
    stands in a stored text, and any other question is refused. Texts are UTF-8, one chunk each.
    ``pages`` are the texts of the web pages that there are, by their addresses.
    """

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers or {})
        self.pages: dict[str, str] = {}
        self.asked: list[Question] = []
        self.closed = False
        self._given: dict[str, Answer] = {}
        self._started = 0
        self._transcripts: dict[str, Transcript] = {}
        self._named: set[str] = set()
        self._judgements: dict[str, Judgement] = {}
        self._texts: dict[str, str] = {}
        self._documents: dict[str, Document] = {}

    def add(self, source: Source | Link, *, progress: Progress | None = None) -> Added:
        if isinstance(source, Link):
            source = self._fetched(source)
        try:
            text = source.data.decode()
        except UnicodeDecodeError as error:
            raise UndecodableText(f"{source.name}: not UTF-8: save it as UTF-8") from error
        if not text.strip():
            raise EmptySource(f"{source.name}: the file is empty, so there is nothing to index")
        sha256 = hashlib.sha256(source.data).hexdigest()
        created = sha256 not in self._documents
        report = progress or _unreported
        for stage in Stage:
            report(stage, 0, 1)
        if created:
            self._texts[sha256] = text
            self._documents[sha256] = _document(sha256, source, len(text))
        report(Stage.STORE, 1, 1)
        return Added(self._documents[sha256], created)

    def refresh(self, document_id: str) -> Refreshed:
        old = self.document(document_id)
        if "fetched_from" not in old.metadata:
            raise NotFetched(f"{old.name!r} was not fetched from the web")
        new = self._fetched(Link(old.metadata["fetched_from"]))
        return take_place(old, new, add=self.add, remove=self.remove)

    def _fetched(self, link: Link) -> Source:
        if link.url not in self.pages:
            raise FetchFailed(f"{link.url} answered 404 (Not Found)")
        return Source(
            self.pages[link.url].encode(),
            link.url.removeprefix("https://"),
            title=link.title,
            url=link.url,
            metadata={**link.metadata, "fetched_from": link.url},
        )

    def remove(self, document_id: str) -> None:
        del self._documents[self.document(document_id).id]
        del self._texts[document_id]

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            raise InvalidCursor(f"{cursor!r} is not a cursor of this store: start without one")
        start = int(cursor or 0)
        found = tuple(self._documents.values())[start : start + limit]
        more = start + limit < len(self._documents)
        return DocumentPage(found, str(start + limit) if more else None)

    def document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            raise DocumentNotFound(f"no document has the id {document_id!r}")
        return self._documents[document_id]

    def text(self, document_id: str) -> str:
        return self._texts[self.document(document_id).id]

    def outline(self, document_id: str) -> Outline:
        """Each line is a paragraph of the body, and one that begins with ``# `` a heading."""
        text = self.text(document_id)
        lines = [Span(*match.span()) for match in _LINE.finditer(text)]
        marked = (line for line in lines if text.startswith("# ", line.start))
        headings = tuple(Heading(line.start + 2, line.end, 1) for line in marked)
        return Outline((), tuple(lines), headings, ())

    def suggestions(
        self, *, limit: int = LIMIT, document_id: str | None = None
    ) -> tuple[Suggestion, ...]:
        if document_id is not None:
            text, outline = self.text(document_id), self.outline(document_id)
            return suggestions(text, outline, document_id=document_id, limit=limit)
        newest = reversed(self._documents)
        return merged([self.suggestions(limit=limit, document_id=id) for id in newest], limit=limit)

    def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
        if not question.text.strip():
            raise InvalidQuestion("the question is empty: ask something")
        for document_id in question.scope.document_ids or ():
            self.document(document_id)
        self.asked.append(question)
        if watch is not None:
            watch(Interpretation(question.text))
        passages = self.search(question.text, limit=question.limit, scope=question.scope)
        if watch is not None and passages:
            watch(Retrieval(passages))
        answer = self._answer(question, passages)
        self._given[answer.id] = answer
        return answer

    def _answer(self, question: Question, passages: tuple[Passage, ...]) -> Answer:
        quote = self.answers.get(question.text)
        for passage in passages:
            if quote is not None and quote in passage.text:
                return _answered(question, quote, passage, self.document(passage.document_id))
        return _refused(question, passages)

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        ids = scope.document_ids or tuple(self._documents)
        return tuple(_passage(self.document(id), self.text(id)) for id in ids[:limit])

    def verify(self, claim: Claim) -> Verdict:
        text = self.text(claim.document_id)
        inside = 0 <= claim.start <= claim.end <= len(text)
        actual = text[claim.start : claim.end] if inside else None
        return Verdict(actual == claim.quote, actual)

    def start_conversation(self) -> Conversation:
        self._started += 1
        new = Conversation(f"conversation-{self._started}", "New conversation", _NOW)
        self._transcripts[new.id] = Transcript(new.id, new.title, new.created_at, ())
        return new

    def conversations(
        self, *, limit: int = 100, cursor: str | None = None, search: str = ""
    ) -> ConversationPage:
        if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
            raise InvalidCursor(f"{cursor!r} is not a cursor of this list: start without one")
        start = int(cursor or 0)
        wanted = words(search)
        newest = [one for one in reversed(self._transcripts.values()) if _holds(one, wanted)]
        page = tuple(map(_entry, newest[start : start + limit]))
        more = start + limit < len(newest)
        return ConversationPage(page, str(start + limit) if more else None)

    def conversation(self, conversation_id: str) -> Transcript:
        if conversation_id not in self._transcripts:
            raise ConversationNotFound(f"no conversation has the id {conversation_id!r}")
        found = self._transcripts[conversation_id]
        judged = {id: one.feedback for id, one in self._judgements.items()}
        messages = (replace(one, feedback=judged.get(one.answer.id)) for one in found.messages)
        return replace(found, messages=tuple(messages))

    def rename_conversation(self, conversation_id: str, title: str) -> Conversation:
        renamed = replace(self.conversation(conversation_id), title=titles.given(title))
        self._transcripts[conversation_id] = renamed
        self._named.add(conversation_id)
        return _entry(renamed)

    def delete_conversation(self, conversation_id: str) -> None:
        del self._transcripts[self.conversation(conversation_id).id]

    def reply(
        self, conversation_id: str, question: Question, *, watch: Watch | None = None
    ) -> Answer:
        before = self.conversation(conversation_id)
        turns = tuple(Turn(one.question, one.answer.answer) for one in before.messages)
        answer = self.ask(replace(question, history=turns), watch=watch)
        messages = (*before.messages, Message(question.text, answer, _NOW))
        title = before.title if before.id in self._named else messages[0].question
        self._transcripts[before.id] = replace(before, title=title, messages=messages)
        return answer

    def give_feedback(self, feedback: Feedback) -> None:
        if feedback.answer_id not in self._given:
            raise AnswerNotFound(f"no answer with the id {feedback.answer_id!r} is remembered")
        answer = self._given[feedback.answer_id]
        self._judgements[answer.id] = Judgement(feedback, answer, _NOW)

    def withdraw_feedback(self, answer_id: str) -> None:
        if self._judgements.pop(answer_id, None) is None:
            raise FeedbackNotFound(f"there is no feedback on an answer with id {answer_id!r}")

    def feedback(self) -> tuple[Judgement, ...]:
        return tuple(self._judgements.values())

    def close(self) -> None:
        self.closed = True


def _unreported(stage: Stage, done: int, total: int) -> None:
    """No one asked for progress."""


def _entry(found: Transcript) -> Conversation:
    return Conversation(found.id, found.title, found.created_at, len(found.messages))


def _holds(found: Transcript, wanted: Sequence[str]) -> bool:
    said = (part for one in found.messages for part in (one.question, one.answer.answer or ""))
    texts = [folded(text) for text in (found.title, *said)]
    return all(any(word in text for text in texts) for word in wanted)


def _document(sha256: str, source: Source, characters: int) -> Document:
    return Document(
        id=sha256,
        name=source.name,
        title=source.title,
        author=source.author,
        published=source.published,
        url=source.url,
        media_type=source.media_type or "text/plain",
        sha256=sha256,
        characters=characters,
        chunks=1,
        created_at=_NOW,
        metadata=dict(source.metadata),
    )


def _passage(document: Document, text: str) -> Passage:
    return Passage(
        document_id=document.id,
        title=document.title,
        start=0,
        end=len(text),
        text=text,
        score=0.5,
        dense=0.5,
        lexical=1.0,
    )


def _answered(question: Question, quote: str, passage: Passage, document: Document) -> Answer:
    start = passage.text.index(quote)
    end = start + len(quote)
    first = passage.text.rfind("\n", 0, start) + 1
    last = passage.text.find("\n", end)
    last = len(passage.text) if last < 0 else last
    citation = Citation(
        number=1,
        document_id=document.id,
        name=document.name,
        title=document.title,
        author=document.author,
        published=document.published,
        url=document.url,
        page=None,
        start=start,
        end=end,
        quote=quote,
        prefix=passage.text[max(start - 32, 0) : start],
        suffix=passage.text[end : end + 32],
        sentence=Sentence(first, last, passage.text[first:last]),
        sha256=document.sha256,
    )
    span = AnswerSpan(quote, 0.93, 1, (1,))
    return Answer(
        id="answer-1",
        question=question.text,
        interpreted_as=question.text,
        answered=True,
        answer=quote,
        confidence=0.93,
        reason=None,
        spans=(span,),
        citations=(citation,),
        passages=(passage,),
        timings_ms=Timings(1.0, 2.0, 3.0),
    )


def _refused(question: Question, passages: tuple[Passage, ...]) -> Answer:
    return Answer(
        id="answer-2",
        question=question.text,
        interpreted_as=question.text,
        answered=False,
        answer=None,
        confidence=0.31 if passages else None,
        reason=Reason.NOT_IN_TEXT if passages else Reason.NOTHING_INDEXED,
        spans=(),
        citations=(),
        passages=passages,
        timings_ms=Timings(1.0, 2.0, 3.0),
    )


class FakeReader:
    """A reader that takes every capitalised word for an answer, later ones a little less.

    Words of the question are no answers, so a passage of nothing else has only bad ones.
    """

    fingerprint = "fake-reader"

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        asked = set(_WORD.findall(question.casefold()))
        return [self._one(asked, passage) for passage in passages]

    def _one(self, asked: set[str], passage: str) -> Reading:
        found = list(_WORD.finditer(passage))
        count = len(found)
        likes = np.full(count + 2, -5.0, np.float32)
        likes[0] = 0.0
        offsets = np.zeros((count + 2, 2), np.int32)
        breaks = np.full(count + 2, -1, np.int32)
        for place, match in enumerate(found, start=1):
            offsets[place] = match.span()
            breaks[place] = passage.count("\n\n", 0, match.start())
            if match.group()[0].isupper() and match.group().casefold() not in asked:
                likes[place] = 4.0 - place / 1000
        words = np.concatenate(([-1], np.arange(count), [-1])).astype(np.int32)
        return Reading(likes, likes.copy(), offsets, words, breaks)


class FirstWordReader(FakeReader):
    """Takes the first word of every passage: with such a margin for some questions, else 0.5."""

    def __init__(self, likes: dict[str, float]) -> None:
        self.likes = likes

    def read(self, question: str, passages: Sequence[str]) -> list[Reading]:
        half = self.likes.get(question, 0.5) / 2
        found = []
        for reading in super().read(question, passages):
            score = np.full(len(reading.start), -9.0, np.float32)
            score[:2] = 0.0, half
            found.append(replace(reading, start=score, end=score.copy()))
        return found


class FakeCorpus:
    """Documents as evidence sees them, counted anew at every call.

    ``documents`` maps an id to its chunks, which stand in its text with blank lines between.
    """

    def __init__(self, documents: Mapping[str, Sequence[str]]) -> None:
        self._documents = documents

    def chunk_count(self) -> int:
        return sum(map(len, self._documents.values()))

    def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
        chunks = Stemmer().stems([one for chunks in self._documents.values() for one in chunks])
        return {term: sum(term in stems for stems in chunks) for term in terms}

    def words_in(self, document_id: str, words: Sequence[str]) -> frozenset[str]:
        stems = frozenset().union(*Stemmer().stems(self._documents[document_id]))
        forms = zip(words, Stemmer().stems(words), strict=True)
        return frozenset(word for word, form in forms if form <= stems)

    def sentence(self, document_id: str, start: int, end: int) -> str:
        text = "\n\n".join(self._documents[document_id])
        return sentence_around(text, start, end).of(text)
