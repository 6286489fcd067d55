"""The header Prefer, as RFC 7240 has it and as clients write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.preferences import prefers_async


@pytest.mark.parametrize(
    "headers",
    [
        ["respond-async"],
        ["Respond-Async"],
        ["respond-async, wait=10"],
        ["wait=10,respond-async"],
        ["return=minimal", "respond-async"],
        [' foo; bar="a, b" ,\trespond-async ; x=1'],
        ['respond-async=""'],
        ["respond-async;"],
    ],
)
def test_preferred(headers: list[str]) -> None:
    assert prefers_async(headers)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["wait=10"],
        ["respond-asynchronously"],
        ["x-respond-async"],
        ["return=respond-async"],
        ['foo="respond-async"'],
        ['foo="a, respond-async, b"'],
        ['foo="a\\", respond-async"'],
        ['foo="never ends, respond-async'],
        ["handling=lenient; respond-async"],
    ],
)
def test_not_preferred(headers: list[str]) -> None:
    assert not prefers_async(headers)


@given(headers=st.lists(st.text()))
def test_whatever_is_sent_can_be_read(headers: list[str]) -> None:
    prefers_async(headers)
