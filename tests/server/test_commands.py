"""The options of `pincite serve`; what it does is in test_process.py."""

from dataclasses import fields

from server.commands import serve
from server.settings import ServerSettings


def test_every_setting_is_an_option() -> None:
    options = {parameter.name: parameter for parameter in serve.params}
    for field in fields(ServerSettings):
        option = options.pop(field.name)
        # None, so that the environment is asked where the option is not given.
        assert option.default is None or not option.required
    assert options.keys() <= {"data"}


def test_the_key_is_no_option() -> None:
    assert not [p.name for p in serve.params if "key" in str(p.name)]
