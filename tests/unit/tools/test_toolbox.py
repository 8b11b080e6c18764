"""The set of tools as a model and the agent see it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.unit.tools.conftest import Bench
from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.tools import parameters
from vtcode_tui.tools.base import Effect, ToolInputError
from vtcode_tui.tools.toolbox import Toolbox

pytestmark = pytest.mark.anyio

MODELS: dict[str, type[parameters.Parameters]] = {
    "read_file": parameters.ReadFileParameters,
    "write_file": parameters.WriteFileParameters,
    "edit_file": parameters.EditFileParameters,
    "list_files": parameters.ListFilesParameters,
    "search_files": parameters.SearchFilesParameters,
    "run_terminal_cmd": parameters.RunTerminalCmdParameters,
}


def test_there_are_six_tools_in_order(bench: Bench) -> None:
    assert [tool.name for tool in bench.toolbox] == list(MODELS)
    assert len(bench.toolbox) == 6
    assert bench.toolbox.get("no_such_tool") is None


def test_the_whole_list_takes_few_tokens(bench: Bench) -> None:
    functions = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in bench.toolbox
    ]
    assert len(json.dumps(functions)) / 4 < 650


def test_three_tools_only_look(bench: Bench) -> None:
    looking = [tool.name for tool in bench.toolbox if tool.effect is Effect.READ]
    assert looking == ["read_file", "list_files", "search_files"]


@pytest.mark.parametrize("name", MODELS)
def test_a_schema_is_flat_and_names_what_is_checked(bench: Bench, name: str) -> None:
    tool = bench.toolbox.get(name)
    assert tool is not None
    checked = MODELS[name].model_fields
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == list(checked)
    required = [field for field, about in checked.items() if about.is_required()]
    assert tool.parameters["required"] == required
    for entry in properties.values():
        assert isinstance(entry, dict)
        assert entry["type"] in {"string", "integer", "number", "boolean"}


def test_two_tools_of_one_name_are_refused(bench: Bench) -> None:
    tool = next(iter(bench.toolbox))
    with pytest.raises(ValueError, match="same name"):
        Toolbox([tool, tool])


async def fault(bench: Bench, name: str, arguments: dict[str, JsonValue]) -> str:
    try:
        await bench.prepare(name, **arguments)
    except ToolInputError as error:
        return str(error)
    return "none"


STRANGE: list[JsonValue] = [None, 3, True, [], {"a": 1}, "x\ny\r\nz", "\ud800", "y" * 10_000]


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("name", MODELS)
def test_a_subject_is_one_short_line_whatever_the_arguments(
    bench: Bench, name: str, value: JsonValue
) -> None:
    tool = bench.toolbox.get(name)
    assert tool is not None
    for argument in ("path", "command", "pattern", "glob", "other"):
        subject = tool.subject({argument: value})
        assert "\n" not in subject
        assert len(subject) <= 300


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("name", MODELS)
async def test_wrong_arguments_are_an_error_for_the_model_and_nothing_else(
    bench: Bench, name: str, value: JsonValue
) -> None:
    (bench.root / "y").touch()
    before = sorted(bench.root.rglob("*"))
    for argument in MODELS[name].model_fields:
        arguments: dict[str, JsonValue] = {"path": "y", "pattern": "y", "command": "true"}
        arguments |= {"content": "y", "old_text": "y", "new_text": "z"}
        given = {key: arguments[key] for key in MODELS[name].model_fields if key in arguments}
        assert (await fault(bench, name, given | {argument: value})).encode()
    assert sorted(bench.root.rglob("*")) == before


async def test_the_error_for_a_wrong_call_says_what_is_wrong_and_repeats_the_schema(
    bench: Bench,
) -> None:
    with pytest.raises(ToolInputError) as caught:
        await bench.prepare("read_file", file="a", limit="many")
    assert str(caught.value) == (
        "read_file was called wrongly: path: is missing; limit: input should be a valid integer, "
        "unable to parse string as an integer; file: is no parameter of this tool.\n"
        "read_file takes path (string, required), offset (integer), limit (integer)."
    )


async def test_numbers_and_booleans_as_text_are_understood(bench: Bench) -> None:
    (bench.root / "f").write_text("a\nb\nc\n")
    assert (await bench.run("read_file", path="f", offset="2", limit="1")).summary == "1 line"
    arguments: dict[str, JsonValue] = {"old_text": "b", "new_text": "x", "replace_all": "true"}
    assert (await bench.run("edit_file", path="f", **arguments)).summary == "+1 -1"


def test_making_the_toolbox_loads_nothing_slow() -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from vtcode_tui.tools.toolbox import default_toolbox\n"
        "from vtcode_tui.workspace.root import Workspace\n"
        "default_toolbox(Workspace(Path('.')), environment={}, command_timeout_s=1)\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pydantic", "pathspec", "textual", "httpx"} & set(loaded)
