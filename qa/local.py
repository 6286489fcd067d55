"""The service on a store of this machine."""

from index.library import Library
from index.search import Searcher
from index.types import Added, Document, DocumentPage, Passage, Progress, Scope, Source
from qa.pipeline import AnswerPipeline, check_query
from qa.settings import AnswerSettings
from qa.types import Answer, Claim, Question, Verdict


class LocalService:
    """Everything Pincite does, on a library in this process. See ``qa.service.Service``."""

    def __init__(
        self,
        library: Library,
        searcher: Searcher,
        pipeline: AnswerPipeline,
        settings: AnswerSettings,
    ) -> None:
        self.library = library
        self.searcher = searcher
        self.pipeline = pipeline
        self._settings = settings

    def add(self, source: Source, *, progress: Progress | None = None) -> Added:
        """Store and index a source; returns only when it is durable."""
        return self.library.add(source, progress=progress)

    def remove(self, document_id: str) -> None:
        """Take a document out of everything. Raises DocumentNotFound."""
        self.library.remove(document_id)

    def documents(self, *, limit: int = 100, cursor: str | None = None) -> DocumentPage:
        """The stored documents, oldest first. Raises InvalidCursor."""
        return self.library.store.documents(limit=limit, cursor=cursor)

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return self.library.store.document(document_id)

    def text(self, document_id: str) -> str:
        """A document's canonical text. Raises DocumentNotFound."""
        return self.library.store.text(document_id)

    def ask(self, question: Question) -> Answer:
        """Answer a question, or refuse.

        Raises InvalidQuestion, InvalidRequest, and DocumentNotFound for an id in its scope.
        """
        self._require(question.scope)
        return self.pipeline.ask(question)

    def search(self, query: str, *, limit: int = 5, scope: Scope = Scope()) -> tuple[Passage, ...]:
        """The passages closest to a query, best first; raises as ``ask`` does."""
        check_query(query, limit, longest=self._settings.max_question)
        self._require(scope)
        return tuple(self.searcher.passages(query, limit=limit, scope=scope))

    def verify(self, claim: Claim) -> Verdict:
        """Whether a quote stands where it is said to. Raises DocumentNotFound."""
        document = self.document(claim.document_id)
        text = self.text(claim.document_id)
        if not 0 <= claim.start <= claim.end <= len(text):
            return Verdict(valid=False, actual=None)
        actual = text[claim.start : claim.end]
        same_text = claim.sha256 is None or claim.sha256.lower() == document.sha256
        return Verdict(valid=same_text and actual == claim.quote, actual=actual)

    def close(self) -> None:
        """Save what is derived, and let go of the store."""
        self.library.close()

    def _require(self, scope: Scope) -> None:
        for document_id in scope.document_ids or ():
            self.document(document_id)
