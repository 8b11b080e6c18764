"""Policies of a project against the user's own, for any two files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.config.trust_place import TODAY, TrustPlace
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.config.policies import KNOWN_TOOLS, LOOKING_TOOLS, effective_policy
from vtcode_tui.config.schema import Policy
from vtcode_tui.config.tightening import ToolRules, loosened, strictest
from vtcode_tui.tools.base import Effect
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace.root import Workspace

STRICTNESS = {"allow": 0, "prompt": 1, "deny": 2}
TOOLS = (*KNOWN_TOOLS, "mcp_tool", "other")
POLICIES = st.sampled_from(get_args(Policy))
RULES = st.builds(
    ToolRules, st.none() | POLICIES, st.dictionaries(st.sampled_from(TOOLS), POLICIES, max_size=4)
)


def toml(rules: ToolRules) -> str:
    default = f'default_policy = "{rules.default}"\n' if rules.default else ""
    lines = "".join(f'{tool} = "{policy}"\n' for tool, policy in rules.policies.items())
    return f"[tools]\n{default}[tools.policies]\n{lines}"


def strictness(loaded: LoadedConfig) -> dict[tuple[str, bool], int]:
    """For each tool, seen as one that only looks and as one that does not."""
    tools = loaded.settings.tools
    kinds = [
        (tool, only_looks)
        for tool in TOOLS
        for only_looks in ((True, False) if tool not in KNOWN_TOOLS else (tool in LOOKING_TOOLS,))
    ]
    return {
        kind: STRICTNESS[effective_policy(tools, kind[0], only_looks=kind[1])[0]] for kind in kinds
    }


@settings(max_examples=300, deadline=None)
@given(own=RULES, wanted=RULES)
def test_before_approval_nothing_is_looser_and_all_that_is_stricter_holds(
    own: ToolRules, wanted: ToolRules
) -> None:
    with TemporaryDirectory() as folder:
        place = TrustPlace(*(Path(folder) / name for name in ("workspace", "config", "state")))
        for path in (place.workspace, place.config):
            path.mkdir()
        place.write(user=toml(own))
        users = strictness(place.load())
        place.write(user=toml(own), project=toml(wanted))
        before = place.load()
        whole = strictness(place.load(everything=True))
        for kind, policy in strictness(before).items():
            assert policy >= users[kind], f"{kind} is looser than the user's own"
            if kind[0] in KNOWN_TOOLS:
                assert policy == max(users[kind], whole[kind]), kind
        is_looser = any(whole[kind] < users[kind] for kind in users)
        assert (before.pending_trust is not None) >= is_looser, (
            "something looser was not asked about"
        )
        if before.pending_trust is None:
            assert strictness(before) == whole
        else:
            place.store.approve(before.pending_trust, TODAY)
            assert strictness(place.load()) == whole


@given(own=RULES, wanted=RULES)
def test_what_is_the_strictest_of_both_is_no_looser_than_either(
    own: ToolRules, wanted: ToolRules
) -> None:
    strict = strictest(own, wanted)
    assert loosened(own, strict) == {}
    assert loosened(wanted, strict) == {}


@pytest.mark.parametrize("rules", [ToolRules(None, {}), ToolRules("deny", {"read_file": "allow"})])
def test_rules_are_no_looser_than_themselves(rules: ToolRules) -> None:
    assert loosened(rules, rules) == {}


def test_the_tools_that_look_are_those_that_only_read(tmp_path: Path) -> None:
    toolbox = default_toolbox(Workspace(tmp_path), environment={}, command_timeout_s=1)
    effects = {name: tool.effect for name in KNOWN_TOOLS if (tool := toolbox.get(name)) is not None}
    assert {name for name, effect in effects.items() if effect is Effect.READ} == set(LOOKING_TOOLS)
    assert set(effects) == set(KNOWN_TOOLS)
