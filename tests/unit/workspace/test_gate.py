"""The gate: what may be used, what asks, what is refused, and from where it is opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vtcode_tui.errors import OutsideWorkspace, WorkspaceError
from vtcode_tui.workspace import gate as gate_module
from vtcode_tui.workspace.gate import CHANGES_TOOLS, HAS_OTHER_NAMES, HOLDS_SECRETS, Gate
from vtcode_tui.workspace.protected import is_protected
from vtcode_tui.workspace.trail import follow

PROTECTED = [
    "vtcode.toml", ".vtcode/agents/x.md", "AGENTS.md", "CLAUDE.md", ".cursorrules",
    ".vscode/tasks.json", ".vscode/settings.json", ".idea/workspace.xml",
    ".devcontainer/devcontainer.json", ".github/workflows/ci.yml", ".husky/pre-commit",
    ".pre-commit-config.yaml", ".gitmodules", ".gitattributes", ".envrc", ".npmrc", ".env",
    ".env.production",
]  # fmt: skip


def spelled(path: str) -> list[str]:
    """Other ways to say the same file, or the same name in another directory."""
    first, slash, rest = path.partition("/")
    return [
        path,
        f"./{path}",
        f".//{path}",
        f"sub/../{path}",
        f"sub/{path}",
        f"sub/deeper/{path}",
        f"{first.upper()}{slash}{rest}",
        f"{first.title()}{slash}{rest.upper()}",
        "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in first) + slash + rest,
    ]


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("path", PROTECTED)
def test_what_changes_tools_asks_in_every_spelling_and_is_never_granted(
    gate: Gate, path: str, exists: bool
) -> None:
    root = gate.workspace.root
    (root / "sub" / "deeper").mkdir(parents=True)
    for spelling in spelled(path):
        if exists:
            (root / spelling).parent.mkdir(parents=True, exist_ok=True)
            (root / spelling).touch()
        for asked in (spelling, str(root / spelling)):
            place = gate.to_write(asked)
            assert CHANGES_TOOLS in place.caution, asked
            assert not place.may_grant


def test_what_programs_run_by_themselves_is_known_by_its_name() -> None:
    names = [
        ".githooks/pre-commit",
        ".git-hooks/x",
        ".github/prompts/x.prompt.md",
        ".github/agents/x.md",
        ".forgejo/workflows/x.yml",
        ".gitea/workflows/x.yml",
        ".hg/hgrc",
        ".yarn/releases/yarn.cjs",
        ".yarn/plugins/x.cjs",
        ".pnp.cjs",
        ".pnp.loader.mjs",
        "sitecustomize.py",
        "usercustomize.py",
        "lefthook-local.yml",
        ".overcommit.yml",
        ".lintstagedrc",
        ".lintstagedrc.js",
        "mcp.json",
        ".kilocode/x",
        ".kilocodemodes",
        ".roomodes",
        ".rules",
        ".config/mise/config.toml",
        ".mise.local.toml",
        ".lvimrc",
        ".pdbrc",
        ".irbrc",
        ".pryrc",
        ".Rprofile",
        ".Renviron",
        ".octaverc",
        ".psqlrc",
        ".sqliterc",
        ".netrc",
        ".bazeliskrc",
        "user.bazelrc",
        ".buckconfig",
        ".woodpecker.yml",
        ".woodpecker/x.yml",
        ".appveyor.yml",
        ".semaphore/x.yml",
        ".tekton/x",
        "renovate.json",
        ".helix/config.toml",
        ".nova/x",
        ".run/x.run.xml",
        "devbox.json",
        ".gitpod.yml",
        ".replit",
        ".idx/dev.nix",
        ".codesandbox/tasks.json",
        "opencode.jsonc",
        ".opencode.json",
        "crush.json",
        ".goose/x",
        "WARP.md",
        ".factory/x",
        ".copilot/x",
        ".augment-guidelines",
        ".terraformrc",
        ".pam_environment",
        ".xinitrc",
        ".xprofile",
        ".ssh/authorized_keys",
        ".ssh/rc",
        ".envrc.local",
        "rust-toolchain",
        "rust-toolchain.toml",
        "gradle/wrapper/gradle-wrapper.properties",
        "gradle-wrapper.jar",
        ".sbtopts",
        ".jvmopts",
        ".direnvrc",
        ".cirrus.yml",
        ".ghci",
        ".ocamlinit",
        ".mongorc.js",
        ".pythonrc",
        ".lessfilter",
        ".ycm_extra_conf.py",
        ".tmuxinator.yml",
        "_vimrc",
        ".mvn/extensions.xml",
        ".teamcity/settings.kts",
        ".theia/tasks.json",
        ".jupyter/x.py",
        ".ipython/profile_default/startup/x.py",
        "lib/x.pth",
    ]
    assert [name for name in names if not is_protected(tuple(name.split("/")))] == []
    plain = "README.md src/main.py package.json Makefile conftest.py .gitignore hooks/x github/workflows/x"
    assert [name for name in plain.split() if is_protected(tuple(name.split("/")))] == []


@pytest.mark.parametrize("path", PROTECTED)
def test_a_link_from_or_to_what_changes_tools_asks(gate: Gate, path: str) -> None:
    root = gate.workspace.root
    (root / "docs").mkdir()
    (root / "docs" / "real").write_text("x")
    protected = root / path
    protected.parent.mkdir(parents=True, exist_ok=True)
    protected.symlink_to(root / "docs" / "real")
    (root / "plain").symlink_to(path)
    (root / "chain").symlink_to("plain")
    for asked in (path, "plain", "chain"):
        assert CHANGES_TOOLS in gate.to_write(asked).caution, asked


def test_what_a_protected_name_at_the_top_links_to_asks_too(gate: Gate) -> None:
    root = gate.workspace.root
    (root / "docs").mkdir()
    (root / "conf").mkdir()
    (root / "AGENTS.md").symlink_to("docs/rules.md")
    (root / ".vscode").symlink_to("conf")
    (root / ".github").symlink_to("hub")
    for path in ("docs/rules.md", "conf/tasks.json", "hub/workflows/x.yml"):
        assert CHANGES_TOOLS in gate.to_write(path).caution, path
    for path in ("docs/other.md", "hub/x.yml"):
        assert gate.to_write(path).caution == ""


@pytest.mark.parametrize(
    "path",
    ["a.txt", "src/agents.py", "vtcode.toml.example", "github/workflows/x", ".github/README.md",
     "env/x", "environment.env.py", ".gitignore", "docs/claude/x.md", "vscode/x"],
)  # fmt: skip
def test_an_ordinary_file_is_written_without_a_caution(gate: Gate, path: str) -> None:
    place = gate.to_write(path)
    assert (place.caution, place.may_grant, place.name) == ("", True, path)


def test_reading_what_changes_tools_does_not_ask(gate: Gate) -> None:
    (gate.workspace.root / "vtcode.toml").touch()
    assert gate.to_read("vtcode.toml").caution == ""


@pytest.mark.parametrize("path", [".env", "keys/id_ed25519", "server.pem", "a/credentials.json"])
def test_a_secret_asks_for_reading_and_writing_and_may_be_granted(gate: Gate, path: str) -> None:
    place = gate.to_read(path)
    assert (place.caution, place.may_grant, place.holds_secrets) == (HOLDS_SECRETS, True, True)
    assert HOLDS_SECRETS in gate.to_write(path).caution


@pytest.mark.parametrize("path", [".env.example", "id_rsa.pub", "secret_santa.py"])
def test_what_only_looks_like_a_secret_does_not_ask(gate: Gate, path: str) -> None:
    assert gate.to_read(path).caution == ""


def test_a_directory_with_the_name_of_a_secret_is_none(gate: Gate) -> None:
    (gate.workspace.root / ".env").mkdir()
    assert gate.to_read(".env").caution == ""


@pytest.mark.parametrize(
    "path",
    ["", " ", "a\0b", "x\u202ey", "a\u200bb", "\ud800", "~/x", "http://x/y", "x ", "a" * 5000],
)
def test_a_name_that_hides_something_is_refused(gate: Gate, path: str) -> None:
    for judge in (gate.to_read, gate.to_write):
        with pytest.raises(WorkspaceError, match="cannot be used"):
            judge(path)


def test_a_link_to_a_name_that_hides_something_is_refused(gate: Gate) -> None:
    (gate.workspace.root / "plain").symlink_to("a\u202eb")
    with pytest.raises(WorkspaceError, match=r"U\+202E"):
        gate.to_read("plain")


def test_a_step_back_counts_from_where_a_link_led(gate: Gate, base: Path) -> None:
    (base / "out" / "sub").mkdir()
    (gate.workspace.root / "d").symlink_to(base / "out" / "sub")
    assert gate.to_read("d/../x").path == base / "out" / "x"
    with pytest.raises(OutsideWorkspace):
        gate.to_write("d/../x")


def test_every_path_on_the_way_is_told(base: Path) -> None:
    (base / "a").symlink_to("b")
    (base / "b").symlink_to("out/x")
    trail = follow("a/y", base)
    assert trail.asked == (base / "a" / "y", base / "b" / "y", base / "out" / "x" / "y")
    assert trail.target == base / "out" / "x" / "y"
    assert follow("//etc/x", base).asked == (Path("/etc/x"),)


def test_a_loop_of_links_is_refused(gate: Gate) -> None:
    (gate.workspace.root / "loop").symlink_to("loop")
    (gate.workspace.root / "a").symlink_to("b")
    (gate.workspace.root / "b").symlink_to("a")
    for path in ("loop", "loop/x", "a/x"):
        with pytest.raises(WorkspaceError, match="loop"):
            gate.to_read(path)


@pytest.mark.parametrize(
    "path",
    [".git/config", ".git", ".GIT/x", "sub/.git/hooks/x", "g/config", "real/config", "GIT~1/x"],
)
def test_git_metadata_is_refused_in_every_spelling(gate: Gate, path: str) -> None:
    root = gate.workspace.root
    (root / "real").mkdir()
    (root / ".git").symlink_to("real")
    (root / "g").symlink_to(".git")
    with pytest.raises(WorkspaceError, match="git's own"):
        gate.to_write(path)


def test_a_git_directory_that_a_git_file_names_is_refused(gate: Gate) -> None:
    root = gate.workspace.root
    (root / "store").mkdir()
    (root / ".git").write_text("gitdir: store\n")
    with pytest.raises(WorkspaceError, match="git's own"):
        gate.to_write("store/hooks/pre-commit")


def test_what_has_other_names_asks_and_is_never_granted(gate: Gate) -> None:
    root = gate.workspace.root
    (root / "vtcode.toml").touch()
    os.link(root / "vtcode.toml", root / "notes.txt")
    place = gate.to_write("notes.txt")
    assert (place.caution, place.may_grant) == (HAS_OTHER_NAMES, False)
    assert place.has_other_names


@pytest.mark.parametrize("kind", ["fifo", "directory", "setuid", "read-only"])
def test_what_no_tool_may_write_is_refused(gate: Gate, kind: str) -> None:
    path = gate.workspace.root / "x"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.touch()
        path.chmod(0o4755 if kind == "setuid" else 0o444)
    with pytest.raises(WorkspaceError):
        gate.to_write("x")


def test_the_alias_check_is_what_sees_a_protected_link_from_the_other_side(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (gate.workspace.root / "AGENTS.md").symlink_to("rules.md")
    monkeypatch.setattr(gate_module, "aliases", lambda *_: ())
    assert gate.to_write("rules.md").caution == ""
