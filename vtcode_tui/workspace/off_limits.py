"""Places that no tool may use, whatever the policy: credential stores, the kernel's directories,
and this program's own files.

Judged by path, before and after resolving links; nothing in them is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from vtcode_tui.workspace.names import folded

_SYSTEM = (
    "/proc /sys /dev /etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow- /etc/sudoers"
    " /etc/sudoers.d /etc/ssl/private /run/secrets /run/credentials /run/user /var/run/secrets"
    " /private/etc/master.passwd"
)
_IN_HOMES = (
    ".ssh .aws .azure .gnupg .kube .docker .oci .config/gcloud .config/gh .config/glab-cli"
    " .config/hub .config/doctl .config/op .config/rclone .config/containers .config/git/credentials"
    " .config/google-chrome .config/chromium .config/BraveSoftware .config/Bitwarden .mozilla"
    " .netrc .git-credentials .npmrc .pypirc .pgpass .my.cnf .s3cfg .boto .dockercfg .vault-token"
    " .ollama .password-store .local/share/keyrings .local/share/kwalletd .cargo/credentials"
    " .cargo/credentials.toml .gem/credentials .terraform.d .terraformrc .huggingface/token"
    " .cache/huggingface/token .config/vtcode-tui .local/state/vtcode-tui Library/Keychains"
    " Library/Cookies Library/Application#Support/vtcode-tui"
    " Library/Application#Support/Google/Chrome Library/Application#Support/Firefox"
)
_ANYWHERE_OUTSIDE = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube", ".password-store"})


class OffLimits:
    """``homes`` are the user's home directories, ``own`` this program's directories."""

    def __init__(self, homes: Sequence[Path] = (), own: Sequence[Path] = ()) -> None:
        self._system = tuple(_everywhere(Path(text) for text in _SYSTEM.split()))
        in_homes = (home / text.replace("#", " ") for home in homes for text in _IN_HOMES.split())
        self._personal = tuple(_everywhere([*in_homes, *own]))
        self._folded = {_folded_parts(place) for place in (*self._system, *self._personal)}
        self._longest = max(len(parts) for parts in self._folded)

    @property
    def stores(self) -> tuple[Path, ...]:
        """The user's credential stores, whether they exist or not."""
        return self._personal

    def holds(self, path: Path, roots: Sequence[Path] = ()) -> bool:
        """Whether ``path``, absolute, is in such a place.

        ``roots`` are the directories that the user opened: one that itself is in a directory of the
        kernel, such as /dev/shm, can be used.
        """
        parts = _folded_parts(path)
        if any(parts[:end] in self._folded for end in range(1, self._longest + 1)):
            return not any(self._is_opened(path, root) for root in roots)
        if any(path.is_relative_to(root) for root in roots):
            return False
        return any(part in _ANYWHERE_OUTSIDE for part in parts)

    def below(self, directory: Path, roots: Sequence[Path] = ()) -> tuple[tuple[str, ...], ...]:
        """The paths from ``directory`` to each such place under it, shortest first."""
        found = {
            place.relative_to(directory).parts
            for place in (*self._system, *self._personal)
            if place != directory and place.is_relative_to(directory) and self.holds(place, roots)
        }
        return tuple(sorted(found, key=lambda parts: (len(parts), parts)))

    def _is_opened(self, path: Path, root: Path) -> bool:
        in_system = any(root.is_relative_to(place) for place in self._system)
        in_personal = any(path.is_relative_to(place) for place in self._personal)
        return in_system and not in_personal and path.is_relative_to(root)


def _everywhere(places: Iterator[Path] | Sequence[Path]) -> Iterator[Path]:
    """Each place as named and as resolved."""
    for place in places:
        yield place
        real = Path(os.path.realpath(place))
        if real != place:
            yield real


def _folded_parts(path: Path) -> tuple[str, ...]:
    return tuple(folded(part) for part in path.parts)
