"""The command line's grammar. Standard library only, so that ``--help`` is quick."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_DESCRIPTION = """\
A full-screen coding agent for Ollama. Without a command it opens in the
terminal."""
_EPILOG = """\
examples:
  vtcode-tui                              open in this directory
  vtcode-tui --model qwen3:1.7b           open with a model
  vtcode-tui --embedded                   try it with the small built-in model
  vtcode-tui --model mistral:7b ask "Why is the sky blue?"
  git diff | vtcode-tui --model mistral:7b ask "Review this change"
"""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the user typed. None where an option was not given."""

    command: str | None
    provider: str | None
    model: str | None
    base_url: str | None
    effort: str | None
    theme: str | None
    embedded: bool
    directory: Path | None
    prompt: tuple[str, ...]
    trust: bool = False
    insecure_http: bool = False
    trust_action: str | None = None
    as_json: bool = False
    output_format: Literal["text", "json", "stream-json"] | None = None
    added_directories: tuple[Path, ...] = ()

    def overrides(self) -> dict[str, str | None]:
        """The options that stand above every file, by the names that configuration knows."""
        return {
            "provider": self.provider,
            "model": self.model,
            "base_url": self.base_url,
            "effort": self.effort,
            "theme": self.theme,
        }


def parse_arguments(argv: Sequence[str], version: str) -> Arguments:
    """Parse ``argv`` without the program's name. Exits with 0 for help, 2 for a usage error."""
    parser = argparse.ArgumentParser(
        prog="vtcode-tui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
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
    _add_trust(commands)
    options = parser.parse_args(argv)
    return Arguments(
        command=options.command,
        provider=options.provider,
        model=options.model,
        base_url=options.base_url,
        effort=options.effort,
        theme=options.theme,
        embedded=options.embedded,
        directory=options.directory,
        prompt=tuple(getattr(options, "prompt", ())),
        trust=options.trust,
        insecure_http=options.insecure_http,
        trust_action=getattr(options, "trust_action", None),
        as_json=getattr(options, "as_json", False),
        output_format=getattr(options, "output_format", None),
        added_directories=tuple(options.added_directories),
    )


def _add_trust(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
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
