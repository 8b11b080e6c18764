"""Generates shell completion scripts from the grammar."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from vtcode_tui.usage import options_of, subparsers_of

SHELLS = ("bash", "zsh", "fish")
_PROGRAM = "vtcode-tui"


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script for one of ``SHELLS``, to be sourced."""
    places = list(_places(parser, ()))
    if shell == "fish":
        return _fish(places)
    cases = "\n".join(
        f'    "{_key(path)}") words="{" ".join(_words(each))}" ;;' for path, each in places
    )
    steps = "\n".join(
        f'      "{_key(path[:-1])}:{path[-1]}") place="{_key(path)}" ;;'
        for path, _ in places
        if path
    )
    body = f"""\
  local word words="" place=""
  for word in "${{given[@]}}"; do
    case "$place:$word" in
{steps}
    esac
  done
  case "$place" in
{cases}
  esac"""
    return (_ZSH if shell == "zsh" else _BASH).format(body=body)


_BASH = """\
# Read in with: source <(vtcode-tui completion bash)
_vtcode_tui() {{
  local given=("${{COMP_WORDS[@]:1:COMP_CWORD-1}}")
{body}
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _vtcode_tui vtcode-tui
"""
_ZSH = """\
#compdef vtcode-tui
# Read in with: source <(vtcode-tui completion zsh)
_vtcode_tui() {{
  local -a given=("${{(@)words[2,CURRENT-1]}}")
  local -a all
{body}
  all=(${{=words}})
  compadd -a all || _files
}}
compdef _vtcode_tui vtcode-tui
"""


def _places(
    parser: argparse.ArgumentParser, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    yield path, parser
    for name, command in subparsers_of(parser).items():
        yield from _places(command, (*path, name))


def _key(path: tuple[str, ...]) -> str:
    return "/".join(path)


def _words(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from subparsers_of(parser)
    for action in parser._actions:
        yield from (name for name in action.option_strings if name.startswith("--"))
        if not action.option_strings and isinstance(action.choices, tuple | list):
            yield from map(str, action.choices)


def _fish(places: list[tuple[tuple[str, ...], argparse.ArgumentParser]]) -> str:
    lines = ["# Read in with: vtcode-tui completion fish | source"]
    for path, parser in places:
        commands = subparsers_of(parser)
        seen = [f"__fish_seen_subcommand_from {name}" for name in path]
        unseen = f"not __fish_seen_subcommand_from {' '.join(commands)}" if commands else ""
        condition = "; and ".join(filter(None, [*seen, unseen]))
        when = f" -n '{condition}'" if condition else ""
        lines += [f"complete -c {_PROGRAM} -f{when} -a {word}" for word in _arguments(parser)]
        for action in options_of(parser):
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in action.option_strings
            )
            takes = "" if action.nargs == 0 else " -r"
            text = (action.help or "").replace("\\", "").replace("'", "")
            lines.append(f"complete -c {_PROGRAM}{when} {names}{takes} -d '{text}'")
    return "\n".join(lines) + "\n"


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    return (word for word in _words(parser) if not word.startswith("-"))
