"""Chat completions over HTTP, as a client without a library sees them."""

import json
import socket
import threading
import time
from typing import Any

import httpx

from index.tokens import TokenCounter
from qa.types import Answer, Interpretation, Question, Turn, Watch
from server.settings import DEFAULT_LIMITS, ServerSettings
from tests.fakes import FakeService
from tests.server.conftest import QUESTION, QUOTE, TEXT, serving
from tests.server.test_asking import plain

CHAT = "/v1/chat/completions"
CONTENT = f"{QUOTE} [1]\n\n[1] “They arrived in September, tired.” — Godwits, characters 36–48"


def body(question: str = QUESTION, **fields: object) -> dict[str, object]:
    return {"model": "any", "messages": [{"role": "user", "content": question}], **fields}


def add(client: httpx.Client) -> None:
    client.post("/v1/documents", json={"text": TEXT, "title": "Godwits"})


def chunks(response: httpx.Response) -> list[dict[str, Any]]:
    """The data of a stream, after checking how it is written."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    events = response.text.removesuffix("\n\n").split("\n\n")
    assert events.pop() == "data: [DONE]"
    data = [event for event in events if not event.startswith(":")]
    return [json.loads(one.removeprefix("data: ")) for one in data]


def test_a_completion_holds_the_answer(client: httpx.Client, service: FakeService) -> None:
    add(client)
    completion = client.post(CHAT, json=body()).json()
    assert (completion["object"], completion["model"]) == ("chat.completion", "any")
    assert completion["id"].startswith("chatcmpl-")
    assert abs(completion["created"] - time.time()) < 60
    (choice,) = completion["choices"]
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert (choice["message"]["role"], choice["message"]["content"]) == ("assistant", CONTENT)
    (annotation,) = choice["message"]["annotations"]
    assert annotation["type"] == "url_citation"
    assert annotation["url_citation"]["title"] == "Godwits"
    assert completion["pincite"] == plain(service.ask(Question(QUESTION)))
    link = annotation["url_citation"]["url"]
    assert client.get(link).text == TEXT


def test_a_refusal_is_a_completion_too(client: httpx.Client) -> None:
    completion = client.post(CHAT, json=body("Who?")).json()
    assert completion["choices"][0]["message"]["annotations"] == []
    assert completion["choices"][0]["message"]["content"].startswith(
        "Not in the text. Nothing has been added"
    )
    assert completion["pincite"]["answered"] is False


def test_the_conversation_is_the_history(client: httpx.Client, service: FakeService) -> None:
    add(client)
    first = client.post(CHAT, json=body()).json()["choices"][0]["message"]
    said = [{"role": "user", "content": QUESTION}, first, {"role": "user", "content": "And then?"}]
    client.post(CHAT, json={"messages": said})
    assert service.asked[-1] == Question("And then?", history=(Turn(QUESTION, QUOTE),))


def test_tokens_are_counted_by_the_stores_encoding(client: httpx.Client) -> None:
    add(client)
    said = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]
    usage = client.post(CHAT, json={"messages": said}).json()["usage"]
    count = TokenCounter(DEFAULT_LIMITS.tokenizer).count
    assert usage["prompt_tokens"] == count("Be brief.") + count(QUESTION)
    assert usage["completion_tokens"] == count(CONTENT)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_a_stream_says_the_same_in_pieces(client: httpx.Client) -> None:
    add(client)
    whole = client.post(CHAT, json=body()).json()
    streamed = chunks(client.post(CHAT, json=body(stream=True)))
    assert {one["object"] for one in streamed} == {"chat.completion.chunk"}
    assert len({(one["id"], one["created"], one["model"]) for one in streamed}) == 1
    choices = [one["choices"][0] for one in streamed]
    assert choices[0]["delta"] == {"role": "assistant", "content": ""}
    message = whole["choices"][0]["message"]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == message["content"]
    assert [choice["finish_reason"] for choice in choices] == [None] * 3 + ["stop"]
    assert choices[2]["delta"]["annotations"] == message["annotations"]
    assert streamed[2]["pincite"] == whole["pincite"]
    assert not any("usage" in one or "event" in one for one in streamed)


def test_a_stream_counts_tokens_when_asked(client: httpx.Client) -> None:
    add(client)
    usage = client.post(CHAT, json=body()).json()["usage"]
    options = {"include_usage": True}
    *before, last = chunks(client.post(CHAT, json=body(stream=True, stream_options=options)))
    assert {one["usage"] for one in before} == {None}
    assert (last["choices"], last["usage"]) == ([], usage)


def test_open_webui_gets_its_sources(client: httpx.Client) -> None:
    add(client)
    by_header = client.post(
        CHAT, json=body(stream=True), headers={"X-OpenWebUI-User-Role": "admin"}
    )
    by_option = client.post(CHAT, json=body(stream=True, pincite={"sources": True}))
    for response in (by_header, by_option):
        streamed = chunks(response)
        (event,) = [one["event"] for one in streamed if "event" in one]
        assert event["type"] == "source"
        source = event["data"]
        assert source["source"] == {"name": "Godwits"}
        assert source["document"] == ["They arrived in September, tired."]
        assert [one["name"] for one in source["metadata"]] == ["Godwits"]
        # It would make sources of annotations too, and show each twice.
        assert not any("annotations" in one["choices"][0]["delta"] for one in streamed)


def test_errors_before_a_stream_have_their_status(shared: httpx.Client) -> None:
    assert shared.post(CHAT, json=body(stream=True, n=2)).status_code == 400
    unknown = body(stream=True, pincite={"document_ids": ["x"]})
    response = shared.post(CHAT, json=unknown)
    assert "document_not_found" in response.text


def test_an_error_in_a_stream_is_its_last_event() -> None:
    class Failing(FakeService):
        def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
            assert watch is not None
            watch(Interpretation(question.text))
            raise KeyError(question.text)

    with serving(Failing) as client:
        response = client.post(CHAT, json=body(stream=True))
        assert response.status_code == 200
        *_, last = response.text.strip().split("\n\n")
        error = json.loads(last.removeprefix("data: "))["error"]
        assert error["type"] == "server_error"
        assert QUESTION not in response.text
        assert 'pincite_questions_total{outcome="error"} 1.0' in client.get("/metrics").text


def test_a_client_that_leaves_frees_its_place() -> None:
    asked = threading.Event()

    class Endless(FakeService):
        def ask(self, question: Question, *, watch: Watch | None = None) -> Answer:
            assert watch is not None
            while question.text == "endless":
                watch(Interpretation(question.text))
                asked.set()
                time.sleep(0.01)
            return super().ask(question, watch=watch)

    with serving(Endless, ServerSettings(queue=0)) as client:
        for stream in (True, False):
            asked.clear()
            leaving = sent(client, body("endless", stream=stream))
            assert asked.wait(5)
            assert client.post(CHAT, json=body()).status_code == 503
            leaving.close()
            until = time.monotonic() + 5
            while client.post(CHAT, json=body()).status_code == 503:
                assert time.monotonic() < until
                time.sleep(0.01)


def sent(client: httpx.Client, said: dict[str, object]) -> socket.socket:
    """A connection that has asked, and can be closed whatever it waits for."""
    content = json.dumps(said).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    link = socket.create_connection((client.base_url.host, client.base_url.port or 80), 5)
    link.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
    return link


def test_there_is_one_model(shared: httpx.Client) -> None:
    models = shared.get("/v1/models").json()
    (model,) = models["data"]
    assert (models["object"], model["object"]) == ("list", "model")
    assert (model["id"], model["owned_by"]) == ("pincite", "pincite")
    assert shared.get("/v1/models/pincite").json() == model
