"""The layers of the program, held by reading every import and every owned name in the tree."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "vtcode_tui"

GROUND = {"errors", "conversation"}
BELOW_AGENT = {"config", "workspace", "ollama", "permissions", "tools", "session"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "lazy_dataclass": set(),
    "secrecy": set(),
    "errors": set(),
    "conversation": {"errors"},
    "config": {"errors"},
    "workspace": GROUND,
    "ollama": GROUND,
    "permissions": GROUND,
    "tools": {*GROUND, "workspace"},
    "session": GROUND,
    "agent": {*GROUND, *BELOW_AGENT},
    "transcript": GROUND,
    "tui": {*GROUND, *BELOW_AGENT, "agent", "transcript", "embedded"},
    "headless": {*GROUND, *BELOW_AGENT, "agent", "transcript", "embedded"},
    "web": {*GROUND, "transcript"},
    "embedded": GROUND,
    "arguments": {"grammar", "usage"},
    "grammar": {"usage"},
    "usage": set(),
    "completion": {"usage"},
    "private_process": set(),
    "__main__": {"cli"},
    "version": set(),
    "crash": {"errors", "workspace"},
    "cli": {
        "arguments",
        "completion",
        "version",
        "crash",
        "errors",
        "config",
        "grammar",
        "headless",
        "private_process",
        "tui",
        "web",
        "workspace",
    },
}

OWNERS: dict[str, tuple[str, ...]] = {
    "textual": ("tui/",),
    "rich": ("tui/",),
    "httpx": ("ollama/client.py", "ollama/transport.py"),
    "aiohttp": ("web/",),
    "textual_serve": ("web/",),
    "tomlkit": ("config/editor.py",),
    "subprocess": ("workspace/process", "workspace/search.py", "embedded/"),
    "signal": ("workspace/process", "embedded/", "tui/signals.py", "headless/signals.py", "web/"),
    "xllamacpp": ("embedded/",),
    "pygments": ("tui/",),
    "markdown_it": ("tui/", "transcript/"),
}

OWNED_NAMES: dict[str, tuple[str, ...]] = {
    "os.environ": ("cli.py",),
    "os.getenv": ("cli.py",),
    "os.getcwd": ("cli.py",),
    "Path.cwd": ("cli.py",),
    "Path.home": ("cli.py",),
    "sys.exit": ("cli.py", "embedded/__main__.py"),
    "time.time": ("cli.py", "embedded/"),
    "datetime.now": ("cli.py", "embedded/"),
    "date.today": ("cli.py",),
}

LISTENERS = ("create_server", "start_server", "create_unix_server", "start_unix_server", "listen")
MAY_LISTEN = ("web/serve_command.py", "embedded/http_server.py")

BANNED_NAMES = ("textual.markup", "rich.markup", "from_markup")

MODULES = sorted(PACKAGE.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def layer(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_layer_imports_only_what_lies_under_it(path: Path) -> None:
    allowed = MAY_IMPORT[layer(path)] | {layer(path), "lazy_dataclass", "secrecy"}
    for name in imported(ast.parse(path.read_text())):
        parts = name.split(".")
        if parts[0] == "vtcode_tui" and len(parts) > 1:
            assert parts[1] in allowed, f"{relative(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_each_library_has_one_owner(path: Path) -> None:
    for name in imported(ast.parse(path.read_text())):
        owners = OWNERS.get(name.split(".")[0])
        if owners is not None:
            assert relative(path).startswith(owners), f"{relative(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_environment_clock_and_exit_are_read_at_the_command_line_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            owners = OWNED_NAMES.get(ast.unparse(node))
            if owners is not None:
                assert relative(path).startswith(owners), f"{relative(path)}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_markup_is_never_made_from_text(path: Path) -> None:
    tree = ast.parse(path.read_text())
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for name in (*imported(tree), *names):
        assert not any(banned in name for banned in BANNED_NAMES), f"{relative(path)} uses {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "markup":
            assert ast.unparse(node.value) == "False", f"{relative(path)} turns markup on"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_nothing_listens_but_what_the_user_asked_to_be_served(path: Path) -> None:
    tree = ast.parse(path.read_text())
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    listens = named & {*LISTENERS} or {*imported(tree)} & {"http.server", "socketserver"}
    assert not listens or relative(path) in MAY_LISTEN, f"{relative(path)}: {listens}"


def test_the_package_itself_imports_nothing() -> None:
    assert not list(imported(ast.parse((PACKAGE / "__init__.py").read_text())))


def modules_loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    return set(output.split())


def test_version_loads_nothing_heavy() -> None:
    code = """
from vtcode_tui.cli import entry_point
sys.argv = ["vtcode-tui", "--version"]
try: entry_point()
except SystemExit: pass"""
    heavy = {"textual", "httpx", "pydantic", "tomlkit", "asyncio", "pygments", "importlib.metadata"}
    light = {"argparse", "ctypes", "dataclasses", "datetime", "platform", "vtcode_tui.grammar"}
    before = modules_loaded_by("")
    assert not (heavy | light) & (modules_loaded_by(code) - before)


def test_ask_loads_no_screen() -> None:
    loaded = modules_loaded_by("import vtcode_tui.headless.ask_command")
    assert not {"textual", "rich", "tomlkit", "markdown_it", "pygments"} & loaded


FIRST_SCREEN = """
sys.argv = ["vtcode-tui", "--model", "x", "--base-url", "http://127.0.0.1:1"]
from vtcode_tui import cli
from vtcode_tui.arguments import parse_arguments
cli._launch(parse_arguments(sys.argv[1:], "1"))
import vtcode_tui.tui.app"""


def test_the_first_screen_loads_no_client_and_no_parsers() -> None:
    loaded = modules_loaded_by(FIRST_SCREEN)
    heavy = {
        "httpx",
        "tomlkit",
        "pydantic_settings",
        "pygments.lexers.python",
        "textual.widgets._text_area",
        "vtcode_tui.grammar",
        "vtcode_tui.tui.chat_screen",
    }
    light = {"argparse", "json", "hashlib", "shlex", "tomllib", "markdown_it"}
    assert not (heavy | light) & loaded


def test_the_first_screen_takes_few_modules() -> None:
    """Each costs a quarter of a millisecond before anything is painted, and the chat has a hundred."""
    loaded = modules_loaded_by(FIRST_SCREEN)
    ours = {name for name in loaded if name.startswith("vtcode_tui.")}
    for package in ("agent", "conversation", "ollama", "permissions", "session", "tools"):
        early = {name for name in ours if name.startswith(f"vtcode_tui.{package}")}
        assert not early, "to be imported inside the functions that need them"
    assert not {name for name in ours if name.startswith("vtcode_tui.tui.blocks")}
    assert 30 < len(ours) <= 47, sorted(ours)


def test_the_first_screen_makes_few_methods() -> None:
    """A dataclass compiles its methods, a third of a millisecond each time; Textual has forty."""
    code = """
import dataclasses
made, make = [], dataclasses._process_class
dataclasses._process_class = lambda cls, *rest: (made.append(cls), make(cls, *rest))[1]
"""
    count = "\nsys.modules = {f'ours-{number}': None for number, each in enumerate(made) if 'vtcode' in each.__module__}"
    ours = [name for name in modules_loaded_by(code + FIRST_SCREEN + count) if "ours-" in name]
    assert 0 < len(ours) <= 28
