"""Clients that people already have, against a server in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from tests.server.test_process import server

KEY = "k3y"
QUESTION = "When did godwits arrive?"
TEXT = "Godwits left Alaska.\nThey arrived in September, tired.\n"
CONTENT = "in September [1]\n\n[1] “They arrived in September, tired.” — Godwits, characters 34–46"
ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server(PINCITE_API_KEY=KEY) as running:
        running.wait_until_ready()
        headers = {"Authorization": f"Bearer {KEY}"}
        document = {"text": TEXT, "title": "Godwits"}
        running.client.post("/v1/documents", json=document, headers=headers).raise_for_status()
        yield str(running.client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0, timeout=10) as client:
        yield client


def test_openai_completes(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert completion.model == "gpt-4o"
    message = completion.choices[0].message
    assert message.content == CONTENT
    assert message.annotations
    citation = message.annotations[0].url_citation
    assert CONTENT[citation.start_index : citation.end_index] == "[1]"
    assert completion.usage
    assert completion.usage.total_tokens > completion.usage.prompt_tokens > 0
    assert completion.pincite["citations"][0]["quote"] == "in September"  # type: ignore[attr-defined]


def test_openai_goes_on_with_the_conversation(client: openai.OpenAI) -> None:
    first = client.chat.completions.create(model="pincite", messages=ASKED).choices[0].message
    history: list[ChatCompletionMessageParam] = [
        *ASKED,
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": "Who fed them?"},
    ]
    options = {"pincite": {"min_confidence": 0.5, "resolve": False}}
    second = client.chat.completions.create(model="pincite", messages=history, extra_body=options)
    content = second.choices[0].message.content
    assert content
    assert content.startswith("Not in the text.")


@pytest.mark.parametrize("sources", [False, True], ids=["plain", "with Open WebUI's events"])
def test_openai_streams(client: openai.OpenAI, sources: bool) -> None:
    stream = client.chat.completions.create(
        model="pincite",
        messages=ASKED,
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"pincite": {"sources": sources}},
    )
    chunks = list(stream)
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant"
    assert "".join(choice.delta.content or "" for choice in choices) == CONTENT
    assert choices[-1].finish_reason == "stop"
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens > 0
    assert [chunk.pincite["answer"] for chunk in chunks if hasattr(chunk, "pincite")] == [
        "in September"
    ]
    assert any(hasattr(chunk, "event") for chunk in chunks) == sources


def test_openai_puts_a_stream_together(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="pincite", messages=ASKED) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.content == CONTENT


def test_openai_lists_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["pincite"]
    assert client.models.retrieve("pincite").owned_by == "pincite"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_openai_understands_errors(client: openai.OpenAI) -> None:
    completions = client.chat.completions
    with pytest.raises(openai.AuthenticationError, match="PINCITE_API_KEY") as refused:
        client.with_options(api_key="wrong").models.list()
    assert refused.value.code == "invalid_api_key"
    with pytest.raises(openai.BadRequestError, match="no question") as wrong:
        completions.create(model="pincite", messages=[{"role": "system", "content": "Hello"}])
    assert (wrong.value.param, wrong.value.type) == ("messages", "invalid_request_error")
    picture = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    with pytest.raises(openai.BadRequestError, match="image_url"):
        completions.create(
            model="pincite",
            messages=[{"role": "user", "content": [picture]}],  # type: ignore[list-item, misc]
            stream=True,
        )
    elsewhere = {"pincite": {"document_ids": ["x"]}}
    with pytest.raises(openai.NotFoundError, match="no document"):
        completions.create(model="pincite", messages=ASKED, extra_body=elsewhere)


@pytest.mark.parametrize("options", [["--no-stream"], []], ids=["plain", "streamed"])
def test_llm_asks(url: str, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(
        "- model_id: pincite\n  model_name: pincite\n  api_key_name: pincite\n"
        f"  api_base: {url}/v1\n"
    )
    outside = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    # Whatever it would ask of the world beyond the server fails at once.
    alone = {"ALL_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "llm", "--model", "pincite", "--key", KEY, *options, QUESTION],
        env={**outside, **alone, "LLM_USER_PATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == CONTENT


def curl(url: str, body: dict[str, object], *options: str) -> str:
    """What curl prints."""
    command = shutil.which("curl")
    if command is None:
        pytest.skip("curl is not installed")
    headers = ["-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json"]
    done = subprocess.run(
        [command, "--silent", "--show-error", *options, url, *headers, "-d", json.dumps(body)],
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        check=True,
    )
    return done.stdout


def test_curl_asks(url: str) -> None:
    answer = json.loads(curl(f"{url}/v1/ask", {"question": QUESTION}, "--fail"))
    assert answer["answer"] == "in September"


def test_curl_follows_the_events(url: str) -> None:
    accept = ("--fail", "-N", "-H", "Accept: text/event-stream")
    events = curl(f"{url}/v1/ask", {"question": QUESTION}, *accept)
    names = [line for line in events.splitlines() if line.startswith("event: ")]
    assert names == [f"event: {name}" for name in ("interpretation", "passages", "answer", "done")]


def test_curl_completes(url: str) -> None:
    body: dict[str, object] = {"messages": ASKED}
    completion = json.loads(curl(f"{url}/v1/chat/completions", body, "--fail"))
    assert completion["choices"][0]["message"]["content"] == CONTENT
    stream = curl(f"{url}/v1/chat/completions", {**body, "stream": True}, "--fail", "-N")
    assert stream.endswith("\n\ndata: [DONE]\n\n")
    wrong = json.loads(curl(f"{url}/v1/chat/completions", {"messages": []}))
    assert wrong["error"]["type"] == "invalid_request_error"
