"""Pipelines over small stores, with fakes for the models."""

from pathlib import Path

from index.embedding import Embedder
from index.library import Library
from index.search import Searcher
from index.settings import IndexSettings
from index.web.addresses import Allowed
from qa.evidence import FEATURES
from qa.journal import Journal
from qa.local import LocalService
from qa.pipeline import AnswerPipeline
from qa.reader.calibrate import Calibration
from qa.reader.model import Reader
from qa.settings import AnswerSettings
from tests.fakes import FakeEmbedder, FakeReader

MARGIN_ONLY = Calibration(
    features=FEATURES,
    mean=(0.0,) * len(FEATURES),
    scale=(1.0,) * len(FEATURES),
    weight=(1.0,) + (0.0,) * (len(FEATURES) - 1),
    bias=0.0,
    threshold=0.5,
    aim="",
    reader_sha256=FakeReader.fingerprint,
    provenance={},
)
"""Confidence above a half exactly where the reader prefers the span to no answer."""


def fake_service(
    folder: Path,
    *,
    reader: Reader | None = None,
    calibration: Calibration = MARGIN_ONLY,
    embedder: Embedder | None = None,
) -> LocalService:
    """A service on a store that may be new, whose reader takes names for answers."""
    embedder = embedder or FakeEmbedder()
    index = IndexSettings(data=folder, fetch_allow=Allowed("127.0.0.1"))
    library = Library.open(index, embedder=embedder, writable=True)
    searcher = Searcher(library, embedder)
    settings = AnswerSettings()
    pipeline = AnswerPipeline(library, searcher, reader or FakeReader(), calibration, settings)
    return LocalService(library, searcher, pipeline, settings, Journal(folder), fetching=index)
