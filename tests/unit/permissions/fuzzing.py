"""Mutations of commands, and the real shell as the judge of those that are allowed."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.unit.permissions.box import READERS, Box, words
from tests.unit.permissions.corpus import read_corpus
from tests.unit.permissions.folder import SECRET_BLOB
from vtcode_tui.permissions.commands import CommandRuling, rule_on_command

Rule: TypeAlias = Callable[[str], CommandRuling]

ALLOW_LIST = (*READERS, "npm test", "make check", "yes")

HARMLESS = (
    "ls -la src",
    "ls --color=never docs",
    "cat a.txt b.txt",
    "cat -n src/main.py",
    "head -20 README.md",
    "tail -n +2 a.txt",
    "wc -l a.txt b.txt",
    "sort -k2,2 -n a.txt | uniq -c | sort -rn | head -n 5",
    "cut -d: -f1 a.txt",
    "echo a | tr a-z A-Z",
    "grep -rn --include='*.py' TODO src",
    "grep -C 3 -e foo a.txt b.txt",
    "grep -il 'foo\\|bar' a.txt",
    r'grep -n "foo\|ba\w" a.txt',
    "echo {} a{}b",
    "rg -n 'fn main' src",
    "rg --files docs",
    "find src -name '*.py' -type f",
    "find . -maxdepth 2 \\( -name a.txt -o -name b.txt \\) -print",
    "find docs -newer a.txt -size +1k",
    "sed -n '1,5p' a.txt",
    "sed 's/foo/bar/g' a.txt",
    "diff -u a.txt b.txt",
    "du -sh src",
    "stat -c %s a.txt",
    "file a.txt",
    "pwd && ls",
    "date +%Y",
    "which git ls",
    "basename src/main.py .py",
    "true || false; echo done",
    "git status --short --branch",
    "git log --oneline -5 -- a.txt",
    "git log --format='%h %s' main..other",
    "git log -p -2 a.txt",
    "git --no-pager diff HEAD~1 HEAD",
    "git diff --cached --name-only",
    "git show HEAD~1:a.txt",
    "git show --stat HEAD",
    "git branch -a --contains HEAD",
    "git tag --list 'v*'",
    "git blame -L 1,2 a.txt",
    "git grep -n foo",
    "git rev-parse --abbrev-ref HEAD",
    "git ls-files src",
    "git stash list",
    "ls >/dev/null 2>&1",
    "cat a.txt 2>/dev/null || echo none",
    "grep foo a.txt &>/dev/null && echo found",
)

_LONG_OPTIONS = words(
    "--all --batch-mode --cached --color-words --compress-program=sh --contents --decorate --edit"
    " --exclude-from=.env --exec=touch --ext-diff --file=.env --files0-from=.env --follow"
    " --format=%G? --help --hostname-bin=sh --ignore-file=.env --no-ignore --open-files-in-pager"
    " --order-file --output=PWNED --out=PWNED --paginate --patch --pre=sh --reference=.env"
    " --search-zip --set=now --show-signature --stat --textconv --untracked --upload-pack=sh"
    " --unified=1 --unset-upstream --word-diff --exec-path=. --git-dir=evil --work-tree=/"
)
_OPTIONS = (
    *(f"-{letter}" for letter in string.ascii_letters + string.digits),
    *(f"-{first}{second}" for first in "nlriz" for second in "ofwzROxLeIP"),
    *words("-a -l -n -r -i -c -e -p -s -- - --stat --oneline --list -name -type -print"),
)
_OPERANDS = words(
    "a.txt b.txt src docs . README.md src/main.py ./src/../a.txt a.txt src 'a b.txt'"
    " main other HEAD HEAD~1 main..other HEAD:a.txt HEAD:.env :.env stash@{0} -1 2,3"
    " .env deploy.pem link_to_ssh dirlink dirlink/id_rsa ../../.ssh .. / /etc/passwd"
    " missing PWNED .git .git/config evil ls-evil vtcode.toml new-name"
    f" {SECRET_BLOB} {SECRET_BLOB[:9]} HEAD^{{tree}} HEAD^{{tree}}:.env"
)
_VALUES = words(
    "foo 'foo bar' f 1 2 5 1,2 +1 10k always never no:x 1,5p '$p' s/a/b/ s/a/b/e 1w"
    r" '%h' '%G?' \( \) '!' py d '*.py' '*' :all ':!a.txt' yesterday a-z A-Z"
)
_GIT_COMMANDS = (
    *(
        f"git {name}"
        for name in words(
            "status log diff show branch tag blame grep rev-parse ls-files describe shortlog remote"
        )
    ),
    "git stash list",
    "git stash show",
    "git --no-pager log",
    "git -P diff",
)
_ONLY_PRINT = frozenset({"echo", "true", "false", "basename", "dirname"})
_INVENTORS = (*(name for name in READERS if name not in _ONLY_PRINT), *_GIT_COMMANDS)
_PIECES = (
    *words("; & | && || < > >> $ ` \\ ' \" ( ) { } [ ] * ? ~ ! # = : , @ ^ - -- % + . / 1 2"),
    *words(";; >& &> >| <<< <<E $' $\" ${ $( <( >( |& &>> 2>&1 1>&2 3> \\\\ '' \"\""),
    *("\t", "\n", "\r", "\v", "\xa0", "\u200b", "é", "\\\n", "  ", " ", "\\ "),
    *words("PWNED touch tee sh env xargs eval exec -exec -execdir -delete -fprint -o -O -w -i"),
    *words("--output=PWNED --output --pre --no-index --ext-diff --textconv -c -C -p -f -r -R -L"),
    *words(".env ./.env deploy.pem link_to_ssh dirlink/id_rsa dirlink ../../.ssh/id_rsa .. / .git"),
    *(SECRET_BLOB, f"{SECRET_BLOB} a.txt", f"git show {SECRET_BLOB}", "HEAD --", "a.txt --"),
    *words("~/.ssh/id_rsa $HOME/.bashrc {a,b} a{b,.env} .en? .e* HEAD:.env :0:.env HEAD~1"),
    *_OPTIONS,
    *_LONG_OPTIONS,
    " touch PWNED",
    ";touch PWNED",
    "|tee PWNED",
    ">PWNED",
    " > PWNED",
    "2>PWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "A=1 ",
    " && ",
    " | ",
    "1e touch PWNED",
    "w PWNED",
)


@dataclass(slots=True)
class Report:
    tried: int = 0
    allowed: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)


def seeds(port: int) -> tuple[str, ...]:
    """Hostile and harmless commands; the harmless ones count thrice: they are nearer to a yes."""
    hostile = [record.command for record in read_corpus() if len(record.command) < 1000]
    network = f"cat a.txt > /dev/tcp/127.0.0.1/{port}"
    return (*hostile, network, *HARMLESS, *HARMLESS, *HARMLESS)


def mutations(seed: int, count: int, commands: Sequence[str]) -> Iterator[str]:
    generator = random.Random(seed)
    for number in range(count):
        if number % 3 == 0:
            yield _invented(generator)
            continue
        command = generator.choice(commands)
        for _ in range(generator.choice((1, 1, 1, 2, 2, 3, 5))):
            command = _mutated(command, generator, commands)
        yield command


def _invented(generator: random.Random) -> str:
    """A program that is listed, with words of all kinds behind it."""
    program = generator.choice(_INVENTORS)
    pools = (_OPTIONS, _OPERANDS, _LONG_OPTIONS, _VALUES)
    rest = (
        generator.choice(generator.choices(pools, (5, 5, 2, 2))[0])
        for _ in range(generator.randrange(1, 6))
    )
    return " ".join((program, *rest))


def _mutated(command: str, generator: random.Random, commands: Sequence[str]) -> str:
    place = generator.randrange(len(command) + 1)
    end = min(len(command), place + generator.choice((1, 1, 2, 5, 12)))
    piece = generator.choice(_PIECES)
    parts = command.split(" ")
    part = generator.randrange(len(parts))
    match generator.randrange(8):
        case 0:
            return command[:place] + piece + command[place:]
        case 1:
            return command[:place] + command[end:]
        case 2:
            return command[:place] + piece + command[end:]
        case 3:
            return " ".join((*parts[:part], piece, *parts[part:]))
        case 4:
            return " ".join((*parts[:part], piece, *parts[part + 1 :]))
        case 5:
            other = generator.choice(commands).split(" ")
            return " ".join((*parts[:part], generator.choice(other), *parts[part:]))
        case 6:
            glue = generator.choice((" ; ", " && ", " | ", " || ", ";", "|", " "))
            return command + glue + generator.choice(commands)
        case _:
            mark = generator.choice("'\"")
            return command[:place] + mark + command[place:end] + mark + command[end:]


def default_rule(box: Box) -> Rule:
    return lambda command: rule_on_command(
        command, allow_list=ALLOW_LIST, deny_list=(), paths=box.oracle
    )


def fuzz(
    box: Box, commands: Sequence[str], rule: Rule, report: Report, *, strace: bool = False
) -> None:
    """Rules on each command and runs those that are allowed, both ways where there are two."""
    for command in commands:
        report.tried += 1
        ruling = rule(command)
        if ruling.decision != "allow" or command in report.allowed:
            continue
        report.allowed.add(command)
        extra = ruling.environment
        trouble = list(box.run(command, environment=extra, strace=strace).trouble)
        if ruling.argv is not None:
            outcome = box.start(ruling.argv, environment=extra, strace=strace)
            trouble.extend(outcome.trouble)
            if box.bash_words(command) != ruling.argv:
                trouble.append(f"has other words for bash than {ruling.argv}")
        report.findings.extend(f"{command!r} {finding}" for finding in trouble)
