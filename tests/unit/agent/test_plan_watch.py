"""What counts as a plan to carry out: steps under a heading that says so."""

from __future__ import annotations

import pytest

from vtcode_tui.agent.plan_watch import holds_plan


@pytest.mark.parametrize(
    "answer",
    [
        "## Plan\n\n1. Write a test\n2. Mend it",
        "I looked.\n\n# The plan\n- Write a test",
        "### Plan for the parser ###\n\nIn short:\n\n## Plan\n* a",
        "**Implementation plan**\n\n1) Write a test",
        "**Plan:**\n1. a",
        "__Plan__:\n\nFirst some words.\n\n 1. a",
        "Here is my plan:\n\n1. a",
        "PLAN:\n- a",
        "## Plan\n\nSteps:\n\n**First**\n\n### Files\n- a",
        "```\ncode\n```\n## Plan\n\n```python\nx\n```\n1. a",
    ],
)
def test_steps_under_a_heading_that_names_a_plan(answer: str) -> None:
    assert holds_plan(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Hello! How can I help?",
        "1. a lexer\n2. a parser",
        "Here is what I found:\n\n1. a lexer\n2. a parser",
        "## Plan",
        "## Plan\n\nThere is nothing to do.",
        "## Plan\n\nThere is nothing to do.\n\n## What there is\n\n- a lexer",
        "**Plan**\n\nThere is nothing to do.\n\n###### What there is\n\n- a lexer",
        "## How planes fly\n- by wings",
        "```markdown\n## Plan\n1. a\n```",
        "~~~\n## Plan\n```\n1. a\n",
        "The plan of the building is nice.\n\n- a door",
        "plan " * 30 + ":\n1. a",
    ],
)
def test_any_other_answer_is_none(answer: str) -> None:
    assert not holds_plan(answer)
