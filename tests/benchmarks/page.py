"""What the chat page weighs, how fast an answer is on it, and how a very long article scrolls.

    python -m tests.benchmarks.page [--asked 20] [--json] [--save]

An answer is timed from the Enter key to the frame that shows it, beside the time that the API
itself says it took. The articles scrolled have a million characters: one of common paragraphs
under headings, one of paragraphs of 100,000 characters. The browser is Chromium without a GPU.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import torch
from playwright.sync_api import Browser, Page, sync_playwright

from index.settings import IndexSettings
from index.types import Source
from qa import questions
from qa.bootstrap import open_service
from qa.local import LocalService
from qa.settings import AnswerSettings
from server.routes.page import FOLDER
from tests.benchmarks.ask import RESULTS, SHIPPED, THREADS, processor
from tests.browser.conftest import chromium
from tests.fakes import FakeService
from tests.server.conftest import serving

CHARACTERS = 1_000_000
COMMON = range(200, 900)
THICK = range(100_000, 100_001)
SCREEN = {"width": 1440, "height": 900}
FRAMES = 300
_WORDS = (
    "the river of stone and water moved over a long winter season while people from every harbour "
    "carried grain salt copper timber cloth toward inland markets where prices rose each year"
).split()

_WATCH_LONG_TASKS = """window.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: "longtask" });"""

_ASK = """(question) => new Promise((resolve) => {
  const field = document.getElementById("question");
  const before = document.querySelectorAll(".told blockquote, .told h3").length;
  const watch = new MutationObserver(() => {
    if (document.querySelectorAll(".told blockquote, .told h3").length === before) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
  });
  watch.observe(document.getElementById("talk"), { childList: true, subtree: true });
  field.value = question;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const started = performance.now();
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", enter));
})"""

_OPEN = """(hash) => new Promise((resolve) => {
  const started = performance.now();
  location.hash = hash;
  const look = () => {
    const mark = document.querySelector("mark.now")?.getBoundingClientRect();
    if (mark && 0 < mark.top && mark.top < innerHeight) resolve(performance.now() - started);
    else requestAnimationFrame(look);
  };
  look();
})"""

_SCROLL = """([frames, step]) => new Promise((resolve) => {
  const view = document.querySelector(".text");
  const gaps = [];
  let last = null;
  const frame = (now) => {
    if (last !== null) gaps.push(now - last);
    last = now;
    view.scrollTop += step;
    gaps.length < frames ? requestAnimationFrame(frame) : resolve(gaps);
  };
  requestAnimationFrame(frame);
})"""


def article(paragraphs: range) -> str:
    """A text of a million characters, its paragraphs of such lengths."""
    chooser = random.Random(7)
    parts = ["# The river trade"]
    length = len(parts[0])
    while length < CHARACTERS:
        if len(parts) % 13 == 0:
            parts.append(f"# Chapter {len(parts) // 13}")
        wanted = chooser.choice(paragraphs)
        words = " ".join(chooser.choice(_WORDS) for _ in range(wanted // 6))
        parts.append(f"{words.capitalize()}.")
        length += len(parts[-1]) + 2
    return "\n\n".join(parts)[:CHARACTERS]


def weight() -> dict[str, int]:
    """Bytes of the page's files, uncompressed, by kind and together."""
    kinds = {
        kind: sum(path.stat().st_size for path in FOLDER.rglob(f"*.{kind}"))
        for kind in ("html", "js", "css", "svg")
    }
    return {**kinds, "total": sum(kinds.values())}


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and largest, in milliseconds."""
    return {
        "p50": round(median(values), 1),
        "p95": round(quantiles(values, n=20, method="inclusive")[-1], 1),
        "max": round(max(values), 1),
    }


def opened(browser: Browser, url: str) -> Page:
    """The page, watched for tasks that hold it up."""
    page = browser.new_page(viewport=SCREEN)  # type: ignore[arg-type]
    page.add_init_script(_WATCH_LONG_TASKS)
    page.goto(url)
    page.locator("#question").wait_for()
    page.wait_for_timeout(500)
    return page


def answers(browser: Browser, service: LocalService, asked: Sequence[str]) -> dict[str, object]:
    """Times of answers on the page, and of the same ones by the API's own clock."""
    with serving(lambda: service) as client:
        page = opened(browser, str(client.base_url))
        shown = [page.evaluate(_ASK, question) for question in asked]
        newest = client.get("/v1/conversations").json()["conversations"][0]["id"]
        messages = client.get(f"/v1/conversations/{newest}").json()["messages"]
        took = [message["answer"]["timings_ms"]["total"] for message in messages]
        page.close()
    added = [on_page - itself for on_page, itself in zip(shown, took, strict=True)][2:]
    return {
        "answers": len(added),
        "enter_to_answer_ms": spread(shown[2:]),
        "api_total_ms": spread(took[2:]),
        "added_ms": spread(added),
    }


def scrolled(browser: Browser, text: str) -> dict[str, object]:
    """Opening a text at a place in its middle, and scrolling on from there and back."""
    service = FakeService()
    document = service.add(Source(text.encode(), "long.txt")).document
    middle = len(text) // 2
    with serving(lambda: service) as client:
        page = opened(browser, str(client.base_url))
        page.evaluate("longTasks.length = 0")
        open_ms = page.evaluate(_OPEN, f"#/d/{document.id}/{middle}-{middle + 20}")
        page.wait_for_timeout(1500)
        opening = page.evaluate("longTasks.splice(0)")
        gaps = page.evaluate(_SCROLL, [FRAMES, 120]) + page.evaluate(_SCROLL, [FRAMES, -400])
        scrolling = page.evaluate("longTasks.splice(0)")
        page.close()
    return {
        "open_at_middle_ms": round(open_ms, 1),
        "opening_longest_task_ms": max(opening, default=0),
        "frame_gap_ms": spread(gaps),
        "scrolling_longest_task_ms": max(scrolling, default=0),
    }


def measured(asked: int) -> dict[str, object]:
    """All figures."""
    torch.set_num_threads(THREADS)
    labelled = questions.read(SHIPPED)
    chosen = [one.text for one in random.Random(7).sample(labelled.questions, asked + 2)]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium(playwright)
        common, thick = (scrolled(browser, article(kind)) for kind in (COMMON, THICK))
        index = replace(IndexSettings(), data=Path(folder), threads=THREADS)
        service = open_service(index, AnswerSettings(threads=THREADS), writable=True)
        for one in labelled.texts:
            service.add(Source(one.text.encode(), "article.txt", "text/plain"))
        timed = answers(browser, service, chosen)
        browser.close()
    return {
        "date": date.today().isoformat(),
        "machine": processor(),
        "bytes": weight(),
        "asking": timed,
        "long_article": common,
        "long_paragraphs": thick,
    }


def main() -> None:
    """The command line of this benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asked", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="as one line, for programs")
    parser.add_argument("--save", action="store_true", help=f"keep the figures in {RESULTS}")
    arguments = parser.parse_args()
    figures = measured(arguments.asked)
    print(json.dumps(figures, indent=None if arguments.json else 1))
    if arguments.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"page-{figures['date']}.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
