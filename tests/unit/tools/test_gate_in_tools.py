"""The tools at the gate: what they ask, what they tell before they were allowed, what they keep."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Bench
from vtcode_tui.conversation.messages import JsonValue, ToolCall
from vtcode_tui.conversation.results import Outcome, TextDisplay
from vtcode_tui.errors import FileChanged
from vtcode_tui.tools.base import PreparedCall, ToolInputError
from vtcode_tui.tools.toolbox import default_toolbox
from vtcode_tui.workspace import search
from vtcode_tui.workspace.gate import CHANGES_TOOLS, HAS_OTHER_NAMES, HOLDS_SECRETS, Gate
from vtcode_tui.workspace.undo import UndoLog

pytestmark = pytest.mark.anyio

READ, WRITE, EDIT = "read_file", "write_file", "edit_file"
LIST, SEARCH = "list_files", "search_files"


@pytest.fixture(params=["ripgrep", "walk"])
def searching(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "walk":
        monkeypatch.setattr(search, "find_ripgrep", lambda _: None)


@pytest.mark.parametrize(
    ("name", "arguments", "caution", "may_grant"),
    [
        (READ, {"path": ".env"}, HOLDS_SECRETS, True),
        (READ, {"path": "../out/f"}, "outside the workspace", True),
        (LIST, {"path": "../out"}, "outside the workspace", True),
        (SEARCH, {"path": "../out", "pattern": "x"}, "outside the workspace", True),
        (WRITE, {"path": "AGENTS.md", "content": "y"}, CHANGES_TOOLS, False),
        (WRITE, {"path": ".env", "content": "y"}, f"{CHANGES_TOOLS}; {HOLDS_SECRETS}", False),
        (WRITE, {"path": "linked", "content": "y"}, HAS_OTHER_NAMES, False),
        (EDIT, {"path": "vtcode.toml", "old_text": "x", "new_text": "y"}, CHANGES_TOOLS, False),
        (EDIT, {"path": "server.pem", "old_text": "x", "new_text": "y"}, HOLDS_SECRETS, True),
    ],
)  # fmt: skip
async def test_a_caution_is_part_of_the_call(
    bench: Bench, name: str, arguments: dict[str, str], caution: str, may_grant: bool
) -> None:
    for path in (".env", "vtcode.toml", "server.pem", "linked"):
        (bench.root / path).write_text("x\n")
    os.link(bench.root / "linked", bench.out / "other")
    (bench.out / "f").write_text("x\n")
    prepared = await bench.prepare(name, **arguments)
    assert caution in prepared.caution
    assert prepared.may_grant == may_grant
    assert (await prepared.execute(lambda _: None)).outcome is Outcome.OK


async def test_an_ordinary_call_has_no_caution(bench: Bench) -> None:
    (bench.root / "a").write_text("x")
    calls: list[tuple[str, dict[str, JsonValue]]] = [
        (READ, {"path": "a"}),
        (WRITE, {"path": "b", "content": "y"}),
        (EDIT, {"path": "a", "old_text": "x", "new_text": "y"}),
        (LIST, {}),
        (SEARCH, {"pattern": "x"}),
    ]
    for name, arguments in calls:
        prepared = await bench.prepare(name, **arguments)
        assert (prepared.caution, prepared.may_grant) == ("", True)


async def test_what_was_granted_without_a_caution_does_not_cover_one(bench: Bench) -> None:
    (bench.root / "vars.txt").write_text("x")
    plain = await bench.prepare(READ, path="vars.txt")
    (bench.root / ".env").symlink_to("vars.txt")
    cautious = await bench.prepare(READ, path=".env")
    assert plain.subject == cautious.subject == "vars.txt"
    assert plain.grant_key != cautious.grant_key


async def test_a_read_outside_shows_where_it_leads_and_reads_only_that(bench: Bench) -> None:
    (bench.out / "f").write_text("hello\n")
    (bench.root / "notes").symlink_to(bench.out / "f")
    prepared = await bench.prepare(READ, path="notes")
    assert prepared.subject == f"{bench.out}/f"
    assert isinstance(prepared.preview, TextDisplay)
    assert f"{bench.out}/f" in prepared.preview.text
    (bench.root / "notes").unlink()
    (bench.root / "notes").symlink_to("/etc/passwd")
    assert (await prepared.execute(lambda _: None)).content == "hello"


async def test_a_file_outside_that_was_swapped_is_asked_for_again(bench: Bench) -> None:
    (bench.out / "f").write_text("hello\n")
    (bench.out / "g").write_text("other\n")
    prepared = await bench.prepare(READ, path="../out/f")
    (bench.out / "g").replace(bench.out / "f")
    with pytest.raises(FileChanged):
        await prepared.execute(lambda _: None)


@pytest.mark.parametrize("path", ["../out/there", "../out/gone", "../out/folder"])
async def test_nothing_is_told_of_a_file_outside_before_it_was_allowed(
    bench: Bench, path: str
) -> None:
    (bench.out / "there").touch()
    (bench.out / "folder").mkdir()
    for name in (READ, LIST, SEARCH):
        arguments: dict[str, JsonValue] = {"path": path}
        if name == SEARCH:
            arguments["pattern"] = "x"
        prepared = await bench.prepare(name, **arguments)
        assert "outside the workspace" in prepared.caution


async def test_a_missing_file_outside_is_a_result_once_it_was_allowed(bench: Bench) -> None:
    for name in (READ, LIST, SEARCH):
        arguments: dict[str, JsonValue] = {"path": "../out/gone"}
        if name == SEARCH:
            arguments["pattern"] = "x"
        result = await bench.run(name, **arguments)
        assert result.outcome is Outcome.FAILED


@pytest.mark.parametrize("old_text", ["KEY=wrong", "KEY=abc 123", "KEY"])
async def test_a_failed_edit_quotes_nothing_of_a_secret(bench: Bench, old_text: str) -> None:
    (bench.root / ".env").write_text("KEY=abc123\nKEY2=abc124\n")
    with pytest.raises(ToolInputError) as caught:
        await bench.prepare(EDIT, path=".env", old_text=old_text, new_text="y")
    assert "abc" not in str(caught.value)
    assert "exactly once" in str(caught.value)


async def test_a_guess_at_a_whole_secret_is_not_confirmed(bench: Bench) -> None:
    (bench.root / ".env").write_text("PIN=1234\n")
    prepared = await bench.prepare(WRITE, path=".env", content="PIN=1234\n")
    assert HOLDS_SECRETS in prepared.caution


async def test_a_listing_and_a_search_outside_have_whole_paths(
    bench: Bench, searching: None
) -> None:
    (bench.out / "d").mkdir()
    (bench.out / "d" / "f").write_text("needle\n")
    listing = await bench.run(LIST, path="../out")
    assert listing.content.splitlines()[0] == f"{bench.out}/d/f"
    found = await bench.run(SEARCH, path="../out", pattern="needle")
    assert found.content.splitlines()[0] == f"{bench.out}/d/f:1: needle"
    found = await bench.run(SEARCH, path="../out/d/f", pattern="needle")
    assert found.content.splitlines()[0] == f"{bench.out}/d/f:1: needle"


async def test_a_search_of_a_home_leaves_out_its_credentials(bench: Bench, searching: None) -> None:
    home = bench.out
    for path in (".ssh/config", ".aws/x", ".config/gh/hosts.yml", ".netrc", "notes", ".env"):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text("needle\n")
    toolbox = default_toolbox(
        bench.workspace,
        environment={"PATH": os.defpath, "HOME": str(home)},
        command_timeout_s=20,
    )
    tool = toolbox.get(SEARCH)
    assert tool is not None
    prepared = await tool.prepare(ToolCall("1", SEARCH, {"path": str(home), "pattern": "needle"}))
    result = await prepared.execute(lambda _: None)
    assert result.content.splitlines()[:1] == [f"{home}/notes:1: needle"]
    assert "secrets left out" in result.content
    assert not any(name in result.content for name in ("ssh", "aws", "gh/", ".env:"))
    listed = toolbox.get(LIST)
    assert listed is not None
    prepared = await listed.prepare(ToolCall("1", LIST, {"path": str(home)}))
    content = (await prepared.execute(lambda _: None)).content
    listed_paths = [line for line in content.splitlines() if line.startswith("/")]
    assert listed_paths == [f"{home}/.env", f"{home}/notes"]


async def test_a_directory_outside_that_was_swapped_is_not_searched(
    bench: Bench, searching: None
) -> None:
    (bench.out / "d").mkdir()
    (bench.out / "e").mkdir()
    (bench.out / "e" / "f").write_text("needle\n")
    for name, arguments in ((LIST, {}), (SEARCH, {"pattern": "needle"})):
        prepared = await bench.prepare(name, path="../out/d", **arguments)
        (bench.out / "d").rename(bench.out / "gone")
        (bench.out / "e").rename(bench.out / "d")
        with pytest.raises(FileChanged):
            await prepared.execute(lambda _: None)
        (bench.out / "d").rename(bench.out / "e")
        (bench.out / "gone").rename(bench.out / "d")


async def test_a_hard_linked_file_stays_one_file(bench: Bench) -> None:
    (bench.root / "a").write_text("old")
    os.link(bench.root / "a", bench.out / "b")
    await bench.run(EDIT, path="a", old_text="old", new_text="new")
    assert (bench.out / "b").read_text() == "new"


async def test_a_file_that_got_another_name_since_it_was_shown_asks_again(bench: Bench) -> None:
    (bench.root / "a").write_text("old")
    prepared = await bench.prepare(WRITE, path="a", content="new")
    os.link(bench.root / "a", bench.out / "b")
    with pytest.raises(FileChanged):
        await prepared.execute(lambda _: None)
    assert (bench.out / "b").read_text() == "old"


def with_undo(bench: Bench, state: Path) -> tuple[UndoLog, Bench]:
    gate = Gate(bench.workspace)
    undo = UndoLog(state, bench.workspace, gate.root_of)
    toolbox = default_toolbox(
        bench.workspace, environment={}, command_timeout_s=20, gate=gate, undo=undo
    )
    return undo, Bench(bench.workspace, toolbox, bench.out)


async def test_what_tools_wrote_can_be_undone(bench: Bench, tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfone\r\ntwo\nthr\xe9e"
    (bench.root / "a").write_bytes(content)
    (bench.root / "a").chmod(0o750)
    undo, bench = with_undo(bench, tmp_path / "state")
    undo.begin_turn(1)
    await bench.run(EDIT, path="a", old_text="two", new_text="TWO")
    await bench.run(WRITE, path="new/dir/b", content="x\n")
    assert (bench.root / "a").read_bytes() == content.replace(b"two", b"TWO")
    report = undo.undo()
    assert (report.turn, report.restored, report.removed) == (1, ("a",), ("new/dir/b",))
    assert (bench.root / "a").read_bytes() == content
    assert (bench.root / "a").stat().st_mode & 0o777 == 0o750
    assert [path.name for path in bench.root.iterdir()] == ["a"]


async def test_a_refused_write_leaves_nothing_to_undo(bench: Bench, tmp_path: Path) -> None:
    (bench.root / "a").write_text("old")
    undo, bench = with_undo(bench, tmp_path / "state")
    undo.begin_turn(1)
    prepared: PreparedCall = await bench.prepare(WRITE, path="a", content="new")
    (bench.root / "a").write_text("mine")
    with pytest.raises(FileChanged):
        await prepared.execute(lambda _: None)
    undo.undo()
    assert (bench.root / "a").read_text() == "mine"
