"""The command line's grammar: its commands, their options and what the help says of them.

Standard library only, so that ``--help`` is quick.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from vtcode_tui.usage import Parser

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

_DESCRIPTION = """\
A full-screen coding agent for Ollama. Without a command it opens in the
terminal."""
_EPILOG = """\
examples:
  vtcode-tui                              open in this directory
  vtcode-tui --model qwen3:1.7b           open with a model
  vtcode-tui "Explain this project"       open, and send that
  vtcode-tui --continue                   go on with the last session held here
  vtcode-tui --embedded                   try it with the small built-in model
  vtcode-tui --model mistral:7b ask "Why is the sky blue?"
  git diff | vtcode-tui --model mistral:7b ask "Review this change"
  vtcode-tui exec --approve edit_file "Fix the typo in README.md"
  vtcode-tui models pull qwen3:1.7b       have the server download a model
  vtcode-tui doctor                       check server, models and settings
"""


def build_parser(version: str) -> argparse.ArgumentParser:
    """The grammar of the whole command line."""
    parser: argparse.ArgumentParser = Parser(
        prog="vtcode-tui",
        usage="vtcode-tui [OPTION]... [COMMAND ... | PROMPT]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_options(parser, version)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", prog="vtcode-tui"
    )
    _add_ask(commands)
    _add_exec(commands)
    _add_sessions(commands)
    _add_models(commands)
    _add_doctor(commands)
    _add_trust(commands)
    _add_serve(commands)
    _add_config(commands)
    _add_completion(commands)
    return parser


def _add_options(parser: argparse.ArgumentParser, version: str) -> None:
    parser.add_argument("--version", action="version", version=f"vtcode-tui {version}")
    parser.add_argument("--provider", metavar="NAME", help="the provider: ollama")
    parser.add_argument("-m", "--model", metavar="ID", help="the model, as the server names it")
    parser.add_argument("--base-url", metavar="URL", help="the server's address")
    parser.add_argument("--effort", metavar="LEVEL", help="none, low, medium, high or max")
    parser.add_argument("--theme", metavar="NAME", help="the colours, such as textual-light")
    parser.add_argument("--embedded", action="store_true", help="use the small built-in model")
    parser.add_argument(
        "-C", "--directory", metavar="DIR", type=Path, help="work there instead of here"
    )
    parser.add_argument(
        "--add-dir",
        metavar="DIR",
        dest="added_directories",
        type=Path,
        action="append",
        default=[],
        help="let files there be read and written too; can be given again",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="for this run, use all that the project's files ask for",
    )
    parser.add_argument(
        "--insecure-http", action="store_true", help="let a key go to another machine by plain http"
    )
    parser.add_argument(
        "--continue", dest="continue_last", action="store_true", help="go on with the last session"
    )
    parser.add_argument(
        "--resume",
        metavar="ID",
        nargs="?",
        const="",
        help="go on with a session; without ID, pick it",
    )


def _add_ask(commands: Commands) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask one question and print the answer",
        description="Ask one question without tools; the answer streams to stdout. A JSON object with"
        " messages is sent as one request, with its tools and tool_choice.",
    )
    ask.add_argument(
        "prompt",
        nargs="*",
        help="the question; '-' reads it from stdin; a pipe is added to it;"
        " or a JSON request, or @FILE with one",
    )
    ask.add_argument(
        "--output-format",
        choices=("text", "json", "stream-json"),
        help="default: text for a question, json for a JSON request",
    )


def _add_exec(commands: Commands) -> None:
    command = commands.add_parser(
        "exec",
        help="let the agent do one thing without a screen",
        description="One turn of the agent. The answer goes to stdout, progress to stderr. What the"
        " settings allow runs; what they would ask about is refused unless it is approved here."
        " Exit codes: 0 done, 1 failed, 2 usage or untrusted, 3 a call was refused, 4 a limit was"
        " reached, 130 interrupted. The options of vtcode-tui --help may stand here too.",
    )
    command.add_argument(
        "prompt", nargs="*", help="what to do; '-' reads it from stdin; a pipe is added to it"
    )
    command.add_argument(
        "--json", dest="as_json", action="store_true", help="print events, one JSON object a line"
    )
    command.add_argument(
        "--approve",
        metavar="TOOL[,TOOL]",
        action="append",
        default=[],
        help="let these tools run where the settings would ask",
    )
    command.add_argument(
        "--approve-all", action="store_true", help="let every tool run where the settings would ask"
    )
    command.add_argument("--max-steps", metavar="N", type=_count, help="stop after N requests")
    command.add_argument(
        "--timeout", metavar="S", type=_seconds, help="stop after S seconds, with all they were for"
    )
    command.add_argument(
        "--continue",
        dest="exec_continue",
        action="store_true",
        help="go on with the last session held here",
    )
    command.add_argument(
        "--resume", dest="exec_resume", metavar="ID", help="go on with the session of this id"
    )


def _add_sessions(commands: Commands) -> None:
    sessions = commands.add_parser(
        "sessions",
        help="list, show, export, delete and prune the sessions that are kept",
        description="The sessions that were held in this directory. An ID may be shortened.",
    )
    actions = sessions.add_subparsers(dest="sessions_action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the sessions held here, newest first")
    listing.add_argument("--json", dest="as_json", action="store_true", help="as a JSON array")
    show = actions.add_parser("show", help="print one as Markdown")
    export = actions.add_parser("export", help="write one out, as Markdown or JSON")
    export.add_argument("--json", dest="as_json", action="store_true", help="as JSON")
    export.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="to this file, which must not exist"
    )
    delete = actions.add_parser("delete", help="delete sessions")
    for one in (show, export):
        one.add_argument("ids", nargs=1, metavar="ID")
    delete.add_argument("ids", nargs="+", metavar="ID")
    prune = actions.add_parser("prune", help="delete old sessions, after a question")
    prune.add_argument(
        "--older-than", metavar="DAYS", type=_seconds, help="those not used for so many days"
    )
    prune.add_argument("--keep", metavar="N", type=_count, help="all but the N newest")
    prune.add_argument("--yes", action="store_true", help="do not ask")
    for many in (listing, prune):
        many.add_argument(
            "--all", dest="everywhere", action="store_true", help="of all directories"
        )


def _add_models(commands: Commands) -> None:
    models = commands.add_parser(
        "models",
        help="list and show the server's models, and have it fetch one",
        description="The models of the server that the settings name.",
    )
    actions = models.add_subparsers(dest="models_action", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list", help="what is installed: size, context, abilities, whether it fits, its speed"
    )
    show = actions.add_parser("show", help="what one is, can do and needs")
    pull = actions.add_parser(
        "pull", help="have the server fetch one; it goes on where an earlier pull stopped"
    )
    for one in (listing, show):
        one.add_argument("--json", dest="as_json", action="store_true", help="as JSON")
    for one in (show, pull):
        one.add_argument("model_name", metavar="NAME")


def _add_doctor(commands: Commands) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="check the server, the models, the settings and this machine",
        description="Checks everything that the program hangs on. Each line is ok, warn or fail, with"
        " the command that mends it. Exit code 1 where something failed.",
    )
    doctor.add_argument("--json", dest="as_json", action="store_true", help="as JSON")


def _add_config(commands: Commands) -> None:
    config = commands.add_parser(
        "config",
        help="see what is configured and by what; write a first file",
        description="What holds here, with the file, variable or option that says so.",
    )
    actions = config.add_subparsers(dest="config_action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="every setting with its value and where it is from")
    path = actions.add_parser("path", help="the files that are looked for")
    for one in (show, path):
        one.add_argument("--json", dest="as_json", action="store_true", help="as a JSON array")
    init = actions.add_parser("init", help="write a file with every key and its explanation")
    init.add_argument(
        "--project",
        dest="for_project",
        action="store_true",
        help="vtcode.toml of this project, not your own file",
    )


def _add_completion(commands: Commands) -> None:
    completion = commands.add_parser(
        "completion",
        help="print a script that completes this command in a shell",
        description="For bash: source <(vtcode-tui completion bash)",
    )
    completion.add_argument(
        "shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish"
    )


def _add_trust(commands: Commands) -> None:
    trust = commands.add_parser(
        "trust",
        help="see and approve what this project's files ask for",
        description="Without an action: show what the project asks for, and ask whether to approve it.",
    )
    trust.add_argument(
        "trust_action",
        nargs="?",
        choices=("status", "add", "remove"),
        metavar="ACTION",
        help="status: only show it; add: approve it as it is now; remove: take the approval back",
    )
    trust.add_argument("--json", dest="as_json", action="store_true", help="status as JSON")


def _add_serve(commands: Commands) -> None:
    serve = commands.add_parser(
        "serve",
        help="show the app in a browser on this machine",
        description="Serve the app to a browser on this machine, at an address with a secret in it.",
    )
    serve.add_argument(
        "--port", metavar="N", type=_port, default=0, help="listen there; default: any free port"
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError
    return number


_count.__name__ = "number of at least 1"
_seconds.__name__ = "number above 0"


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError
    return number


_port.__name__ = "port from 0 to 65535"
