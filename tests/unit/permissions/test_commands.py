"""What is allowed and as which words, what a list's entries mean, and what deny rules see."""

from __future__ import annotations

import pytest

from tests.unit.permissions.folder import FolderOracle, make_folder
from tests.unit.permissions.fuzzing import HARMLESS
from vtcode_tui.permissions.commands import CommandRuling, rule_on_command
from vtcode_tui.permissions.git_files import GIT_ENVIRONMENT

READING = ("ls", "cat", "grep", "git", "echo", "true", "head", "find", "sort", "rg", "tree")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> FolderOracle:
    return FolderOracle(make_folder(tmp_path_factory.mktemp("commands")).workspace)


def rule(
    command: str,
    oracle: FolderOracle,
    allow: tuple[str, ...] = READING,
    deny: tuple[str, ...] = (),
) -> CommandRuling:
    return rule_on_command(command, allow_list=allow, deny_list=deny, paths=oracle)


@pytest.mark.parametrize("command", HARMLESS)
def test_reading_commands_run_once_their_programs_are_listed(
    command: str, oracle: FolderOracle
) -> None:
    programs = (*READING, "tail", "wc", "uniq", "cut", "tr", "sed", "diff", "du", "stat", "file")
    others = ("pwd", "date", "which", "basename", "false", "sort")
    assert rule(command, oracle, (*programs, *others)).decision == "allow"


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("ls", ("ls",)),
        ("  ls -la src \n", ("ls", "-la", "src")),
        ("cat 'a b.txt'", ("cat", "a b.txt")),
        ('cat "a;b.txt"', ("cat", "a;b.txt")),
        (r"cat a\ b.txt", ("cat", "a b.txt")),
        ("echo 'it'\\''s' \"two  words\"x ''", ("echo", "it's", "two  wordsx", "")),
        ("echo 'wörter' grüße", ("echo", "wörter", "grüße")),
        ("git show HEAD~1:a.txt", ("git", "show", "HEAD~1:a.txt")),
        ("git --no-pager log", ("git", "--no-pager", "log")),
        ("git log stash@{0}", ("git", "log", "stash@{0}")),
    ],
)
def test_a_single_command_is_started_from_the_words_that_were_judged(
    command: str, argv: tuple[str, ...], oracle: FolderOracle
) -> None:
    ruling = rule(command, oracle)
    assert (ruling.decision, ruling.argv) == ("allow", argv)


def test_git_and_only_git_starts_with_the_environment_for_it(oracle: FolderOracle) -> None:
    assert rule("git status", oracle).environment == GIT_ENVIRONMENT
    assert rule("ls | head; git log", oracle).environment == GIT_ENVIRONMENT
    assert rule("ls", oracle).environment == {}
    assert rule("git push", oracle).environment == {}


@pytest.mark.parametrize(
    "command",
    [
        "ls; ls",
        "ls && true",
        "cat a.txt | head",
        "ls 2>&1",
        "ls >/dev/null",
        "true || ls </dev/null",
    ],
)
def test_what_needs_a_shell_is_allowed_without_words(command: str, oracle: FolderOracle) -> None:
    ruling = rule(command, oracle)
    assert (ruling.decision, ruling.argv) == ("allow", None)


@pytest.mark.parametrize(
    ("entry", "command", "decision"),
    [
        ("git status", "git status -s", "allow"),
        ("git status", "git  status", "allow"),
        ("git status", "git log", "prompt"),
        ("git", "git log", "allow"),
        ("git --no-pager log", "git log -3", "allow"),
        ("ls -l", "ls -l src", "allow"),
        ("ls -l", "ls src", "prompt"),
        ("npm test", "npm test", "allow"),
        ("npm test", "npm test -- --watch", "prompt"),
        ("npm", "npm test", "prompt"),
        ("npm run 'a b'", 'npm run "a b"', "allow"),
        ("make", "make >/dev/null 2>&1", "allow"),
        ("cargo test", "cargo test --release some_test", "allow"),
        ("cargo test", "cargo test -- --nocapture", "allow"),
        ("cargo test", "cargo test --config x", "prompt"),
        ("go test", "go test -run 'A|B' ./...", "allow"),
        ("go test", "go test -exec ./pwn ./...", "prompt"),
        ("rg", "rg --files", "allow"),
        ("rg", "rg foo", "prompt"),
        ("cargo publish", "cargo publish", "allow"),
        ("cargo publish", "cargo publish --force", "prompt"),
        ("pytest", "pytest -k 'a and not b' tests", "allow"),
        ("python3 -m pytest", "python3 -m pytest -q", "allow"),
        ("python3 -m pytest", "python3 -m http.server", "prompt"),
        ("python3", "python3 -m pytest", "allow"),
        ("python3 run.py", "python3 run.py", "prompt"),
        ("git push", "git push", "prompt"),
        ("rm -rf build", "rm -rf build", "prompt"),
        ("./run-tests", "./run-tests", "prompt"),
        ("ls; touch x", "ls; touch x", "prompt"),
        ("npm *", "npm test", "prompt"),
        ("", "ls", "prompt"),
    ],
)
def test_an_entry_allows_what_it_names_and_nothing_beside(
    entry: str, command: str, decision: str, oracle: FolderOracle
) -> None:
    assert rule(command, oracle, (entry,)).decision == decision


