"""Constraints on schema values beyond their type. Pure, no heavy imports.

Each is part of an ``Annotated[...]`` in the schema, describes itself in words, and is used both by
the plain check at start-up and by pydantic.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from vtcode_tui.config.secret import SecretStr
from vtcode_tui.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core.core_schema import CoreSchema


@dataclass(frozen=True, slots=True)
class Text:
    """The whole string matches ``pattern``; ``allowed`` describes it in words."""

    pattern: str
    allowed: str

    def admits(self, value: object) -> bool:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        return isinstance(text, str) and re.fullmatch(self.pattern, text) is not None

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _checked(self.admits, self.allowed, handler(source))


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number from ``minimum`` to ``maximum`` inclusive; ``unit`` is for display."""

    minimum: int
    maximum: int
    unit: str

    @property
    def allowed(self) -> str:
        return f"a whole number of {self.unit} from {self.minimum} to {self.maximum}"

    def admits(self, value: object) -> bool:
        return type(value) is int and self.minimum <= value <= self.maximum

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _checked(self.admits, self.allowed, handler(source))


Rule: TypeAlias = Text | Range


def _checked(admits: Callable[[object], bool], allowed: str, inner: CoreSchema) -> CoreSchema:
    from pydantic_core import PydanticCustomError, core_schema

    def check(value: object) -> object:
        if not admits(value):
            raise PydanticCustomError("rule", "Allowed: {allowed}", {"allowed": allowed})
        return value

    return core_schema.no_info_after_validator_function(check, inner)
