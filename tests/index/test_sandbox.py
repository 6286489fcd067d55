import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import SourceError, SourceTooLarge, UnreadableSource, UnsupportedType
from index.formats import extract
from index.formats.html import extract as extract_html
from index.sandbox import Sandbox
from index.sandbox_worker import Limits
from index.types import Source
from tests.index.builders import ROOT, open_library
from tests.index.files import docx, drawn_pdf, epub, paragraph, pdf

PAGE = b"<html><body><h1>Herons</h1><p>They came on a Tuesday, four of them.</p></body></html>"
LINES = [(60.0, 700.0 - 12 * at, f"line {at} goes on and on to the margin") for at in range(9)]
FILES = {
    "heron.pdf": pdf(["# Herons", "They came on a Tuesday, four of them. " * 9] * 9, head="Mill"),
    "drawn.pdf": drawn_pdf(LINES, LINES),
    "heron.docx": docx(paragraph("Herons") + paragraph("They came on a Tuesday.") * 9),
    "heron.epub": epub({"a.xhtml": "<h1>Herons</h1><p>They came on a Tuesday.</p>"}),
    "heron.html": PAGE.replace(b"<p>", b"<p>By Ann Other, 3 May 2021</p><p>"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@contextlib.contextmanager
def limited(**limits: float) -> Iterator[Sandbox]:
    sandbox = Sandbox(Limits(**limits))  # type: ignore[arg-type]
    try:
        yield sandbox
    finally:
        sandbox.close()


def is_running(process: int) -> bool:
    """Whether the process is there, and no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def ends(process: int) -> bool:
    until = time.monotonic() + 20
    while is_running(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not is_running(process)


# What it gives


@pytest.mark.parametrize("name", FILES)
def test_it_gives_what_the_format_gives(sandbox: Sandbox, name: str) -> None:
    source = Source(FILES[name], name, url="https://heron.example/", metadata={"a": "b"})
    assert sandbox.extract(source) == extract(source)


def test_texts_are_read_without_it() -> None:
    with limited() as sandbox:
        assert sandbox.extract(Source(b"They came.", "a.txt")).text == "They came."
        assert sandbox.extract(Source(b"# They came.", "a.md")).text == "# They came."
        with pytest.raises(UnsupportedType):
            sandbox.extract(Source(b"\x89PNG\r\n\x1a\n\x00\x00", "a.png"))
        assert sandbox.worker_id is None


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (FILES["heron.pdf"][:500], "a.pdf"),
        (drawn_pdf([]), "a.pdf"),
        (FILES["heron.docx"][:500], "a.docx"),
        (b"<html><body></body></html>", "a.html"),
        (b"\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00a", "a.html"),
    ],
)
def test_it_refuses_what_the_format_refuses(sandbox: Sandbox, data: bytes, name: str) -> None:
    with pytest.raises(SourceError) as inside:
        extract(Source(data, name))
    with pytest.raises(SourceError) as apart:
        sandbox.extract(Source(data, name))
    assert (type(apart.value), str(apart.value)) == (type(inside.value), str(inside.value))


def test_a_file_costs_no_process(sandbox: Sandbox) -> None:
    sandbox.extract(Source(PAGE, "a.html"))
    process = sandbox.worker_id
    for _ in range(5):
        sandbox.extract(Source(PAGE, "a.html"))
    assert sandbox.worker_id == process


def test_many_threads_may_use_it(sandbox: Sandbox) -> None:
    found: list[str] = []

    def read(number: int) -> None:
        page = PAGE.replace(b"four", str(number).encode())
        found.append(sandbox.extract(Source(page, "a.html")).text)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [
        f"Herons\n\nThey came on a Tuesday, {number} of them." for number in range(8)
    ]


def test_a_process_that_holds_much_memory_is_replaced() -> None:
    with limited(kept=1) as sandbox:
        for _ in range(3):
            assert sandbox.extract(Source(PAGE, "a.html")).text
            assert sandbox.worker_id is None


# When the process dies


def test_a_process_that_dies_is_replaced(sandbox: Sandbox) -> None:
    sandbox.extract(Source(PAGE, "a.html"))
    assert sandbox.worker_id
    os.kill(sandbox.worker_id, signal.SIGKILL)
    with contextlib.suppress(UnreadableSource):
        sandbox.extract(Source(PAGE, "a.html"))
    assert sandbox.extract(Source(PAGE, "a.html")).text


def test_a_process_that_dies_while_it_reads_is_told(sandbox: Sandbox) -> None:
    sandbox.extract(Source(PAGE, "a.html"))
    process = sandbox.worker_id
    assert process
    os.kill(process, signal.SIGSTOP)  # it reads for ever
    killer = threading.Timer(0.2, os.kill, (process, signal.SIGKILL))
    killer.start()
    with pytest.raises(UnreadableSource, match=r"'a\.html' can't be read: its parser ended"):
        sandbox.extract(Source(PAGE, "a.html"))
    killer.join()
    assert sandbox.extract(Source(PAGE, "a.html")).text


def test_it_ends_when_it_is_closed() -> None:
    with limited() as sandbox:
        sandbox.extract(Source(PAGE, "a.html"))
        process = sandbox.worker_id
    assert process
    assert ends(process)
    sandbox.close()
    assert sandbox.worker_id is None


def test_it_ends_with_the_process_that_needs_it() -> None:
    program = (
        "import sys, time\n"
        "from index.sandbox import Sandbox\n"
        "from index.types import Source\n"
        "sandbox = Sandbox()\n"
        "sandbox.extract(Source(b'<html><p>They came.', 'a.html'))\n"
        "print(sandbox.worker_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as parent:
        assert parent.stdout
        process = int(parent.stdout.readline())
        assert is_running(process)
        parent.kill()
    assert ends(process)


def test_the_library_ends_it(tmp_path: Path) -> None:
    library = open_library(tmp_path)
    added = library.add(Source(PAGE, "a.html"))
    process = library._sandbox.worker_id
    library.close()
    assert added.created
    assert process
    assert ends(process)


def test_nothing_is_imported_from_the_folder_it_is_run_in(tmp_path: Path) -> None:
    (tmp_path / "lxml.py").write_text("raise SystemExit('from here')")
    program = (
        f"import sys; sys.path.append({str(ROOT)!r}); sys.path.remove('')\n"
        "from index.sandbox import Sandbox\n"
        "from index.types import Source\n"
        "sandbox = Sandbox()\n"
        "print(sandbox.extract(Source(b'<html><p>They came.', 'a.html')).text)\n"
        "sandbox.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("They came.\n", "")


# Limits


def test_time_is_bounded() -> None:
    page = b"<html>" + b"<p>They came on a <a href=x>Tuesday</a>.</p>" * 400_000
    with limited(seconds=0) as sandbox:
        with pytest.raises(SourceTooLarge, match=r"'a\.html' takes more than the 0 s"):
            sandbox.extract(Source(page, "a.html"))
        assert sandbox.extract(Source(PAGE, "a.html")).text


def test_patience_is_bounded() -> None:
    with limited() as warm:
        warm.extract(Source(PAGE, "a.html"))
        warm._worker._patience = 0.1  # type: ignore[union-attr]
        assert warm.worker_id
        os.kill(warm.worker_id, signal.SIGSTOP)
        with pytest.raises(SourceTooLarge, match="takes more than"):
            warm.extract(Source(PAGE, "a.html"))
        assert warm.extract(Source(PAGE, "a.html")).text


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound memory so")
def test_memory_is_bounded() -> None:
    page = b"<html>" + b"<p>They came on a <a href=x>Tuesday</a>.</p>" * 400_000
    with limited(memory=400 << 20) as sandbox:
        with pytest.raises(
            SourceTooLarge, match=r"'a\.html' takes more than the 400 MiB of memory"
        ):
            sandbox.extract(Source(page, "a.html"))
        assert sandbox.extract(Source(PAGE, "a.html")).text


def test_the_text_is_bounded() -> None:
    with (
        limited(characters=100) as sandbox,
        pytest.raises(SourceTooLarge, match="holds 4,999 characters, and a text is read up to 100"),
    ):
        sandbox.extract(Source(b"<html><p>" + b"word " * 1_000, "a.html"))


def test_it_writes_no_file_reaches_no_network_and_starts_no_program(tmp_path: Path) -> None:
    program = (
        "import os, socket, subprocess, sys\n"
        "from index.sandbox_worker import Limits, _confine\n"
        "_confine(Limits())\n"
        "def tried(name, call):\n"
        "    try:\n"
        "        call()\n"
        "    except OSError:\n"
        "        return\n"
        "    print(name)\n"
        f"tried('write', lambda: open({str(tmp_path / 'a')!r}, 'w', buffering=1).write('x\\n'))\n"
        "tried('connect', lambda: socket.create_connection(('127.0.0.1', int(sys.argv[1]))))\n"
        "tried('run', lambda: subprocess.run(['true']))\n"
        "tried('system', lambda: os.system('true'))\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", program, port], cwd=ROOT, capture_output=True, text=True
        )
    assert (done.returncode, done.stdout) == (0, "")


# Hostile files


@pytest.mark.parametrize("name", FILES)
def test_damaged_files_give_a_text_or_an_error(sandbox: Sandbox, name: str) -> None:
    chance = random.Random(name)
    for at in range(40):
        data = bytearray(FILES[name])
        if at % 4 == 0:
            data = data[: chance.randrange(1, len(data))]
        for _ in range(chance.choice((1, 10, 100))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        said = ""
        try:
            assert sandbox.extract(Source(bytes(data), name)).text.strip()
        except SourceError as error:
            said = str(error)
        assert not said or name in said


BOMBS = {
    "nested tags": ("a.html", b"<html>" + b"<div>" * 100_000 + b"They came."),
    "nested xml": ("a.docx", docx("<w:p>" * 100_000 + "</w:p>" * 100_000)),
    "nested arrays": ("a.pdf", b"%PDF-1.4\n1 0 obj\n" + b"[" * 1_000_000),
    "nested objects": ("a.pdf", b"%PDF-1.4\ntrailer<</Root " + b"<</a " * 1_000_000),
    "pages that hold themselves": (
        "a.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 9999999/Kids[2 0 R 2 0 R]>>endobj\ntrailer<</Root 1 0 R>>",
    ),
    "a length that lies": (
        "a.pdf",
        b"%PDF-1.4\n1 0 obj<</Length 99999999999>>stream\nendstream\ntrailer<</Root 1 0 R>>",
    ),
    "a form that draws itself": (
        "a.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length 5>>stream\n/F Do\nendstream endobj\n"
        b"5 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 11"
        b"/Resources<</XObject<</F 5 0 R>>>>>>stream\n/F Do /F Do\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>",
    ),
    "a document of zeros": ("a.docx", docx("<w:p/>", more={"word/styles.xml": bytes(90_000_000)})),
    "a chapter of zeros": ("a.epub", epub({"a.xhtml": "\0" * 60_000_000})),
    "styles based on each other": (
        "a.docx",
        docx(
            paragraph("They came.", style="a") * 500,
            styles='<w:style w:styleId="a"><w:basedOn w:val="b"/></w:style>'
            '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>',
        ),
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_give_a_text_or_an_error(sandbox: Sandbox, bomb: str) -> None:
    name, data = BOMBS[bomb]
    with contextlib.suppress(SourceError):
        assert sandbox.extract(Source(data, name)).text.strip()
    assert sandbox.extract(Source(PAGE, "a.html")).text == extract_html(Source(PAGE, "a.html")).text


# What comes of it


@pytest.mark.parametrize("name", FILES)
def test_chunks_are_cut_out_of_the_text(tmp_path: Path, name: str) -> None:
    library = open_library(tmp_path)
    document = library.add(Source(FILES[name], name)).document
    text = library.store.text(document.id)
    chunks = library.store.chunks(library.store.all_chunk_ids().tolist()).values()
    library.close()
    assert chunks
    assert all(chunk.text == text[chunk.start : chunk.end] for chunk in chunks)
    assert any("They came on a Tuesday" in chunk.text or "line 8" in chunk.text for chunk in chunks)
