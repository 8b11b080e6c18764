"""A secret does not show itself."""

from __future__ import annotations

import copy
import pickle
from dataclasses import asdict, dataclass
from pprint import pformat

import pytest
from pydantic import BaseModel, ConfigDict

from vtcode_tui.config.secret import SecretStr

CANARY = "canary-4711"


@dataclass(frozen=True, slots=True)
class Holder:
    key: SecretStr


class Model(BaseModel):
    model_config = ConfigDict(strict=True)
    key: SecretStr


def test_the_value_is_read_by_name_only() -> None:
    assert SecretStr(CANARY).get_secret_value() == CANARY


@pytest.mark.parametrize("write", [repr, str, "{}".format, "{!r}".format, "%s".__mod__, pformat])
def test_no_way_of_writing_it_shows_it(write: object) -> None:
    assert callable(write)
    for holder in (SecretStr(CANARY), Holder(SecretStr(CANARY)), asdict(Holder(SecretStr(CANARY)))):
        assert CANARY not in str(write((holder,) if write == "%s".__mod__ else holder))
    assert CANARY not in repr(Model(key=SecretStr(CANARY)))


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Holder(SecretStr(CANARY)))


def test_copies_are_the_secret_itself() -> None:
    secret = SecretStr(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_equal_secrets_are_equal() -> None:
    assert SecretStr("a") == SecretStr("a") != SecretStr("b")
    assert SecretStr("a") != "a"
    assert hash(SecretStr("a")) == hash(SecretStr("a"))
