"""Files that change what tools may do, recognised by name. Pure.

Writing one asks the user whatever the policy, even if it does not exist yet: settings for this
program or another agent, instructions for a model, or something that an editor, git, a shell or a
build server runs automatically.
"""

from __future__ import annotations

from itertools import pairwise

from vtcode_tui.workspace.names import folded

_AGENTS = (
    "vtcode.toml .vtcode.toml agents.md agents.override.md agent.md claude.md claude.local.md"
    " gemini.md .cursorrules .cursorignore .windsurfrules .clinerules .roorules .goosehints"
    " .aider.conf.yml .aiderignore .mcp.json mcp.json opencode.json opencode.jsonc .opencode.json qwen.md"
    " crush.md crush.json .crush.json warp.md .rules .roomodes .kilocodemodes .augment-guidelines"
    " .cursorindexingignore"
)
_GIT_AND_HOOKS = (
    ".gitmodules .gitattributes .gitconfig .pre-commit-config.yaml .pre-commit-config.yml"
    " .pre-commit-hooks.yaml lefthook.yml lefthook.yaml .lefthook.yml .lefthook.yaml"
    " lefthook-local.yml lefthook-local.yaml .lefthook-local.yml .lefthook-local.yaml"
    " .huskyrc .huskyrc.json .overcommit.yml .lintstagedrc .lintstagedrc.json .lintstagedrc.js"
    " .lintstagedrc.cjs .lintstagedrc.mjs .lintstagedrc.yaml .lintstagedrc.yml"
)
_ENVIRONMENTS = (
    ".envrc .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs .pnpmfile.mjs .pypirc .bazelrc .tool-versions"
    " mise.toml .mise.toml mise.local.toml .mise.local.toml .rtx.toml .devcontainer.json .pnp.cjs"
    " .pnp.loader.mjs .bazeliskrc user.bazelrc .buckconfig .terraformrc devbox.json .gitpod.yml .replit"
    " sitecustomize.py usercustomize.py rust-toolchain rust-toolchain.toml gradle-wrapper.properties"
    " gradle-wrapper.jar .sbtopts .jvmopts .direnvrc"
)
_BUILD_SERVERS = (
    ".gitlab-ci.yml .travis.yml azure-pipelines.yml bitbucket-pipelines.yml jenkinsfile"
    " appveyor.yml .appveyor.yml .drone.yml .woodpecker.yml cloudbuild.yaml renovate.json .renovaterc"
    " .renovaterc.json .cirrus.yml"
)
_SHELLS_AND_EDITORS = (
    ".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv .zprofile"
    " .zlogin .zlogout .kshrc .cshrc .tcshrc .inputrc .vimrc .gvimrc .exrc .nvimrc .nvim.lua"
    " .lvimrc .local.vimrc .emacs .dir-locals.el .tmux.conf .screenrc .gdbinit .lldbinit .pdbrc .irbrc"
    " .pryrc .rprofile .renviron .octaverc .psqlrc .sqliterc .curlrc .wgetrc .netrc .pam_environment"
    " .xinitrc .xprofile .xsessionrc .ghci .ocamlinit .mongorc.js .pythonrc .pythonrc.py .lessfilter"
    " .ycm_extra_conf.py .tmuxinator.yml _vimrc"
)
FILES = frozenset(
    " ".join((_AGENTS, _GIT_AND_HOOKS, _ENVIRONMENTS, _BUILD_SERVERS, _SHELLS_AND_EDITORS)).split()
)
_AGENT_DIRECTORIES = (
    ".vtcode .cursor .claude .codex .gemini .opencode .windsurf .continue .roo .aider .agents"
    " .clinerules .kiro .amazonq .qwen .vibe .junie .augment .trae .crush .pi .kilocode .goose .warp"
    " .factory .copilot .openhands .devin .cody .tabnine .jules"
)
_TOOL_DIRECTORIES = (
    ".vscode .idea .fleet .zed .helix .nova .run .devcontainer .husky .lefthook .githooks .git-hooks"
    " .circleci .buildkite .woodpecker .semaphore .tekton .direnv .mise .codesandbox .idx .ssh"
    " .mvn .teamcity .theia .jupyter .ipython"
)
DIRECTORIES = frozenset(f"{_AGENT_DIRECTORIES} {_TOOL_DIRECTORIES}".split())
PAIRS = frozenset(
    {
        (".github", "workflows"),
        (".github", "actions"),
        (".github", "copilot-instructions.md"),
        (".github", "instructions"),
        (".github", "hooks"),
        (".github", "prompts"),
        (".github", "chatmodes"),
        (".github", "agents"),
        (".forgejo", "workflows"),
        (".gitea", "workflows"),
        (".hg", "hgrc"),
        (".yarn", "releases"),
        (".yarn", "plugins"),
        (".github", "dependabot.yml"),
        (".cargo", "config"),
        (".cargo", "config.toml"),
        (".config", "autostart"),
        (".config", "systemd"),
        (".config", "fish"),
        (".config", "mise"),
        ("library", "launchagents"),
    }
)
_SUFFIXES = (".code-workspace", ".sublime-project", ".pth")


def is_protected(parts: tuple[str, ...]) -> bool:
    """Whether the file at a path with these names, relative to any directory, is protected."""
    plain = tuple(folded(part) for part in parts)
    if not plain:
        return False
    last = plain[-1]
    return (
        last in FILES
        or last == ".env"
        or last.startswith((".env.", ".envrc."))
        or last.endswith(_SUFFIXES)
        or any(part in DIRECTORIES for part in plain)
        or any(pair in PAIRS for pair in pairwise(plain))
    )
