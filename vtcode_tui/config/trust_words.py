"""Describes a trust question in words, each line with what was approved before. Pure.

The texts contain untrusted content: clean them before display.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from vtcode_tui.config.bound_keys import CLOUD_URL, FILE_KEY, KeyPlace
from vtcode_tui.config.instructions import INSTRUCTIONS_NAME
from vtcode_tui.config.trust import HIDDEN, TrustItem, TrustQuestion
from vtcode_tui.lazy_dataclass import dataclass

Change: TypeAlias = Literal["new", "changed", "same", "gone", "ignored"]
ReadAddress: TypeAlias = Callable[[str], str]
"""The address that is connected to for the one that was written; ValueError for none."""

_ADDRESS = "providers.ollama.base_url"
_KEY = "providers.ollama.api_key"
_MODEL = "agent.default_model"
_KEEP_ALIVE = "providers.ollama.keep_alive"
_COMMAND_TIME = "tools.command_timeout_s"
_STEPS = "tools.max_tool_loops"
_ALLOWED_COMMANDS = "commands.allow_list"
_SANDBOX = "sandbox.mode"
_SANDBOX_NETWORK = "sandbox.network"
_DEFAULT_POLICY = "tools.default_policy"
_POLICY = "tools.policies."
_DIGEST = re.compile(r", sha256 ([0-9a-f]{8})[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class TrustLine:
    """``text`` says what would apply; ``before`` what was approved, for a change; ``place`` is the
    file and line. ``is_grave``: a key leaves this machine, or tools run without a question. An
    ignored line can never take effect."""

    subject: str
    text: str
    is_grave: bool = False
    change: Change = "new"
    before: str = ""
    place: str = ""


def trust_lines(question: TrustQuestion, read_address: ReadAddress) -> tuple[TrustLine, ...]:
    """What the project asks for, grave items first; then what it no longer asks for, and what
    cannot be approved.

    Without an earlier approval every line is new.
    """
    wording = _Wording(question.own_keys, read_address)
    now = wording.lines(question.values)
    places = _places(question.items)
    if question.before is None:
        changes = [replace(line, place=places.get(line.subject, "")) for line in now]
        return (*sorted(changes, key=lambda line: not line.is_grave), *_ignored(question))
    before = {line.subject: line for line in wording.lines(question.before.values)}
    lines = [
        _compared(line, before.pop(line.subject, None), places.get(line.subject, ""))
        for line in now
    ]
    lines.sort(key=lambda line: (line.change == "same", not line.is_grave))
    gone = [replace(line, change="gone", is_grave=False) for line in before.values()]
    return (*lines, *gone, *_ignored(question))


def _ignored(question: TrustQuestion) -> list[TrustLine]:
    return [
        TrustLine(
            item.name,
            f"whatever you answer, {item.name} is ignored here: your own file alone counts for it",
            change="ignored",
            place=_place(item),
        )
        for item in question.ignored
    ]


def _compared(line: TrustLine, before: TrustLine | None, place: str) -> TrustLine:
    if before is None:
        return replace(line, place=place)
    if before.text == line.text:
        return replace(line, place=place, change="same")
    return replace(line, place=place, change="changed", before=before.text)


def _places(items: Iterable[TrustItem]) -> dict[str, str]:
    """The first line in a file for each subject."""
    places: dict[str, str] = {}
    for item in sorted(items, key=lambda item: item.name == _KEY):
        if place := _place(item):
            places.setdefault(_subject(item), place)
    return places


def _place(item: TrustItem) -> str:
    origin = item.origin
    if origin.path is None or origin.line is None:
        return ""
    return f"{origin.path.name}, line {origin.line}"


def _subject(item: TrustItem) -> str:
    if item.name.startswith(_POLICY):
        return f"tools {item.value}"
    if item.name == _DEFAULT_POLICY:
        return f"tools {item.value.split(' ')[0]}"
    return _ADDRESS if item.name == _KEY else item.name


@dataclass(frozen=True, slots=True)
class _Wording:
    own_keys: tuple[KeyPlace, ...]
    read_address: ReadAddress

    def lines(self, values: Mapping[str, str]) -> list[TrustLine]:
        lines = [*self._address(values), *_tools(values)]
        for name, value in values.items():
            if name in (_ADDRESS, _KEY, _DEFAULT_POLICY) or name.startswith(_POLICY):
                continue
            is_grave = name in (_ALLOWED_COMMANDS, _SANDBOX, _SANDBOX_NETWORK)
            is_grave = is_grave or (name == INSTRUCTIONS_NAME and HIDDEN in value)
            lines.append(TrustLine(name, _plain(name, value), is_grave=is_grave))
        return lines

    def _address(self, values: Mapping[str, str]) -> list[TrustLine]:
        url, key = values.get(_ADDRESS), values.get(_KEY)
        if url is None and key is None:
            return []
        if url is None:
            return [TrustLine(_ADDRESS, self._key_alone(key or ""), is_grave=True)]
        try:
            address = self.read_address(url)
        except ValueError as error:
            return [TrustLine(_ADDRESS, f"requests go to {url}, which is no address: {error}")]
        name = _key_name(key) if key is not None else self._key_for(address)
        with_key = f"with {name}" if name else "without a key"
        return [TrustLine(_ADDRESS, f"requests go to {address} {with_key}", is_grave=bool(name))]

    def _key_alone(self, key: str) -> str:
        """A key without an address: the user's own key stays with its address."""
        name = _key_name(key)
        if name == FILE_KEY:
            return f"{name} is sent to {CLOUD_URL}"
        place = next((place for place in self.own_keys if place.name == name), None)
        return f"{name} is sent to {place.base_url if place else 'where you set it for'}"

    def _key_for(self, address: str) -> str:
        """The name of the user's key that would be sent to ``address``, or empty."""
        for place in self.own_keys:
            try:
                if same_origin(self.read_address(place.base_url), address):
                    return place.name
            except ValueError:
                continue
        return ""


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port; both in their parsed form."""
    return one.split("/", 3)[:3] == other.split("/", 3)[:3]


def _key_name(value: str) -> str:
    return value[2:-1] if value.startswith("${") else FILE_KEY


def _tools(values: Mapping[str, str]) -> list[TrustLine]:
    default = values.get(_DEFAULT_POLICY, "")
    if default.startswith("allow"):
        text = default.replace("allow", "all tools without asking", 1)
        return [TrustLine("tools allow", text, is_grave=True)]
    allowed = [
        name.removeprefix(_POLICY) for name, value in values.items() if _is(name, value, "allow")
    ]
    asking = [
        name.removeprefix(_POLICY) for name, value in values.items() if _is(name, value, "prompt")
    ]
    if default:
        asking.append("every tool that is not listed")
    lines = []
    if allowed:
        lines.append(
            TrustLine("tools allow", f"{', '.join(allowed)} without asking", is_grave=True)
        )
    if asking:
        text = f"{', '.join(asking)} after a question, in place of never"
        lines.append(TrustLine("tools prompt", text))
    return lines


def _is(name: str, value: str, policy: str) -> bool:
    return name.startswith(_POLICY) and value == policy


def _plain(name: str, value: str) -> str:
    if name == INSTRUCTIONS_NAME:
        about = _DIGEST.sub(r", sha256 \1…", value)
        return f"the model is told what stands in {name} ({about})"
    if name == _MODEL:
        leaves = value.endswith((":cloud", "-cloud"))
        where = ", which runs in Ollama's cloud: what you write goes there" if leaves else ""
        return f"the model is {value}{where}"
    if name == _KEEP_ALIVE:
        return f"the server keeps the model loaded for {value}"
    if name == _COMMAND_TIME:
        return f"a command may run for {value} seconds"
    if name == _STEPS:
        return f"a turn may take {value} steps before you are asked"
    if name == _ALLOWED_COMMANDS:
        return f"where commands are allowed, these run without asking: {value}"
    if name == _SANDBOX:
        without = "in no sandbox" if value == "off" else "also where there is no sandbox"
        return f"commands run {without}"
    if name == _SANDBOX_NETWORK:
        return "commands in the sandbox may use the network"
    return f"{name} = {value}"
