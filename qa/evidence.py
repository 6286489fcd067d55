"""What speaks for a finding: the numbers from which its confidence is calculated.

All are of the kind that generalises to other texts: how sure the reader is, how well the
search did, how much of what the question asks about the text speaks of, and whether the
answer is of the sort that the question wants.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from index.words import Stemmer, terms
from qa.candidates import Finding

_CAP = 10.0
_DIGIT = re.compile(r"\d")
_NUMBER_WORD = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|"
    r"million|half|third|quarter|twice|once|several|percent|no|none)\b",
    re.IGNORECASE,
)
_TIME_WORD = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|spring|summer|autumn|winter|today|"
    r"yesterday|year|years|week|weeks|month|months|day|days|century|decade|morning|night|noon)\b",
    re.IGNORECASE,
)
_ASKS_WHEN = re.compile(
    r"\b(?:when|what (?:year|date|day|month|time)|which (?:year|date|day))\b", re.I
)
_ASKS_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|old|often|far|large|big|high|tall|fast|deep|wide|heavy)\b", re.I
)
_ASKS_WHO = re.compile(r"\b(?:who|whom|whose)\b", re.I)


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
    unknown           the weight of the question's words that no stored text has, as a share
    wrong_kind        1 where the question wants a time or an amount and the answer has neither
    no_name           1 where the question asks who and the answer has no capital
    echo              how much of the answer repeats the question's words
    length            the answer's words, as a logarithm
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
    unknown: float
    wrong_kind: float
    no_name: float
    echo: float
    length: float


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
        self.text = text
        self.words = terms(text)
        self._stems = dict(zip(self.words, stemmer.stems(self.words), strict=True))
        self.stems = frozenset(stem for stems in self._stems.values() for stem in stems)
        counts = corpus.frequencies(sorted(self.stems))
        chunks = corpus.chunk_count()
        self._frequency = {
            word: min((counts.get(stem, 0) for stem in stems), default=0)
            for word, stems in self._stems.items()
        }
        self._weight = {
            word: math.log((chunks + 1.0) / (frequency + 0.5))
            for word, frequency in self._frequency.items()
        }
        self._total = sum(self._weight.values()) or 1.0

    def share(self, words: Iterable[str]) -> float:
        """The weight of some of its words as a share of all, 0 to 1."""
        return sum(self._weight[word] for word in words) / self._total

    def in_stems(self, stems: frozenset[str]) -> float:
        """The share of its words that a text with these stems has."""
        return self.share(word for word in self.words if self._stems[word] <= stems)

    @property
    def unknown(self) -> float:
        """The share of its words that no stored text has."""
        return self.share(word for word in self.words if not self._frequency[word])


def evidence(
    text: str, found: Sequence[Finding], corpus: Corpus, *, stemmer: Stemmer, limit: int
) -> list[Evidence]:
    """The evidence of the first ``limit`` findings for the question ``text``, in order."""
    question = Question(text, corpus, stemmer)
    margins = [finding.best.margin for finding in found]
    mass = 1.0 + sum(_exp(margin) for margin in margins)
    return [
        _measured(
            question,
            finding,
            corpus,
            stemmer=stemmer,
            lead=finding.best.margin - _best_other(margins, place),
            share=_exp(finding.best.margin) / mass,
        )
        for place, finding in enumerate(found[:limit])
    ]


def _measured(
    question: Question,
    finding: Finding,
    corpus: Corpus,
    *,
    stemmer: Stemmer,
    lead: float,
    share: float,
) -> Evidence:
    best = finding.best
    document_id = best.passage.document_id
    sentence = corpus.sentence(document_id, best.start, best.end)
    in_sentence, in_passage, in_answer = stemmer.stems([sentence, best.passage.text, best.text])
    return Evidence(
        margin=best.margin,
        lead=max(-_CAP, min(_CAP, lead)),
        share=share,
        agreement=math.log(len(finding.places)),
        dense=best.passage.dense,
        lexical=math.log1p(best.passage.lexical),
        rank=math.log1p(best.rank),
        in_sentence=question.in_stems(in_sentence),
        in_passage=question.in_stems(in_passage),
        in_document=question.share(corpus.words_in(document_id, question.words)),
        unknown=question.unknown,
        wrong_kind=float(_is_wrong_kind(question.text, best.text)),
        no_name=float(bool(_ASKS_WHO.search(question.text)) and best.text.lower() == best.text),
        echo=len(in_answer & question.stems) / max(1, len(in_answer)),
        length=math.log(max(1, len(best.text.split()))),
    )


def _best_other(margins: Sequence[float], place: int) -> float:
    return max((margin for i, margin in enumerate(margins) if i != place), default=-_CAP)


def _exp(margin: float) -> float:
    return math.exp(min(margin, 3 * _CAP))


def _is_wrong_kind(question: str, answer: str) -> bool:
    """Whether a time or an amount is asked for, and the answer holds no such thing."""
    if _ASKS_WHEN.search(question):
        return not (_DIGIT.search(answer) or _TIME_WORD.search(answer))
    if _ASKS_AMOUNT.search(question):
        return not (_DIGIT.search(answer) or _NUMBER_WORD.search(answer))
    return False