def test_every_part_of_a_chain_must_be_listed(oracle: FolderOracle) -> None:
    assert rule("ls && cat a.txt", oracle, ("ls", "cat")).decision == "allow"
    assert rule("ls && cat a.txt", oracle, ("ls",)).decision == "prompt"


def test_nothing_is_allowed_without_a_list(oracle: FolderOracle) -> None:
    assert rule("true", oracle, ()).decision == "prompt"


@pytest.mark.parametrize(
    "command",
    [
        "rm x",
        "/bin/rm x",
        "./rm x",
        r"\rm x",
        "r''m x",
        "$'r'\"m\" x",
        "r\\\nm x",
        '"rm" x',
        "RM x",
        "ls; rm x",
        "ls&&rm x",
        "ls\nrm x",
        "ls | rm x",
        "(rm x)",
        "{ rm x; }",
        "! rm x",
        "if true; then rm x; fi",
        "while rm x; do :; done",
        "f() { rm x; }",
        "function f { rm x; }",
        "case a in a) rm x;; esac",
        "A=1 B=2 rm x",
        ">log rm x",
        "env rm x",
        "env -i A=1 rm x",
        "sudo -u root rm x",
        "sudo env rm x",
        "timeout -k 5s 10 rm x",
        "nice -n 5 rm x",
        "xargs -I {} rm {}",
        "find . -exec rm {} +",
        "fd -x rm",
        "echo $(rm x)",
        'echo "a $(rm x)"',
        'echo "`rm x`"',
        "cat <(rm x)",
        "sh -c 'rm x'",
        "bash -lc rm",
        "sh -c 'ls; sh -c \"rm x\"'",
        "eval 'rm x'",
        "trap 'rm x' EXIT",
        "env -S 'rm x'",
        "sh <<EOF\nrm x\nEOF",
        "cat <<EOF\ntext\nEOF\nrm x",
        "busybox rm x",
        '$"rm" x',
        "time -p rm x",
        "coproc N { rm x; }",
        "chroot / rm x",
        "flock /tmp/lock rm x",
        "ssh host rm x",
        "bash <<< 'rm x'",
        "rm\tx",
        "ls \\\n; rm x",
        "echo $((1)); rm x",
        "rm x #" + " " * 20_000,
        ";" * 20_000 + "rm x",
    ],
)
def test_a_denied_program_is_refused_wherever_it_can_be_seen(
    command: str, oracle: FolderOracle
) -> None:
    ruling = rule(command, oracle, deny=("rm",))
    assert (ruling.decision, ruling.reason) == ("deny", "rm is on the deny list")


@pytest.mark.parametrize(
    "command",
    [
        "echo rm",
        "echo 'rm x'",
        "echo '$(rm x)'",
        "echo '; rm x'",
        "grep -x rm a.txt",
        "cat a.txt # rm x",
        "git log --grep rm",
        "cat > notes <<'EOF'\nrm x\nEOF",
        "cat <<< 'rm x'",
        "sudo grep rm a.txt",
        "rmdir-not x",
        "$(pick rm) x",
        "$PYTHON rm x",
    ],
)
def test_a_word_that_starts_nothing_is_not_refused(command: str, oracle: FolderOracle) -> None:
    assert rule(command, oracle, deny=("rm",)).decision != "deny"


@pytest.mark.parametrize(
    ("entry", "command", "decision"),
    [
        ("git push", "git push origin main", "deny"),
        ("git push", "git -C x push", "deny"),
        ("git push", "git --no-pager push", "deny"),
        ("git push", "git log", "allow"),
        ("git push", "git log push", "prompt"),
        ("git log", "git log -3", "deny"),
        ("git log -p", "git log --oneline -p", "prompt"),
        ("ls *", "ls", "deny"),
        ("ca*", "cat a.txt", "deny"),
        ("/bin/ls", "ls", "deny"),
        ("*", "ls", "deny"),
        ("", "ls", "allow"),
        ("  ", "ls", "allow"),
    ],
)
def test_a_deny_entry_may_name_words_and_wins_over_the_allow_list(
    entry: str, command: str, decision: str, oracle: FolderOracle
) -> None:
    assert rule(command, oracle, deny=(entry,)).decision == decision


@pytest.mark.parametrize("command", ["ls\0", "ls\ud800", "x" * 131_072, "é" * 65_536])
def test_what_no_program_can_be_given_is_refused(command: str, oracle: FolderOracle) -> None:
    assert rule(command, oracle).decision == "deny"


def test_a_file_that_vanished_asks(oracle: FolderOracle) -> None:
    assert rule("cat a.txt", oracle).decision == "allow"
    assert rule("cat gone.txt", oracle).reason.startswith(
        "names gone.txt, which is secret, missing"
    )


def test_a_long_word_is_cut_in_the_reason(oracle: FolderOracle) -> None:
    assert len(rule("cat " + "x" * 3000, oracle).reason) < 200
