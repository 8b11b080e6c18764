"""The ruling on a call: policy, grants, and what no grant can lift."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.permissions.policy import Grants, Ruling, rule_on

RULE = '[tools.policies] write_file = "prompt"'


@dataclass(frozen=True)
class Call:
    effect: str = "write"
    grant_key: str = "write_file a.txt"


@pytest.mark.parametrize("policy", ["allow", "prompt", "deny"])
def test_without_grants_the_configured_policy_is_the_ruling(policy: str) -> None:
    ruling = rule_on(Call(), policy, RULE, Grants())
    assert (ruling.policy, ruling.rule) == (policy, RULE)


def test_a_grant_turns_prompt_into_allow_and_says_so() -> None:
    grants = Grants()
    grants.grant(Call().grant_key)
    assert rule_on(Call(), "prompt", RULE, grants) == Ruling("allow", "approved for this session")


def test_a_grant_never_lifts_a_deny() -> None:
    grants = Grants()
    grants.grant(Call().grant_key)
    assert rule_on(Call(), "deny", RULE, grants) == Ruling("deny", RULE)


def test_a_grant_covers_its_own_key_only() -> None:
    grants = Grants()
    grants.grant("write_file b.txt")
    assert rule_on(Call(), "prompt", RULE, grants).policy == "prompt"


@given(policy=st.text(), granted=st.booleans())
def test_a_policy_that_is_none_of_the_three_denies(policy: str, granted: bool) -> None:
    grants = Grants()
    if granted:
        grants.grant(Call().grant_key)
    ruling = rule_on(Call(), policy, RULE, grants)
    if policy not in ("allow", "prompt"):
        assert ruling.policy == "deny"
