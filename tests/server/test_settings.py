"""The settings: documented, and read as they are written."""

from dataclasses import fields

import pytest

from qa.errors import InvalidSetting
from server.settings import DEFAULT_LIMITS, ServerSettings


def test_every_setting_says_what_it_is() -> None:
    for field in fields(ServerSettings):
        assert len(field.metadata["help"]) > 20


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", set()), (" , ", set()), ("A.example", {"a.example"}), ("a, b ,c", {"a", "b", "c"})],
)
def test_hosts_are_a_list(given: str, expected: set[str]) -> None:
    assert ServerSettings(allowed_hosts=given).hosts() == expected


def test_limits_are_those_of_the_packages() -> None:
    assert DEFAULT_LIMITS.file_bytes == 20_000_000
    assert DEFAULT_LIMITS.question_characters == 2000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", -1),
        ("port", 99_999),
        ("workers", 0),
        ("queue", -1),
        ("upload_queue", -1),
        ("stop_seconds", -1),
    ],
)
def test_numbers_out_of_range_are_named(name: str, value: int) -> None:
    with pytest.raises(InvalidSetting, match=f"{name} is {value}: give"):
        ServerSettings(**{name: value})  # type: ignore[arg-type]
