"""The hostile commands as typed records, and what each one demands of a ruling."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.permissions.commands import CommandRuling, rule_on_command
from vtcode_tui.permissions.oracle import PathOracle

CORPUS = Path(__file__).parents[2] / "corpora" / "adversarial_commands.jsonl"

Rule: TypeAlias = Callable[["Record"], CommandRuling]

_ANY = frozenset({"allow", "prompt", "deny"})
_ADMITTED = {
    "prompt": frozenset({"prompt", "deny"}),
    "prompt_or_deny": frozenset({"prompt", "deny"}),
    "deny": frozenset({"deny"}),
    "allow": frozenset({"allow"}),
    "bounded": _ANY,
    "either": _ANY,
}


@dataclass(frozen=True, slots=True)
class Record:
    identity: str
    command: str
    allow_list: tuple[str, ...]
    deny_list: tuple[str, ...]
    must: str

    def admits(self, decision: str) -> bool:
        return decision in _ADMITTED[self.must]

    def ruling(self, paths: PathOracle) -> CommandRuling:
        return rule_on_command(
            self.command, allow_list=self.allow_list, deny_list=self.deny_list, paths=paths
        )


def read_corpus() -> tuple[Record, ...]:
    records = (json.loads(line) for line in CORPUS.read_text().split("\n") if line)
    return tuple(
        Record(
            identity=record["id"],
            command=record["cmd"],
            allow_list=tuple(record["allowlisted_prefixes"]),
            deny_list=tuple(record.get("denied_prefixes", ())),
            must=record["must"],
        )
        for record in records
    )
