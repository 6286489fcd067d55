"""The README says what the code says: help texts, settings, links, and examples that run.

``python -m tests.test_docs`` writes the generated parts of the README anew.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import rich_click as click

from index.settings import IndexSettings
from qa.cli import cli
from qa.environment import variable
from qa.settings import AnswerSettings
from server.settings import ServerSettings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
COMMANDS = cli.list_commands(click.Context(cli))
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("[!.]*/README.md")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def part(name: str) -> str:
    """What stands in the README between the two marks of a part."""
    found = re.search(rf"<!-- {name}:begin -->\n(.*?)<!-- {name}:end -->", README.read_text(), re.S)
    assert found, f"README.md has lost the marks of its part {name!r}"
    return found[1]


def pincite(*arguments: str, **environ: str) -> str:
    """What the command prints through a pipe, 80 columns wide."""
    outside = {name: value for name, value in os.environ.items() if "PINCITE" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "qa.cli", *arguments],
        cwd=ROOT,
        env=outside | {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"} | environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


def cli_reference() -> str:
    """The help of every command, each folded away."""
    blocks = []
    for command in ("", *COMMANDS):
        shown = pincite(*command.split(), "--help")
        name = f"pincite {command}".strip()
        blocks.append(f"<details><summary><code>{name}</code></summary>\n\n```text\n{shown}\n```\n")
        blocks.append("</details>\n")
    return "\n".join(blocks)


def settings_table() -> str:
    """Every setting of the three packages, by the variable that sets it."""
    rows: dict[str, tuple[str, list[str]]] = {}
    for settings in (IndexSettings, AnswerSettings, ServerSettings):
        for field in fields(settings):
            shown = ("off", "on")[field.default] if field.type is bool else str(field.default)
            default = shown.replace(str(Path.home()), "~")
            about = rows.setdefault(variable(field.name), (default, []))[1]
            about.append(field.metadata["help"])
    # The command line's default, where the library's is a folder beside you.
    rows["PINCITE_DATA"] = ("~/.local/share/pincite", rows["PINCITE_DATA"][1])
    lines = ["| variable | default | what it is |", "|---|---|---|"]
    for name, (default, about) in rows.items():
        shown = f"`{default}`" if default else "none"
        lines.append(f"| `{name}` | {shown} | {'; '.join(about)} |")
    return "\n".join(lines) + "\n"


def example(data: Path) -> str:
    """The example's commands with what they print now, on a new store."""
    commands = re.findall(r"^\$ pincite (.*)$", part("example"), re.M)
    shown = [
        f"$ pincite {command}\n{pincite(*shlex.split(command), PINCITE_DATA=str(data))}\n"
        for command in commands
    ]
    return "```console\n" + "\n".join(shown) + "```\n"


def rounded(text: str) -> str:
    """Confidences to one place: the last digits are the processor's."""
    return re.sub(r"\((\d\.\d)\d\)", r"(\1)", text)


def test_the_command_reference_is_what_help_prints() -> None:
    assert part("cli") == cli_reference(), "run python -m tests.test_docs"


def test_every_setting_is_documented() -> None:
    assert part("settings") == settings_table(), "run python -m tests.test_docs"


def test_the_example_is_what_the_commands_print(tmp_path: Path) -> None:
    assert rounded(part("example")) == rounded(example(tmp_path)), "run python -m tests.test_docs"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text())
    missing = [to for to in links if not (document.parent / to).exists()]
    assert missing == []


@pytest.mark.slow
def test_the_rest_examples_run(tmp_path: Path) -> None:
    commands = re.findall(r"^curl .*$", part("rest"), re.M)
    assert commands
    with server(tmp_path) as url:
        for command in commands:
            there = command.replace("http://127.0.0.1:8080", url).replace("curl", "curl --fail", 1)
            subprocess.run(["bash", "-c", there], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.slow
def test_the_python_examples_run(tmp_path: Path) -> None:
    store = tmp_path / "store"
    local = code("python").replace('"store"', repr(str(store)))
    assert "Tor Henrik Solheim" in python(local)
    with server(store) as url:
        shown = python(code("openai").replace("http://127.0.0.1:8080", url))
    assert "Tor Henrik Solheim [1]" in shown


def code(name: str) -> str:
    """The Python of a part of the README."""
    return part(name).removeprefix("```python\n").removesuffix("```\n")


def python(script: str) -> str:
    """What a script prints."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)
    return done.stdout.decode()


@contextmanager
def server(data: Path) -> Iterator[str]:
    """A real server on a free port, once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = [sys.executable, "-m", "qa.cli", "serve", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(f"{url}/health/ready", process)
            yield url
        finally:
            process.terminate()


def wait_until_ready(url: str, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urlopen(url).close()
            return
        except URLError:
            if time.monotonic() > until or process.poll() is not None:
                raise
            time.sleep(0.1)


def write() -> None:
    """Write the generated parts of the README."""
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "cli": cli_reference(),
            "settings": settings_table(),
            "example": example(Path(folder)),
        }
    for name, new in made.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        README.write_text(
            README.read_text().replace(f"{begin}{part(name)}{end}", begin + new + end)
        )


if __name__ == "__main__":
    write()
