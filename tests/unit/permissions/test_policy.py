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
    caution: str = ""
    may_grant: bool = True
    refusal: str = ""
    doubt: str = ""


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


CAUTION = "this file usually holds secrets"


@pytest.mark.parametrize("policy", ["allow", "prompt"])
def test_a_caution_asks_whatever_the_policy_and_is_the_rule(policy: str) -> None:
    ruling = rule_on(Call(caution=CAUTION), policy, RULE, Grants())
    assert ruling == Ruling("prompt", f"{CAUTION} (no setting lifts this)")


def test_a_caution_never_lifts_a_deny() -> None:
    assert rule_on(Call(caution=CAUTION), "deny", RULE, Grants()) == Ruling("deny", RULE)


@pytest.mark.parametrize("policy", ["allow", "prompt"])
def test_a_caution_may_be_granted_for_the_session(policy: str) -> None:
    grants = Grants()
    grants.grant(Call().grant_key)
    assert rule_on(Call(caution=CAUTION), policy, RULE, grants).policy == "allow"


@pytest.mark.parametrize("policy", ["allow", "prompt"])
@pytest.mark.parametrize("caution", [CAUTION, ""])
def test_what_may_not_be_granted_asks_each_time(policy: str, caution: str) -> None:
    grants = Grants()
    grants.grant(Call().grant_key)
    ruling = rule_on(Call(caution=caution, may_grant=False), policy, RULE, grants)
    assert ruling.policy == ("allow" if policy == "allow" and not caution else "prompt")


@given(policy=st.text(), granted=st.booleans())
def test_a_policy_that_is_none_of_the_three_denies(policy: str, granted: bool) -> None:
    grants = Grants()
    if granted:
        grants.grant(Call().grant_key)
    ruling = rule_on(Call(), policy, RULE, grants)
    if policy not in ("allow", "prompt"):
        assert ruling.policy == "deny"


def test_a_grant_for_always_turns_a_prompt_into_an_allow_and_lifts_nothing_else() -> None:
    def ruled(call: Call, policy: str = "prompt") -> str:
        return rule_on(call, policy, RULE, Grants(), is_always_granted=True).policy

    assert ruled(Call()) == "allow"
    assert ruled(Call(), "deny") == ruled(Call(), "what") == "deny"
    assert ruled(Call(caution=CAUTION)) == ruled(Call(caution=CAUTION), "allow") == "prompt"
    assert ruled(Call(may_grant=False)) == "prompt"


def test_a_grant_that_was_taken_back_covers_nothing() -> None:
    grants = Grants()
    grants.grant("a")
    grants.grant("b")
    grants.take_back("a")
    assert grants.keys == ("b",)
    assert not grants.covers("a")
