"""The only wiring: from settings to a service that adds, searches and answers."""

from pathlib import Path

from index.embedding import open_embedder
from index.library import Library
from index.search import Searcher
from index.settings import IndexSettings
from qa.evidence import FEATURES
from qa.journal import Journal
from qa.local import LocalService
from qa.pipeline import AnswerPipeline
from qa.reader import calibrate
from qa.reader.calibrate import Calibration
from qa.reader.model import WEIGHTS, SpanReader
from qa.settings import AnswerSettings


def open_service(
    index: IndexSettings,
    answering: AnswerSettings,
    *,
    writable: bool,
    weights: Path = WEIGHTS,
    shipped: bool = False,
) -> LocalService:
    """The service on the store in ``index.data``, its models loaded; ``weights`` are the reader's.

    The confidence is the one that verdicts made for this store, where there is one, unless
    ``shipped``. Raises StoreError where the store can't be opened so, ModelError and WeightsError
    where a model can't be loaded.
    """
    embedder = open_embedder(index.embedder, cache=index.cache, threads=index.threads)
    library = Library.open(index, embedder=embedder, writable=writable)
    try:
        reader = SpanReader(weights, threads=answering.threads, cache=index.cache / "reader")
        calibration = _calibration(
            weights, own=None if shipped else index.data, reader_sha256=reader.fingerprint
        )
        searcher = Searcher(library, embedder)
        pipeline = AnswerPipeline(library, searcher, reader, calibration, answering)
        journal = Journal(index.data)
        return LocalService(library, searcher, pipeline, answering, journal, fetching=index)
    except BaseException:
        library.close()
        raise


def _calibration(weights: Path, *, own: Path | None, reader_sha256: str) -> Calibration:
    if own is not None:
        found = calibrate.load_own(own, reader_sha256=reader_sha256, features=FEATURES)
        if found is not None:
            return found
    return calibrate.load(weights, reader_sha256=reader_sha256, features=FEATURES)
