"""Settings from the environment."""

from pathlib import Path

import pytest

from index.settings import IndexSettings
from index.web.addresses import Allowed
from qa import environment
from qa.errors import InvalidSetting
from qa.settings import AnswerSettings


def test_what_is_not_set_or_empty_keeps_its_default() -> None:
    assert environment.read(AnswerSettings, {}) == AnswerSettings()
    assert environment.read(AnswerSettings, {"PINCITE_PASSAGES": ""}) == AnswerSettings()


def test_values_get_the_type_of_the_setting() -> None:
    environ = {"PINCITE_THREADS": "4", "PINCITE_CACHE": "/c", "PINCITE_TOKENIZER": "cl100k_base"}
    read = environment.read(IndexSettings, environ)
    assert (read.threads, read.cache, read.tokenizer) == (4, Path("/c"), "cl100k_base")


def test_a_value_of_another_type_is_refused_by_name() -> None:
    with pytest.raises(InvalidSetting, match="PINCITE_THREADS is 'two': give a whole number"):
        environment.read(IndexSettings, {"PINCITE_THREADS": "two"})


@pytest.mark.parametrize(
    ("value", "on"),
    [("on", True), ("TRUE", True), ("1", True), ("off", False), ("No", False), ("0", False)],
)
def test_a_switch_is_on_or_off(value: str, on: bool) -> None:
    assert environment.read(IndexSettings, {"PINCITE_FETCH": value}).fetch is on


def test_private_hosts_to_fetch_from_are_named() -> None:
    read = environment.read(IndexSettings, {"PINCITE_FETCH_ALLOW": "wiki.intern, 10.1.0.0/16"})
    assert read.fetch_allow == Allowed("wiki.intern, 10.1.0.0/16")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("PINCITE_FETCH", "of", "on or off"),
        ("PINCITE_FETCH_ALLOW", "10.0.0.1/8", "names, addresses and networks"),
        ("PINCITE_FETCH_ALLOW", "http://wiki.intern", "names, addresses and networks"),
    ],
)
def test_what_is_fetched_is_not_guessed(name: str, value: str, wanted: str) -> None:
    with pytest.raises(InvalidSetting, match=f"{name} is '{value}': give {wanted}"):
        environment.read(IndexSettings, {name: value})


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, Path.home() / ".local" / "share" / "pincite"),
        ("linux", {"XDG_DATA_HOME": "/x"}, Path("/x/pincite")),
        ("darwin", {}, Path.home() / "Library" / "Application Support" / "pincite"),
    ],
)
def test_a_store_goes_where_the_platform_keeps_data(
    platform: str, environ: dict[str, str], folder: Path
) -> None:
    assert environment.user_data(environ, platform) == folder
