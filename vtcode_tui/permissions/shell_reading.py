"""A tolerant reading of a text as a shell's: the words of its simple commands, as far as they can be told.

Variables that the text itself sets, braces, and what a plain ``$(echo ...)`` prints are put in. A value
that is not known is nothing inside a word, and "$" where it is the whole of one. Pure; see ``visible``,
which bounds the texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vtcode_tui.permissions.never import SHELLS, words

READS_SCRIPT = SHELLS | words("source .")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=")

_TOKEN = re.compile(
    r"""
      (?P<continuation>\\\n)
    | (?P<herestring><<<)
    | (?P<blank>[ \t]+|\$IFS\b|\$\{IFS[^{}]*\})
    | (?P<newline>\n)
    | (?P<heredoc><<-?(?!<))
    | (?P<redirection>&>>?|[0-9]*(?:<<<|>>|>\||>&|<&|<>|[<>](?!\()))
    | (?P<parameter>\$(?:[A-Za-z_]\w*|[0-9@*\#!-])
        |\$\{[A-Za-z_0-9@*]\w*
         (?:\[[@*0]\]|[,^]{1,2}|@[A-Za-z]|:[0-9]{1,3}(?::[0-9]{1,3})?|:?[-=+][^{}'"$`]*)?\})
    | (?P<separator>\$?\(+|[<>]\(|[)`;|&]|\$\{)
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)(?:'|\\?\Z)
    | '(?P<single>[^']*)(?:'|\Z)
    | \$?"(?P<double>(?:[^"\\]|\\.)*)(?:"|\\?\Z)
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\$`();&|<>]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETER = re.compile(
    r"""
    \$(?:
        (?P<name>[A-Za-z_]\w*|[0-9@*\#!-])
      | \{(?P<held>[A-Za-z_]\w*|[0-9@*])(?:\[[@*0]\]|[,^]{1,2}|@[A-Za-z])?\}
      | \{(?P<cut>[A-Za-z_]\w*):(?P<start>[0-9]{1,3})(?::(?P<size>[0-9]{1,3}))?\}
      | \{[A-Za-z_]\w*:?[-=+](?P<default>[^{}'"$`]*)\}
    )
    """,
    re.VERBOSE,
)
_PLAIN_SUBSTITUTION = re.compile(r"\$\(([^()`$]*)\)|`([^`$]*)`")
_SUBSTITUTION_START = re.compile(r"\$\(|`")
_PARENTHESES = re.compile(r"""[()]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|['"]""", re.DOTALL)
_ANSI_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_GROUP = re.compile(r"\{([^{}\s]*,[^{}\s]*|[^{}\s]\.\.[^{}\s])\}")
_MOST_SPELLINGS = 16
_MOST_PUT_IN = 8192
_DECLARES = words("export declare typeset local readonly env")
_KNOWN = {
    "0": "bash",
    "BASH": "/bin/bash",
    "HOME": "/root",
    "PATH": "/usr/bin:/bin",
    "PWD": "/root",
    "SHELL": "/bin/bash",
}


class ShellReading:
    """Splits a text into the words of its simple commands. ``values`` are the variables that are known,
    and takes in those that the text sets.

    ``substitutions`` are the texts inside quotes that hold commands, and the here-documents of a text
    that names a shell; ``inputs`` the other here-documents and all here-strings; ``targets`` the files
    that something is written to.
    """

    def __init__(self, text: str, values: dict[str, str]) -> None:
        self._text = text
        self._values = values
        self._words: list[str] = []
        self._word: list[str] | None = None
        self._after_operator = ""
        self._is_quoted = False
        self._may_be_group = False
        self._left = _MOST_PUT_IN
        self._cases = 0
        self._opened: list[tuple[str, list[str], str | None]] = []
        self._delimiters: list[tuple[str, bool]] = []
        self._names_shell = False
        self._expands_again = "@P}" in text
        self.substitutions: list[str] = []
        self.inputs: list[str] = []
        self.targets: set[str] = set()

    def simple_commands(self) -> Iterator[list[str]]:
        position = 0
        while position < len(self._text):
            token = _TOKEN.match(self._text, position)
            if token is None:
                break
            position = token.end()
            kind = token.lastgroup or ""
            if kind == "plain" and token[0].startswith("#") and self._word is None:
                position = self._line_end(position)
            elif kind == "blank":
                self._end_word()
            elif kind in ("redirection", "heredoc", "herestring"):
                self._end_word()
                self._after_operator = kind if ">" not in token[0] else "target"
            elif kind == "separator":
                yield from self._separate(token[0])
            elif kind == "newline":
                yield from self._end_command()
                position = self._after_bodies(position)
            elif kind == "parameter":
                self._add_parameter(token[0], follows=self._text[position : position + 1])
            elif kind != "continuation":
                self._add(kind, token[kind])
        yield from self._end_command()

    def _separate(self, separator: str) -> Iterator[list[str]]:
        """The command before it ends; behind a substitution it goes on, where it is known how."""
        is_end = separator == ")" or (separator == "`" and self._is_open("`"))
        if separator == ")" and self._cases and not self._opened:
            self._drop_pattern()
        if separator[-1] == "(" or (separator == "`" and not is_end):
            word = "".join(self._word) if self._word is not None else None
            self._opened.append((separator, list(self._words), word))
        yield_of = list(self._end_command())
        yield from yield_of
        if not is_end or not self._opened:
            return
        opener, before, word = self._opened.pop()
        printed = printed_by(yield_of[-1]) if yield_of else None
        if printed is None or opener not in ("$(", "`"):
            return
        first, *rest = printed.split() or [""]
        self._words, self._word = before, [(word or "") + first]
        for each in rest:
            self._end_word()
            self._word = [each]

    def _drop_pattern(self) -> None:
        """What stands before an unmatched ")" in a case is no command."""
        self._word = None
        self._words.clear()

    def _is_open(self, opener: str) -> bool:
        return bool(self._opened) and self._opened[-1][0] == opener

    def _add(self, kind: str, content: str) -> None:
        if kind == "ansi":
            content = plain_escapes(content)
        if kind == "plain":
            self._may_be_group = self._may_be_group or "{" in content
        else:
            self._is_quoted = True
        if kind == "single":
            self._take_evaluated(content)
        if kind == "double":
            self._take_substitutions(content)
            self._take_evaluated(content)
            content = _PLAIN_SUBSTITUTION.sub(self._printed, content)
            content = _PARAMETER.sub(self._value_or_name, content)
            content = re.sub(r'\\([$`"\\])', r"\1", content.replace("\\\n", ""))
        if self._word is None:
            self._word = []
        self._word.append(content)

    def _add_parameter(self, source: str, *, follows: str) -> None:
        """Outside quotes: the value is split at its blanks."""
        found = _PARAMETER.fullmatch(source)
        value = self._value(found) if found is not None else ""
        is_whole = self._word is None and (follows.isspace() or follows in ("", *";|&<>()"))
        first, *rest = (value or "").split() or [""]
        if is_whole and value is None:
            first = "$"
        if first or not is_whole:
            self._word = [*(self._word or ()), first]
        for each in rest:
            self._end_word()
            self._word = [each]

    def _value(self, found: re.Match[str]) -> str | None:
        """None where it is not known; nothing, too, once very much was put in."""
        value = self._whole_value(found)
        self._left -= len(value or "")
        return value if self._left > 0 else ""

    def _whole_value(self, found: re.Match[str]) -> str | None:
        if found["default"] is not None:
            return found["default"]
        name = found["name"] or found["held"]
        if name is not None:
            is_empty = name.isdigit() or not name.isidentifier()
            return self._values.get(name, _KNOWN.get(name, "" if is_empty else None))
        value = self._values.get(found["cut"], _KNOWN.get(found["cut"], ""))
        start = int(found["start"])
        return value[start : start + int(found["size"])] if found["size"] else value[start:]

    def _value_or_name(self, found: re.Match[str]) -> str:
        value = self._value(found)
        return found[0] if value is None else value

    def _printed(self, found: re.Match[str]) -> str:
        lines = list(ShellReading(found[1] or found[2] or "", self._values).simple_commands())
        printed = printed_by(lines[-1]) if lines else None
        return found[0] if printed is None else printed

    def _take_substitutions(self, content: str) -> None:
        end = 0
        for found in _SUBSTITUTION_START.finditer(content):
            if found.start() >= end:
                start = found.end()
                end = _end_of_substitution(content, start, found[0])
                self.substitutions.append(content[start:end])

    def _take_evaluated(self, content: str) -> None:
        """A subscript is evaluated again by what reads it, and ``${x@P}`` expands what x holds."""
        if self._expands_again or "[$(" in content or "[`" in content:
            self._take_substitutions(content)

    def _end_word(self) -> None:
        if self._word is None:
            return
        word = "".join(self._word)
        if self._after_operator == "heredoc":
            self._delimiters.append((word, self._is_quoted))
        elif self._after_operator == "herestring":
            (self.substitutions if self._names_shell else self.inputs).append(word)
        elif self._after_operator == "target":
            self.targets.add(word)
        elif not self._after_operator:
            spellings = _ungrouped(word) if self._may_be_group else [word]
            self._words.extend(spellings)
            self._names_shell = self._names_shell or base_name(word) in READS_SCRIPT
        self._word = None
        self._is_quoted = False
        self._may_be_group = False
        self._after_operator = ""

    def _end_command(self) -> Iterator[list[str]]:
        self._end_word()
        self._after_operator = ""
        line, self._words = self._words, []
        if line:
            self._cases += ("case" in line[:2]) - ("esac" in line[:2])
            self._take_values(line)
            yield line

    def _take_values(self, line: Sequence[str]) -> None:
        if line[0] == "for" and line[2:3] == ["in"] and len(line) > 3:
            self._values[line[1]] = line[3]
        if line[0] == "printf" and line[1:2] == ["-v"] and len(line) > 3:
            self._values[line[2]] = printed_by(["printf", *line[3:]]) or ""
        for word in line[1:] if line[0] in _DECLARES else line:
            found = ASSIGNMENT.match(word)
            if found is not None:
                name, _, value = word.partition("=")
                is_more = name.endswith("+")
                name = name.removesuffix("+").partition("[")[0]
                self._values[name] = (self._values.get(name, "") if is_more else "") + value
            elif line[0] not in _DECLARES:
                return

    def _line_end(self, position: int) -> int:
        end = self._text.find("\n", position)
        return len(self._text) if end < 0 else end

    def _after_bodies(self, position: int) -> int:
        """Where the text goes on behind the here-documents that begin at ``position``."""
        start = position
        for delimiter, is_quoted in self._delimiters:
            begins = position
            while position < len(self._text):
                end = self._line_end(position)
                line = self._text[position:end].lstrip("\t")
                position = end + 1
                if line == delimiter:
                    break
            if not is_quoted:
                self._take_substitutions(self._text[begins:position])
        self._delimiters = []
        if position > start:
            body = self._text[start:position]
            (self.substitutions if self._names_shell else self.inputs).append(body)
        return position


def _end_of_substitution(content: str, start: int, opener: str) -> int:
    """Where the commands that begin at ``start`` end; the end of ``content`` where that is not clear."""
    if opener == "`":
        end = content.find("`", start)
        return end if end >= 0 else len(content)
    depth = 1
    for token in _PARENTHESES.finditer(content, start):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0:
            return token.start()
        if token[0] in ("'", '"'):  # One that is never closed, such as an apostrophe.
            break
    return len(content)


def base_name(word: str) -> str:
    """The name of the program that ``word`` starts, folded as lax file systems do."""
    return word.rsplit("/", 1)[-1].casefold().removesuffix(".exe")


def plain_escapes(content: str) -> str:
    """The text that bash makes of the inside of $'...', as printf does of its first word."""

    def character(match: re.Match[str]) -> str:
        digits = match[1] or match[2] or match[3]
        if digits is None and match[4] is None:
            return {"n": "\n", "t": "\t"}.get(match[5], match[5])
        code = int(digits, 16) if digits is not None else int(match[4], 8)
        return chr(code) if code < 0x110000 else ""

    return _ANSI_ESCAPE.sub(character, content)


def printed_by(line: Sequence[str]) -> str | None:
    """What a command of these words prints, where that is plain; None where it is not known."""
    name, rest = base_name(line[0]), list(line[1:])
    if name == "echo":
        options = [word for word in rest if re.fullmatch(r"-[neE]+", word)]
        text = " ".join(rest[len(options) :])
        return plain_escapes(text) if any("e" in option for option in options) else text
    if name == "printf":
        values = iter(rest[1:])
        text = plain_escapes(rest[0]) if rest else ""
        return re.sub(r"%[sbq]", lambda _: next(values, ""), text)
    if name == "which" or (name in ("command", "type") and rest[:1] in (["-v"], ["-p"], ["-P"])):
        return rest[-1] if rest else None
    return None


def _ungrouped(word: str) -> list[str]:
    """The words that bash makes of one with braces, as many as are worth a look."""
    done: list[str] = []
    waiting = [word]
    while waiting and len(done) + len(waiting) <= _MOST_SPELLINGS:
        each = waiting.pop(0)
        group = _GROUP.search(each)
        if group is None:
            done.append(each)
            continue
        first, last = (group[1][0], group[1][-1]) if ".." in group[1] else ("", "")
        choices = (
            [chr(code) for code in range(ord(first), ord(last) + 1)][:_MOST_SPELLINGS]
            if first and "," not in group[1]
            else group[1].split(",")
        )
        waiting += [each[: group.start()] + choice + each[group.end() :] for choice in choices]
    return [each for each in (*done, *waiting) if each][:_MOST_SPELLINGS]
