"""How long a question takes over 2,000 passages, beside a plain script with the same weights.

    python -m tests.benchmarks.ask [--questions FILE] [--asked 60] [--save]

Both answer the same questions over the same passages, in turns, with two threads each. What
counts is the ratio: absolute times change with the machine and with what else it does.
"""

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import torch

from index.sentences import sentences
from index.settings import IndexSettings
from index.types import Source, Span
from qa import questions
from qa.bootstrap import open_service
from qa.local import LocalService
from qa.questions import QuestionSet
from qa.reader.model import WEIGHTS
from qa.settings import AnswerSettings
from qa.types import Question
from tests.benchmarks.plain import PlainScript

PASSAGES = 2000
THREADS = 2
SHIPPED = Path("qa/training/articles")
RESULTS = Path(__file__).parent / "results"


def filled(service: LocalService, labelled: QuestionSet) -> None:
    """Add the texts, then shuffles of their sentences, until there are 2,000 chunks."""
    chooser = random.Random(7)
    texts = [one.text for one in labelled.texts]
    pieces = [span.of(text) for text in texts for span in sentences(text, Span(0, len(text)))]
    while service.library.store.chunk_count() < PASSAGES:
        text = texts.pop() if texts else " ".join(chooser.sample(pieces, 200))
        service.add(Source(text.encode(), "passages.txt", "text/plain"))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def processor() -> str:
    """The processor's name, where the system says it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {os.cpu_count()} cores" if names else platform.processor()


def main() -> None:
    """The command line of this benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, default=SHIPPED)
    parser.add_argument("--asked", type=int, default=60)
    parser.add_argument("--save", action="store_true", help=f"keep the figures in {RESULTS}")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    labelled = questions.read(arguments.questions)
    asked = random.Random(7).sample(labelled.questions, arguments.asked)
    with tempfile.TemporaryDirectory() as folder:
        index = replace(IndexSettings(), data=Path(folder), threads=THREADS)
        service = open_service(index, AnswerSettings(threads=THREADS), writable=True)
        filled(service, labelled)
        store = service.library.store
        passages = [one.text for one in store.chunks(store.all_chunk_ids()).values()]
        plain = PlainScript(passages, WEIGHTS)
        ours: list[float] = []
        theirs: list[float] = []
        for number, question in enumerate(asked):
            text = question.text
            pair = (
                timed(lambda text=text: service.ask(Question(text))),
                timed(lambda text=text: plain.ask(text)),
            )
            if number >= 5:  # the first ones warm up
                ours.append(pair[0])
                theirs.append(pair[1])
        service.close()
    figures = {
        "date": date.today().isoformat(),
        "machine": processor(),
        "passages": len(passages),
        "questions": len(ours),
        "pincite_ms": {"p50": round(median(ours), 1), "p95": round(quantiles(ours, n=20)[-1], 1)},
        "plain_ms": {"p50": round(median(theirs), 1), "p95": round(quantiles(theirs, n=20)[-1], 1)},
        "ratio_p50": round(median(ours) / median(theirs), 3),
    }
    print(json.dumps(figures, indent=1))
    if arguments.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"ask-{figures['date']}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
