"""The policy for a tool and the rule behind it. Pure."""

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
    """``PROMPT`` asks the user; ``DENY`` hides the tool from the model and refuses its calls."""

    ALLOW = "allow"
    PROMPT = "prompt"
    DENY = "deny"


def effective_policy(
    settings: ToolsSettings, tool_name: str, *, only_looks: bool
) -> tuple[ToolPolicy, str]:
    """The policy of ``tool_name`` and, in words, the rule behind it.

    A tool's own entry decides, else ``default_policy``, else whether the tool ``only_looks``: reads
    inside the workspace and changes nothing.
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
    """Whether a file sets the policy of ``tool_name``, by its name or by ``default_policy``."""
    return tool_name in settings.policies or settings.default_policy is not None
