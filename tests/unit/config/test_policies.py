"""The policy that holds: every tool, every policy, every default."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from vtcode_tui.config.policies import KNOWN_TOOLS, ToolPolicy, effective_policy
from vtcode_tui.config.schema import Policy, ToolsSettings

LOOKS = {"read_file", "list_files", "search_files"}
POLICIES: tuple[Policy, ...] = get_args(Policy)
ENTRIES: tuple[Policy | None, ...] = (*POLICIES, None)


def test_the_schema_and_the_policies_have_the_same_words() -> None:
    assert [policy.value for policy in ToolPolicy] == list(POLICIES)


@pytest.mark.parametrize(
    ("tool", "entry", "default"), list(itertools.product(KNOWN_TOOLS, ENTRIES, ENTRIES))
)
def test_the_entry_of_a_tool_decides_then_the_default_then_what_it_does(
    tool: str, entry: Policy | None, default: Policy | None
) -> None:
    others: dict[str, Policy] = dict.fromkeys(
        (name for name in KNOWN_TOOLS if name != tool), "deny"
    )
    policies = others if entry is None else {**others, tool: entry}
    settings = ToolsSettings(default_policy=default, policies=policies)

    policy, rule = effective_policy(settings, tool, only_looks=tool in LOOKS)

    if entry is not None:
        assert (policy, rule) == (entry, f'the settings say [tools.policies] {tool} = "{entry}"')
    elif default is not None:
        assert (policy, rule) == (default, f'the settings say [tools] default_policy = "{default}"')
    else:
        assert policy == ("allow" if tool in LOOKS else "prompt")
        assert "no setting" in rule
    assert isinstance(policy, ToolPolicy)


@pytest.mark.parametrize(("only_looks", "policy"), [(True, "allow"), (False, "prompt")])
def test_without_any_setting_looking_is_allowed_and_the_rest_prompts(
    only_looks: bool, policy: str
) -> None:
    assert effective_policy(ToolsSettings(), "read_file", only_looks=only_looks)[0] == policy
