"""Files that change what tools may do, known by their names in any spelling. Pure functions.

Writing one asks the user whatever the policy, also where it does not exist yet: a setting for this
program or another agent, instructions for a model, or something that an editor, git, a shell or a
build server runs by itself.
"""

from __future__ import annotations

from itertools import pairwise

from vtcode_tui.workspace.names import folded

_AGENTS = (
    "vtcode.toml .vtcode.toml agents.md agents.override.md agent.md claude.md claude.local.md"
    " gemini.md .cursorrules .cursorignore .windsurfrules .clinerules .roorules .goosehints"
    " .aider.conf.yml .mcp.json opencode.json qwen.md crush.md"
)
_GIT_AND_HOOKS = (
    ".gitmodules .gitattributes .gitconfig .pre-commit-config.yaml .pre-commit-config.yml"
    " .pre-commit-hooks.yaml lefthook.yml lefthook.yaml .lefthook.yml .lefthook.yaml"
    " .huskyrc .huskyrc.json"
)
_ENVIRONMENTS = (
    ".envrc .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs .pnpmfile.mjs .pypirc .bazelrc .tool-versions"
    " mise.toml .mise.toml .devcontainer.json"
)
_BUILD_SERVERS = (
    ".gitlab-ci.yml .travis.yml azure-pipelines.yml bitbucket-pipelines.yml jenkinsfile"
    " appveyor.yml .drone.yml cloudbuild.yaml"
)
_SHELLS_AND_EDITORS = (
    ".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv .zprofile"
    " .zlogin .zlogout .kshrc .cshrc .tcshrc .inputrc .vimrc .gvimrc .exrc .nvimrc .nvim.lua"
    " .emacs .dir-locals.el .tmux.conf .screenrc .gdbinit .lldbinit .curlrc .wgetrc"
)
FILES = frozenset(
    " ".join((_AGENTS, _GIT_AND_HOOKS, _ENVIRONMENTS, _BUILD_SERVERS, _SHELLS_AND_EDITORS)).split()
)
_AGENT_DIRECTORIES = (
    ".vtcode .cursor .claude .codex .gemini .opencode .windsurf .continue .roo .aider .agents"
    " .clinerules .kiro .amazonq .qwen .vibe .junie .augment .trae .crush .pi"
)
_TOOL_DIRECTORIES = (
    ".vscode .idea .fleet .zed .devcontainer .husky .lefthook .circleci .buildkite .direnv .mise"
)
DIRECTORIES = frozenset(f"{_AGENT_DIRECTORIES} {_TOOL_DIRECTORIES}".split())
PAIRS = frozenset(
    {
        (".github", "workflows"),
        (".github", "actions"),
        (".github", "copilot-instructions.md"),
        (".github", "instructions"),
        (".github", "hooks"),
        (".github", "dependabot.yml"),
        (".cargo", "config"),
        (".cargo", "config.toml"),
        (".config", "autostart"),
        (".config", "systemd"),
        (".config", "fish"),
        ("library", "launchagents"),
    }
)
_SUFFIXES = (".code-workspace", ".sublime-project")


def is_protected(parts: tuple[str, ...]) -> bool:
    """Whether the file at a path of these names, from any directory, is one of them."""
    plain = tuple(folded(part) for part in parts)
    if not plain:
        return False
    last = plain[-1]
    return (
        last in FILES
        or last == ".env"
        or last.startswith(".env.")
        or last.endswith(_SUFFIXES)
        or any(part in DIRECTORIES for part in plain)
        or any(pair in PAIRS for pair in pairwise(plain))
    )
