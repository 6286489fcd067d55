"""What OpenAI's clients send, as a question."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Scope
from qa.types import Question, Turn
from server.bodies import shaped
from server.errors import Problem
from server.marks import content_of
from server.openai import TURNS, ChatRequest
from server.settings import DEFAULT_LIMITS
from tests.server.test_marks import ask


def question(*messages: tuple[str, object], **fields: object) -> Question:
    return request(*messages, **fields).to_question(DEFAULT_LIMITS)


def request(*messages: tuple[str, object], **fields: object) -> ChatRequest:
    said = [{"role": role, "content": content} for role, content in messages]
    return shaped({"messages": said, **fields}, ChatRequest)


def problem(*messages: tuple[str, object], **fields: object) -> Problem:
    with pytest.raises(Problem) as caught:
        question(*messages, **fields)
    assert caught.value.status == 422
    return caught.value


def test_the_last_users_message_is_the_question() -> None:
    assert question(("user", "Who?")) == Question("Who?")
    assert question(("user", "Who?"), ("assistant", "Ann"), ("user", "When?")) == Question(
        "When?", history=(Turn("Who?", "Ann"),)
    )
    assert question(("user", "Who?"), ("assistant", "It is")).text == "Who?"
    assert question(("user", "Who?"), ("user", " \n")).text == "Who?"


def test_text_parts_are_one_text() -> None:
    parts = [{"type": "text", "text": "Who"}, {"type": "text", "text": "signed?"}]
    assert question(("user", parts)).text == "Who\nsigned?"


def test_other_roles_are_no_part_of_the_conversation() -> None:
    asked = question(
        ("system", "You are helpful."),
        ("developer", "Be brief."),
        ("user", "Who?"),
        ("assistant", None),
        ("tool", "42"),
        ("assistant", "Ann"),
        ("user", "When?"),
    )
    assert asked == Question("When?", history=(Turn("Who?", "Ann"),))


def test_the_history_holds_plain_answers() -> None:
    answered, refused = content_of(ask("When?")).text, content_of(ask("Who?")).text
    asked = question(
        ("assistant", "Hello, what would you like to know?"),
        ("user", "When?"),
        ("assistant", answered),
        ("user", "Who?"),
        ("assistant", refused),
        ("user", "And never answered?"),
        ("user", "Where?"),
    )
    assert asked.history == (
        Turn("When?", "in September"),
        Turn("Who?", None),
        Turn("And never answered?", None),
    )


def test_only_the_last_turns_are_used_and_long_ones_cut() -> None:
    longest = DEFAULT_LIMITS.question_characters
    earlier = [("user", f"{n}? " + "x" * 3000) for n in range(TURNS + 5)]
    history = question(*earlier, ("user", "Now?")).history
    assert len(history) == TURNS
    assert history[0].question.startswith("5? ")
    assert {len(turn.question) for turn in history} == {longest}


def test_our_own_options_are_honoured() -> None:
    options = {
        "limit": 7.0,
        "document_ids": ["a"],
        "filter": {"b": "c"},
        "min_confidence": 0,
        "resolve": False,
    }
    assert question(("user", "Who?"), pincite=options) == Question(
        "Who?",
        limit=7,
        scope=Scope(document_ids=("a",), filter={"b": "c"}),
        min_confidence=0.0,
        resolve=False,
    )


def test_what_is_not_known_is_ignored() -> None:
    asked = question(("user", "Who?"), temperature="hot", tools=[{}], max_tokens=None, stream=None)
    assert asked == Question("Who?")


@pytest.mark.parametrize(
    ("messages", "fields", "pointer"),
    [
        ([], {}, "#/messages"),
        ([("user", "Who?")] * 201, {}, "#/messages"),
        ([("user", " ")], {}, "#/messages"),
        ([("system", "Who?"), ("assistant", "Who?")], {}, "#/messages"),
        ([("user", None)], {}, "#/messages"),
        ([("user", 5)], {}, "#/messages/0/content"),
        ([("user", "nul \0")], {}, "#/messages/0/content"),
        ([("robot", "Who?")], {}, "#/messages/0/role"),
        ([("user", "a"), ("user", "a" * 2001)], {}, "#/messages/1/content"),
        ([("system", "a" * 100_001)], {}, "#/messages/0/content"),
        ([("user", [{"type": "image_url", "image_url": {}}])], {}, "#/messages/0/content/0/type"),
        ([("user", [{"text": "Who?"}])], {}, "#/messages/0/content/0"),
        ([("user", "Who?")], {"n": 2}, "#/n"),
        ([("user", "Who?")], {"n": 0}, "#/n"),
        ([("user", "Who?")], {"stream": "yes"}, "#/stream"),
        ([("user", "Who?")], {"model": 5}, "#/model"),
        ([("user", "Who?")], {"model": "m" * 201}, "#/model"),
        ([("user", "Who?")], {"pincite": {"limit": 21}}, "#/pincite/limit"),
        ([("user", "Who?")], {"pincite": {"limt": 1}}, "#/pincite"),
    ],
)
def test_what_is_wrong_is_named(
    messages: list[tuple[str, object]], fields: dict[str, Any], pointer: str
) -> None:
    assert [fault.pointer for fault in problem(*messages, **fields).errors] == [pointer]


ROLES = st.sampled_from(["system", "user", "assistant", "tool"])


@given(said=st.lists(st.tuples(ROLES, st.none() | st.text(max_size=5)), max_size=60))
def test_any_conversation_is_a_question_or_says_that_it_holds_none(
    said: list[tuple[str, str | None]],
) -> None:
    said = [(role, (text or "").replace("\0", "") or None) for role, text in said]
    asked = [text for role, text in said if role == "user" and text and text.strip()]
    if not asked:
        problem(*said)
        return
    found = question(*said)
    assert found.text == asked[-1]
    assert [turn.question for turn in found.history] == asked[:-1][-TURNS:]
