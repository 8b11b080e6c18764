"""Every mode by every effect by every policy: what holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.permissions.modes import MODES, Mode, next_mode, policy_in
from vtcode_tui.permissions.policy import Grants, rule_on

STRICTNESS = {"allow": 0, "prompt": 1, "deny": 2}
EFFECTS = ("read", "write", "execute")


@dataclass(frozen=True)
class Call:
    effect: str
    grant_key: str = "key"
    caution: str = ""
    may_grant: bool = True
    refusal: str = ""
    doubt: str = ""


# mode, effect, policy, set by a file: what holds
TABLE: dict[tuple[Mode, str, str, bool], str] = {
    ("normal", "read", "allow", False): "allow",
    ("normal", "read", "allow", True): "allow",
    ("normal", "read", "prompt", False): "prompt",
    ("normal", "read", "prompt", True): "prompt",
    ("normal", "read", "deny", False): "deny",
    ("normal", "read", "deny", True): "deny",
    ("normal", "write", "allow", False): "allow",
    ("normal", "write", "allow", True): "allow",
    ("normal", "write", "prompt", False): "prompt",
    ("normal", "write", "prompt", True): "prompt",
    ("normal", "write", "deny", False): "deny",
    ("normal", "write", "deny", True): "deny",
    ("normal", "execute", "allow", False): "allow",
    ("normal", "execute", "allow", True): "allow",
    ("normal", "execute", "prompt", False): "prompt",
    ("normal", "execute", "prompt", True): "prompt",
    ("normal", "execute", "deny", False): "deny",
    ("normal", "execute", "deny", True): "deny",
    ("accept-edits", "read", "allow", False): "allow",
    ("accept-edits", "read", "allow", True): "allow",
    ("accept-edits", "read", "prompt", False): "prompt",
    ("accept-edits", "read", "prompt", True): "prompt",
    ("accept-edits", "read", "deny", False): "deny",
    ("accept-edits", "read", "deny", True): "deny",
    ("accept-edits", "write", "allow", False): "allow",
    ("accept-edits", "write", "allow", True): "allow",
    ("accept-edits", "write", "prompt", False): "allow",
    ("accept-edits", "write", "prompt", True): "prompt",
    ("accept-edits", "write", "deny", False): "deny",
    ("accept-edits", "write", "deny", True): "deny",
    ("accept-edits", "execute", "allow", False): "allow",
    ("accept-edits", "execute", "allow", True): "allow",
    ("accept-edits", "execute", "prompt", False): "prompt",
    ("accept-edits", "execute", "prompt", True): "prompt",
    ("accept-edits", "execute", "deny", False): "deny",
    ("accept-edits", "execute", "deny", True): "deny",
    ("plan", "read", "allow", False): "allow",
    ("plan", "read", "allow", True): "allow",
    ("plan", "read", "prompt", False): "prompt",
    ("plan", "read", "prompt", True): "prompt",
    ("plan", "read", "deny", False): "deny",
    ("plan", "read", "deny", True): "deny",
    ("plan", "write", "allow", False): "deny",
    ("plan", "write", "allow", True): "deny",
    ("plan", "write", "prompt", False): "deny",
    ("plan", "write", "prompt", True): "deny",
    ("plan", "write", "deny", False): "deny",
    ("plan", "write", "deny", True): "deny",
    ("plan", "execute", "allow", False): "deny",
    ("plan", "execute", "allow", True): "deny",
    ("plan", "execute", "prompt", False): "deny",
    ("plan", "execute", "prompt", True): "deny",
    ("plan", "execute", "deny", False): "deny",
    ("plan", "execute", "deny", True): "deny",
}


def test_the_table_has_every_case() -> None:
    assert set(TABLE) == set(product(MODES, EFFECTS, STRICTNESS, (False, True)))


@pytest.mark.parametrize(("case", "expected"), TABLE.items(), ids=str)
def test_what_holds(case: tuple[Mode, str, str, bool], expected: str) -> None:
    mode, effect, policy, is_configured = case
    held = policy_in(mode, effect=effect, policy=policy, rule="r", is_configured=is_configured)
    assert held.policy == expected
    assert held.rule
    assert (held.rule == "r") == (expected == policy)


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_no_mode_is_wider_than_what_a_file_says_or_past_a_deny(
    case: tuple[Mode, str, str, bool],
) -> None:
    mode, effect, policy, is_configured = case
    held = policy_in(mode, effect=effect, policy=policy, rule="r", is_configured=is_configured)
    if is_configured or policy == "deny" or mode != "accept-edits":
        assert STRICTNESS[held.policy] >= STRICTNESS[policy]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("caution", ["this file usually holds secrets", "it lies outside"])
@pytest.mark.parametrize("effect", EFFECTS)
def test_what_always_asks_asks_in_every_mode(mode: Mode, caution: str, effect: str) -> None:
    held = policy_in(mode, effect=effect, policy="prompt", rule="r", is_configured=False)
    ruling = rule_on(Call(effect, caution=caution), held.policy, held.rule, Grants())
    assert ruling.policy in ("prompt", "deny")


@pytest.mark.parametrize("effect", ["write", "execute"])
def test_no_grant_lifts_the_plan_mode(effect: str) -> None:
    grants = Grants()
    grants.grant("key")
    held = policy_in("plan", effect=effect, policy="prompt", rule="r", is_configured=False)
    ruling = rule_on(Call(effect), held.policy, held.rule, grants, is_always_granted=True)
    assert ruling.policy == "deny"


@given(policy=st.text(), effect=st.text(), mode=st.sampled_from(MODES), is_set=st.booleans())
def test_a_policy_that_is_none_of_the_three_stays_a_refusal(
    policy: str, effect: str, mode: Mode, is_set: bool
) -> None:
    held = policy_in(mode, effect=effect, policy=policy, rule="r", is_configured=is_set)
    if policy not in ("allow", "prompt"):
        assert rule_on(Call(effect), held.policy, held.rule, Grants()).policy == "deny"


def test_the_modes_go_round() -> None:
    seen: list[Mode] = ["normal"]
    for _ in range(3):
        seen.append(next_mode(seen[-1]))
    assert seen == ["normal", "accept-edits", "plan", "normal"]
