"""The command line, on a service in memory: what is printed where, and the exit statuses."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import StoreLocked
from index.settings import IndexSettings
from index.types import Source
from qa.cli import main, target_from
from qa.commands.target import Target
from qa.service import Service
from qa.settings import AnswerSettings
from qa.types import Question
from tests.fakes import FakeService

COMMANDS = (
    "add",
    "ask",
    "chat",
    "search",
    "docs",
    "refresh",
    "rm",
    "serve",
    "mcp",
    "eval",
    "calibrate",
    "warm",
)
TEXT = "Tide tables\n\nThe harbour opened in 1871.\nIt has four piers."


@pytest.fixture
def service() -> FakeService:
    service = FakeService({"When did it open?": "1871"})
    service.add(Source(TEXT.encode(), "harbour.txt", title="Tide tables", metadata={"k": "v"}))
    return service


def target_of(service: Service) -> Target:
    return Target(
        index=IndexSettings(), answering=AnswerSettings(), open_local=lambda *_, **__: service
    )


@pytest.fixture
def run(service: FakeService, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., int]:
    data = IndexSettings(data=tmp_path_factory.mktemp("data"))
    target = replace(target_of(service), index=data)
    return lambda *arguments: main(arguments, target=target)


def test_an_answer_shows_quote_sentence_citation_and_confidence(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "When did it open?") == 0
    shown = capsys.readouterr().out
    assert "\n  1871\n" in shown
    assert "very likely (0.93)" in shown
    assert "“The harbour opened in **1871**.”" in shown
    assert "harbour.txt:35-39 · Tide tables" in shown


def test_a_question_need_not_be_quoted(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "When", "did", "it", "open?") == 0
    assert "1871" in capsys.readouterr().out


def test_a_refusal_has_status_1_and_shows_the_closest_passages(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "Who built it?") == 1
    shown = capsys.readouterr().out
    assert "Not in the text." in shown
    assert "unsure (0.31)" in shown
    assert f"1. harbour.txt:0-{len(TEXT)}" in shown


def test_json_is_the_answer_itself(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "--json", "When did it open?") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["answer"] == "1871"
    assert shown["citations"][0]["sentence"]["text"] == "The harbour opened in 1871."
    assert shown["timings_ms"] == {"retrieve": 1.0, "read": 2.0, "total": 3.0}
    start, end = shown["citations"][0]["start"], shown["citations"][0]["end"]
    assert service.text(shown["citations"][0]["document_id"])[start:end] == "1871"


def test_json_of_a_refusal_has_status_1_too(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("ask", "--json", "Who built it?") == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["answered"], shown["reason"]) == (False, "not_in_text")


def test_options_of_ask_reach_the_service(run: Callable[..., int], service: FakeService) -> None:
    id = service.documents().documents[0].id
    run("ask", "x", "--limit", "3", "--min-confidence", "0", "--doc", id[:6], "--filter", "k=v")
    asked = service.asked[-1]
    assert (asked.limit, asked.min_confidence) == (3, 0.0)
    assert asked.scope.document_ids == (id,)
    assert asked.scope.filter == {"k": "v"}


def test_the_limit_is_the_setting_where_none_is_given(service: FakeService) -> None:
    target = replace(target_of(service), answering=AnswerSettings(passages=7))
    main(["ask", "x"], target=target)
    assert service.asked[-1] == Question("x", limit=7)


def test_search_prints_passages(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("search", "four", "piers") == 0
    assert "Tide tables The harbour opened in 1871. It has four piers." in capsys.readouterr().out
    assert run("search", "--json", "piers") == 0
    assert json.loads(capsys.readouterr().out)["passages"][0]["text"] == TEXT


def test_docs_lists_whole_ids_through_a_pipe(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("docs") == 0
    id = service.documents().documents[0].id
    assert capsys.readouterr().out.splitlines()[1].split("  ")[0] == id
    assert run("docs", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert [document["id"] for document in shown["documents"]] == [id]
    assert shown["next_cursor"] is None


def test_docs_reads_every_page(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(250):
        service.add(Source(f"Text {number}".encode(), f"{number}.txt"))
    assert run("docs", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["documents"]) == 251


def test_rm_takes_the_beginning_of_an_id(run: Callable[..., int], service: FakeService) -> None:
    id = service.documents().documents[0].id
    assert run("rm", id[:5]) == 0
    assert service.documents().documents == ()


def test_rm_refuses_an_unknown_and_an_ambiguous_id(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("rm", "zzz") == 3
    assert "zzz" in capsys.readouterr().err
    for number in range(40):
        service.add(Source(f"Text {number}".encode(), f"{number}.txt"))
    first = service.documents().documents[0].id[0]
    assert run("rm", first) == 2
    assert "begin with" in capsys.readouterr().err
    assert run("rm", "") == 2
    assert len(service.documents().documents) == 41


def test_add_reports_each_file_and_goes_on_past_a_bad_one(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("The first text.")
    (tmp_path / "b.txt").write_text("")
    (tmp_path / "c.txt").write_text("The third text.")
    (tmp_path / "d.txt").write_text("The first text.")
    assert run("add", str(tmp_path), str(tmp_path / "gone.txt")) == 3
    shown = capsys.readouterr().out
    assert "2 added, 1 already there, 2 failed." in shown
    assert "gone.txt" in shown


def test_adding_what_is_there_is_no_failure(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "harbour.txt"
    file.write_text(TEXT)
    assert run("add", str(file)) == 0
    assert "1 already there." in capsys.readouterr().out


def test_add_reads_standard_input(
    run: Callable[..., int], service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"From a pipe.")))
    assert run("add", "--title", "Piped", "--metadata", "from=pipe", "-") == 0
    added = service.documents().documents[-1]
    assert (added.title, added.metadata) == ("Piped", {"from": "pipe"})
    assert service.text(added.id) == "From a pipe."


def test_add_json_gives_one_document_a_line_and_failures_on_standard_error(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("The first text.")
    (tmp_path / "b.txt").write_text("The second text.")
    assert run("add", "--json", str(tmp_path), "https://example.org/a") == 3
    printed = capsys.readouterr()
    assert [json.loads(line)["name"] for line in printed.out.splitlines()] == ["a.txt", "b.txt"]
    assert printed.err.startswith("pincite: https://example.org/a answered 404")


def test_add_takes_web_addresses(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.pages["https://example.org/a"] = "The page."
    assert run("add", "--metadata", "k=v", "https://example.org/a") == 0
    added = service.documents().documents[-1]
    assert (added.url, added.metadata["k"]) == ("https://example.org/a", "v")
    assert "example.org/a" in capsys.readouterr().out


def test_refresh_fetches_all_that_came_from_the_web(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("refresh") == 0
    assert "nothing to refresh" in capsys.readouterr().out
    service.pages |= {f"https://example.org/{name}": f"Page {name}." for name in "abc"}
    run("add", *service.pages)
    old = [document.id for document in service.documents().documents]
    service.pages["https://example.org/b"] = "Page b, changed."
    del service.pages["https://example.org/c"]
    capsys.readouterr()
    assert run("refresh") == 3
    printed = capsys.readouterr()
    unchanged, changed = printed.out.splitlines()
    assert unchanged == "unchanged  example.org/a"
    new = service.documents().documents[-1]
    assert changed == f"changed    example.org/b (now {new.id}, was {old[2]})"
    assert printed.err == (
        "pincite: example.org/c: https://example.org/c answered 404 (Not Found)\n"
    )


def test_refresh_of_one_document_as_json(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.pages["https://example.org/a"] = "The page."
    run("add", "https://example.org/a")
    id = service.documents().documents[-1].id
    service.pages["https://example.org/a"] = "The page, changed."
    capsys.readouterr()
    assert run("refresh", "--json", id[:6]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["replaced"] == id
    assert shown["document"]["id"] == service.documents().documents[-1].id


def test_refresh_of_what_did_not_come_from_the_web_is_a_failure(
    run: Callable[..., int], service: FakeService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("refresh", service.documents().documents[0].id) == 3
    assert "was not fetched from the web" in capsys.readouterr().err


def test_an_empty_folder_is_a_failure(
    run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("add", str(tmp_path)) == 3
    assert "holds no" in capsys.readouterr().out


def test_one_title_for_two_files_is_a_usage_error(run: Callable[..., int]) -> None:
    assert run("add", "--title", "One", "a.txt", "b.txt") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", ""],
        ["ask", "x", "--limit", "0"],
        ["ask", "x", "--limit", "21"],
        ["ask", "x", "--min-confidence", "2"],
        ["ask", "x", "--filter", "novalue"],
        ["ask", "x", "--frob"],
        ["rm"],
        ["frob"],
        ["eval", "no-such-file.json"],
    ],
)
def test_usage_errors_have_status_2_and_one_line(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("pincite: ")
    assert printed.err.count("\n") == 1


class _Failing(FakeService):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def ask(self, question: Question) -> None:  # type: ignore[override]
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StoreLocked("process 7 is\nwriting to it: wait"), 3),
        (OSError(5, "Input/output error"), 3),
        (RuntimeError("a bug"), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_failures_are_one_line_and_never_a_traceback(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    service = _Failing(error)
    assert main(["ask", "x"], target=target_of(service)) == status
    printed = capsys.readouterr().err
    assert printed.startswith("pincite: ")
    assert printed.count("\n") == 1
    assert service.closed


def test_an_output_without_unicode_still_gets_the_answer(
    run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert run("ask", "When did it open?") == 0
    assert b"?The harbour opened in **1871**.?" in raw.getvalue()


def test_help_lists_every_command(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    for name in COMMANDS:
        assert f"\n  {name} " in shown


def test_no_command_shows_the_help_and_is_a_usage_error(run: Callable[..., int]) -> None:
    assert run() == 2


def test_the_command_line_wins_over_the_environment() -> None:
    seen: list[IndexSettings] = []

    def open_local(index: IndexSettings, _: AnswerSettings, *, writable: bool) -> Service:
        seen.append(index)
        return FakeService()

    environ = {"PINCITE_DATA": "/from/environment", "PINCITE_URL": "http://127.0.0.1:9"}
    target = replace(target_from(environ), open_local=open_local)
    main(["--data", "before", "docs"], target=target)
    main(["docs", "--data", "after"], target=target)
    main(["--data", "before", "docs", "--data", "after"], target=target)
    assert [index.data for index in seen] == [Path("before"), Path("after"), Path("after")]


def test_the_environment_sets_every_setting() -> None:
    environ = {
        "PINCITE_DATA": "~/there",
        "PINCITE_CHUNK_TOKENS": "99",
        "PINCITE_MAX_QUESTION": "10",
        "PINCITE_URL": "http://localhost:1",
        "PINCITE_API_KEY": "secret",
    }
    target = target_from(environ)
    assert target.index.data == Path("~/there").expanduser()
    assert target.index.chunk_tokens == 99
    assert target.answering.max_question == 10
    assert (target.url, target.key) == ("http://localhost:1", "secret")
    assert "secret" not in repr(target)


def test_a_wrong_setting_is_a_usage_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINCITE_CHUNK_TOKENS", "many")
    assert main(["docs"]) == 2
    assert "PINCITE_CHUNK_TOKENS is 'many': give a whole number" in capsys.readouterr().err


def test_asking_imports_neither_the_server_nor_torch() -> None:
    script = (
        "import sys, qa.cli; qa.cli.main(['ask', '--help']);"
        "print([m for m in ('litestar', 'server', 'torch', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "qa.cli", "--version"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")
