"""The settings: documented, and read as they are written."""

from dataclasses import fields

import pytest

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
