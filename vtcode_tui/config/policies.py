"""Which policy holds for a tool, and which rule of the file says so. Pure.

What the files say is what happens: no list stands over them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vtcode_tui.config.schema import ToolsSettings

KNOWN_TOOLS = (
    "read_file",
    "write_file",
    "edit_file",
    "list_files",
    "search_files",
    "run_terminal_cmd",
)
LOOKING_TOOLS = ("read_file", "list_files", "search_files")
"""Those of them that read inside the workspace and change nothing."""
OPTIONAL_TOOLS = ("update_plan",)
"""Those that are offered to some models only."""


class ToolPolicy(StrEnum):
    """``PROMPT`` asks the user; ``DENY`` keeps the tool from the model and refuses its calls."""

    ALLOW = "allow"
    PROMPT = "prompt"
    DENY = "deny"


def effective_policy(
    settings: ToolsSettings, tool_name: str, *, only_looks: bool
) -> tuple[ToolPolicy, str]:
    """The policy of ``tool_name`` and the rule that says so, in words that go on after "because".

    A tool's own entry decides, else ``default_policy``, else whether the tool ``only_looks``:
    reads inside the workspace and changes nothing.
    """
    listed = settings.policies.get(tool_name)
    if listed is not None:
        return ToolPolicy(listed), f'the settings say [tools.policies] {tool_name} = "{listed}"'
    default = settings.default_policy
    if default is not None:
        return ToolPolicy(default), f'the settings say [tools] default_policy = "{default}"'
    if only_looks:
        return ToolPolicy.ALLOW, "it only looks, and no setting says otherwise"
    return ToolPolicy.PROMPT, "it can change files, and no setting allows it"


def is_configured(settings: ToolsSettings, tool_name: str) -> bool:
    """Whether a file says what happens to ``tool_name``, by its name or by ``default_policy``."""
    return tool_name in settings.policies or settings.default_policy is not None
