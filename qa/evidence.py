"""What speaks for a finding: the numbers from which its confidence is calculated.

All are of the kind that generalises to other texts: how sure the reader is, how well the
search did, how much of what the question asks about the text speaks of, and whether other
places agree. What the answer looks like (a date for "when", a name for "who", how long it is)
was tried too and added nothing over articles held out.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from index.words import Stemmer, searchable, terms
from qa.candidates import Finding

_CAP = 10.0
_NAMES_COUNTED = 3.0
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The features of one finding; each is documented by what it measures.

    margin            the reader's best margin over the null answer, in logits
    lead              that margin over the next finding's, at most 10
    share             this finding's part of all findings' and the null answer's probability
    agreement         how many further places say the same, as a logarithm
    dense             the cosine of question and passage
    lexical           BM25 of question and passage, as a logarithm
    rank              the passage's place in the retrieval, as a logarithm
    in_sentence       how much of the question's rare words stands in the answer's sentence
    in_passage        the same of the passage
    in_document       the same of the document
    names_nowhere     how many of the question's names and numbers the document lacks, at most 3
    names_elsewhere   how many it has, but not in the passage, at most 3
    """

    margin: float
    lead: float
    share: float
    agreement: float
    dense: float
    lexical: float
    rank: float
    in_sentence: float
    in_passage: float
    in_document: float
    names_nowhere: float
    names_elsewhere: float


FEATURES = tuple(field.name for field in fields(Evidence))


class Corpus(Protocol):
    """What evidence is measured against; ``qa.pipeline`` has the one on a library."""

    def chunk_count(self) -> int:
        """How many chunks there are."""
        ...

    def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
        """In how many chunks each stem is."""
        ...

    def words_in(self, document_id: str, words: Sequence[str]) -> frozenset[str]:
        """Those of the words that a document has, in any form of theirs."""
        ...

    def sentence(self, document_id: str, start: int, end: int) -> str:
        """The sentence around a range of a document's text."""
        ...


class Question:
    """A question's words worth looking for, weighted by how rare each is in the corpus.

    A word in no chunk weighs most; the weights are inverse chunk frequencies.
    """

    def __init__(self, text: str, corpus: Corpus, stemmer: Stemmer) -> None:
        self.words = terms(text)
        self.names = _names(text) & frozenset(self.words)
        self._stems = dict(zip(self.words, stemmer.stems(self.words), strict=True))
        counts = corpus.frequencies(sorted(frozenset().union(*self._stems.values())))
        chunks = corpus.chunk_count()
        self._weight = {
            word: math.log((chunks + 1.0) / (min(map(counts.__getitem__, stems), default=0) + 0.5))
            for word, stems in self._stems.items()
        }
        self._total = sum(self._weight.values()) or 1.0
        self._corpus = corpus
        self._in_document: dict[str, frozenset[str]] = {}

    def in_document(self, document_id: str) -> frozenset[str]:
        """Those of its words that a document has."""
        if document_id not in self._in_document:
            self._in_document[document_id] = self._corpus.words_in(document_id, self.words)
        return self._in_document[document_id]

    def share(self, words: Iterable[str]) -> float:
        """The weight of some of its words as a share of all, 0 to 1."""
        return sum(self._weight[word] for word in words) / self._total

    def within(self, stems: frozenset[str]) -> frozenset[str]:
        """Those of its words that a text with these stems has."""
        return frozenset(word for word in self.words if self._stems[word] <= stems)


def evidence(
    text: str, found: Sequence[Finding], corpus: Corpus, *, stemmer: Stemmer, limit: int
) -> list[Evidence]:
    """The evidence of the first ``limit`` findings for the question ``text``, in order."""
    question = Question(text, corpus, stemmer)
    margins = [finding.best.margin for finding in found]
    mass = 1.0 + sum(_exp(margin) for margin in margins)
    measured = found[:limit]
    stems = _stems(measured, corpus, stemmer)
    return [
        _measured(
            question,
            finding,
            lead=finding.best.margin - _best_other(margins, place),
            share=_exp(finding.best.margin) / mass,
            stems=stems[place],
        )
        for place, finding in enumerate(measured)
    ]


@dataclass(frozen=True, slots=True)
class _Stems:
    """The words around a finding, as the index holds them."""

    sentence: frozenset[str]
    passage: frozenset[str]


def _stems(found: Sequence[Finding], corpus: Corpus, stemmer: Stemmer) -> list[_Stems]:
    bests = [finding.best for finding in found]
    sentences = [corpus.sentence(best.passage.document_id, best.start, best.end) for best in bests]
    texts = list(dict.fromkeys([*sentences, *(best.passage.text for best in bests)]))
    stems = dict(zip(texts, stemmer.stems(texts), strict=True))
    return [
        _Stems(stems[sentence], stems[best.passage.text])
        for sentence, best in zip(sentences, bests, strict=True)
    ]


def _measured(
    question: Question, finding: Finding, *, lead: float, share: float, stems: _Stems
) -> Evidence:
    best = finding.best
    in_document = question.in_document(best.passage.document_id)
    in_passage = question.within(stems.passage)
    return Evidence(
        margin=best.margin,
        lead=max(-_CAP, min(_CAP, lead)),
        share=share,
        agreement=math.log(len(finding.places)),
        dense=best.passage.dense,
        lexical=math.log1p(best.passage.lexical),
        rank=math.log1p(best.rank),
        in_sentence=question.share(question.within(stems.sentence)),
        in_passage=question.share(in_passage),
        in_document=question.share(in_document),
        names_nowhere=min(_NAMES_COUNTED, len(question.names - in_document)),
        names_elsewhere=min(_NAMES_COUNTED, len((question.names & in_document) - in_passage)),
    )


def _names(question: str) -> frozenset[str]:
    """Its words with a capital, other than the first, and those with a digit; as searched for."""
    words = [match.group() for match in _WORD.finditer(question)]
    return frozenset(
        form
        for place, word in enumerate(words)
        if (place and word[0].isupper()) or any(mark.isdigit() for mark in word)
        for form in searchable(word).split()
    )


def _best_other(margins: Sequence[float], place: int) -> float:
    return max((margin for i, margin in enumerate(margins) if i != place), default=-_CAP)


def _exp(margin: float) -> float:
    return math.exp(min(margin, 3 * _CAP))
