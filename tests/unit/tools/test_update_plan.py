"""The plan that a model keeps: what it may send, and who is offered the tool."""

from __future__ import annotations

import pytest

from vtcode_tui.agent.model_choice import handles_many_tools
from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay
from vtcode_tui.ollama.types import InstalledModel
from vtcode_tui.tools.base import Effect, ToolInputError
from vtcode_tui.tools.update_plan import UpdatePlan

pytestmark = pytest.mark.anyio
PLAN = "[x] read the parser\n[>] write the test\n[ ] run it"


async def shown(plan: JsonValue) -> str:
    prepared = await UpdatePlan("/w").prepare(ToolCall("c", "update_plan", {"plan": plan}))
    result = await prepared.execute(lambda _: None)
    assert result.outcome is Outcome.OK
    assert result.display == prepared.preview
    assert isinstance(result.display, TextDisplay)
    return f"{result.summary}\n{result.display.text}"


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        PLAN.replace("[", "- ["),
        "1. [x] read the parser\n2) [~] write the test\n\n3. run it",
        ["[X] read the parser", "[>] write the test", "run it"],
    ],
)
async def test_a_plan_is_a_checklist(plan: JsonValue) -> None:
    assert await shown(plan) == "1 of 3 done\n☑ read the parser\n▶ write the test\n☐ run it"


@pytest.mark.parametrize("plan", ["", " \n ", None, 7, {}, [], [1, None]])
async def test_no_plan_is_told_how_one_looks(plan: JsonValue) -> None:
    with pytest.raises(ToolInputError, match=r"\[x\]"):
        await shown(plan)


async def test_an_endless_plan_is_bounded() -> None:
    assert len(await shown(("x" * 9_000 + "\n") * 500)) < 11_000


def test_it_only_looks_and_names_the_step_in_work() -> None:
    tool = UpdatePlan("/w")
    assert tool.effect is Effect.READ
    assert tool.subject({"plan": PLAN}) == "write the test"
    assert tool.subject({"plan": 3}) == "0 steps"


@pytest.mark.parametrize(
    ("size", "remote", "many"),
    [("30.5B", None, True), ("14.8B", None, True), ("8.0B", None, False), ("596.05M", None, False),
     ("", None, False), ("", "https://ollama.com", True), ("[red]", None, False)],
)  # fmt: skip
def test_only_larger_models_are_taken_to_handle_many_tools(
    size: str, remote: str | None, many: bool
) -> None:
    model = InstalledModel("m", parameter_size=size, remote_host=remote)
    assert handles_many_tools(model) is many
