from __future__ import annotations

import base64
from pathlib import Path

import pytest

from vtcode_tui.agent.attaching import MAX_IMAGE_BYTES, Attacher, image_attachment, size_in_words
from vtcode_tui.conversation.prompts import Attachment, AttachmentKind, user_message
from vtcode_tui.errors import WorkspaceError
from vtcode_tui.tools.read_file import MAX_BYTES
from vtcode_tui.workspace.gate import Gate
from vtcode_tui.workspace.known_secrets import KnownSecrets
from vtcode_tui.workspace.root import Workspace

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 12 + b"IEND\xaeB`\x82"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    return project


@pytest.fixture
def attacher(project: Path, tmp_path: Path) -> Attacher:
    return Attacher(Gate(Workspace(project), homes=[tmp_path / "home"]))


def attach(attacher: Attacher, path: str) -> Attachment:
    candidate = attacher.find(path)
    assert candidate is not None
    return attacher.read(candidate)


def test_a_file_goes_along_whole(attacher: Attacher, project: Path) -> None:
    (project / "a.py").write_bytes(b"one\r\ntwo\n")
    attachment = attach(attacher, "a.py")
    assert attachment == Attachment(AttachmentKind.FILE, "a.py", "one\ntwo", note="2 lines")
    message = user_message("why?", (attachment,))
    assert message.content == "why?\n\n[file: a.py (2 lines)]\none\ntwo\n[end of a.py]"


def test_the_secrets_of_an_attached_file_are_known_from_then_on(project: Path) -> None:
    secrets = KnownSecrets()
    (project / ".env").write_text("API_TOKEN=canary-81f3\n")
    attach(Attacher(Gate(Workspace(project)), secrets), ".env")
    assert secrets.values == ("canary-81f3",)


def test_a_long_file_is_cut_and_says_so(attacher: Attacher, project: Path) -> None:
    (project / "long.txt").write_text("0123456789\n" * 10_000)
    candidate = attacher.find("long.txt")
    assert candidate is not None
    assert candidate.note == "110.0 kB, the first 32.8 kB of it"
    attachment = attacher.read(candidate)
    assert len(attachment.text.encode()) <= MAX_BYTES
    assert attachment.note == f"the first {attachment.text.count(chr(10)) + 1:,} of 10,000 lines"


def test_what_is_no_file_is_nothing(attacher: Attacher, project: Path) -> None:
    for path in ("nothing.py", "property", "", "https://example.org", "~/x", "a\0b", "x" * 5000):
        assert attacher.find(path) is None


@pytest.mark.parametrize("name", [".env", "id_rsa"])
def test_a_file_that_holds_secrets_is_asked_about(
    attacher: Attacher, project: Path, name: str
) -> None:
    (project / name).write_text("KEY=1")
    candidate = attacher.find(name)
    assert candidate is not None
    assert "secrets" in candidate.caution


def test_what_lies_outside_is_asked_about_and_credentials_are_refused(
    attacher: Attacher, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("x")
    candidate = attacher.find(str(tmp_path / "other.txt"))
    assert candidate is not None
    assert "outside" in candidate.caution
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "home" / ".ssh" / "id_rsa").write_text("x")
    with pytest.raises(WorkspaceError, match="off limits"):
        attacher.find(str(tmp_path / "home" / ".ssh" / "id_rsa"))


def test_a_link_out_of_the_project_is_followed_by_the_gate(
    attacher: Attacher, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("x")
    (project / "link.txt").symlink_to(tmp_path / "other.txt")
    candidate = attacher.find("link.txt")
    assert candidate is not None
    assert "outside" in candidate.caution


def test_a_file_beyond_any_reading_is_told_to_be_before_it_is_sent(
    attacher: Attacher, project: Path
) -> None:
    with (project / "huge.log").open("wb") as huge:
        huge.truncate(2_000_000_000)
    candidate = attacher.find("huge.log")
    assert candidate is not None
    assert candidate.note == "2000.0 MB, too large to attach"
    with pytest.raises(WorkspaceError, match="too large"):
        attacher.read(candidate)


def test_a_binary_file_is_refused_with_a_word(attacher: Attacher, project: Path) -> None:
    (project / "a.bin").write_bytes(b"\0\1\2" * 100)
    candidate = attacher.find("a.bin")
    assert candidate is not None
    with pytest.raises(WorkspaceError, match="binary"):
        attacher.read(candidate)


def test_a_picture_goes_as_base64_wherever_it_lies(attacher: Attacher, tmp_path: Path) -> None:
    (tmp_path / "shot.PNG").write_bytes(PNG)
    candidate = attacher.find(str(tmp_path / "shot.PNG"))
    assert candidate is not None
    assert candidate.is_image
    assert candidate.caution == ""
    attachment = attacher.read(candidate)
    assert base64.b64decode(attachment.image) == PNG
    assert user_message("see", (attachment,)).images == (attachment.image,)


def test_only_a_picture_counts_as_one(attacher: Attacher, project: Path) -> None:
    (project / "fake.png").write_text("SECRET=1")
    candidate = attacher.find("fake.png")
    assert candidate is not None
    with pytest.raises(WorkspaceError, match="no PNG"):
        attacher.read(candidate)
    jpeg = b"\xff\xd8\xff\xe0" + b"\0" * 20 + b"\xff\xd9"
    webp = b"RIFF" + (12).to_bytes(4, "little") + b"WEBP" + b"\0" * 8
    for whole in (PNG, jpeg, webp):
        assert image_attachment("whole", whole).image
        with pytest.raises(WorkspaceError, match="cut off"):
            image_attachment("cut", whole[:-6])
    with pytest.raises(WorkspaceError, match="at most"):
        image_attachment("huge.png", PNG + b"\0" * MAX_IMAGE_BYTES)


def test_a_directory_gives_its_names(attacher: Attacher, project: Path) -> None:
    (project / "src" / "deep").mkdir(parents=True)
    (project / "src" / "a.py").write_text("")
    attachment = attach(attacher, "src/")
    assert attachment == Attachment(AttachmentKind.FILE, "src/", "a.py\ndeep/", note="2 entries")


def test_sizes_are_told_in_words() -> None:
    assert [size_in_words(size) for size in (7, 4_200, 1_300_000)] == ["7 B", "4.2 kB", "1.3 MB"]
