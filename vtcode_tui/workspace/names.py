"""Judges paths by their text alone. Pure.

Names are normalised (compatibility forms, case) only to recognise special files, never to open one.
"""

from __future__ import annotations

import re
import unicodedata

MAX_PATH_CHARACTERS = 4096
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_GIT_NAMES = frozenset({".git", "git~1"})
_HARMLESS_SECRETS = re.compile(
    r"\.env\.(.*\.)?(example|sample|template|dist)$|(example|sample|template|dist)\.env$|.*\.pub$"
)
_SECRETS = re.compile(
    r"\.env([._-].*)?$|.+\.env$|\.(envrc|flaskenv)$|\.dev\.vars(\..*)?$|.*\.(pem|key|p8|p12|pfx|ppk|jks|keystore|kdbx?|keychain)$"
    r"|id_(rsa|dsa|ecdsa|ed25519|xmss)([-_.].*)?$|(.*[-_.])?credentials?(\.(json|ya?ml|toml|ini|txt|csv|xml|db|tfrc\.json))?$"
    r"|(.*[-_.])?secrets?\.(json|ya?ml|toml|ini|txt)$|client_secrets?.*\.json$|\.secrets?$"
    r"|(.*[-_.])?service[-_]?account.*\.json$|(.*-)?firebase-adminsdk.*\.json$|.*[-_]key\.json$|auth\.json$"
    r"|(.*[-_.])?api[-_]?keys?\.(txt|json)$|kubeconfig(\.ya?ml)?$|.*\.kubeconfig$|\.?htpasswd$|\.vault[-_](pass|password|token)(\.txt)?$"
    r"|passw(or)?ds?\.(txt|csv|json|ya?ml|ini)$|\.passw(or)?ds?$|token\.(json|txt)$|\.(.*[-_.])?token$"
    r"|(.*[-_.])?(access|auth|refresh|api|bearer|github|gitlab|npm)[-_]token(\.(json|txt))?$|.*\.keytab$"
    r"|(.*[-_.])?private[-_]?key(\.(txt|asc|json))?$|ssh_host_.*_key$|(key|keystore|signing)\.properties$"
    r"|\.(bash|zsh|sh|python|node_repl|mysql|psql|sqlite)_history$|cookies\.(sqlite|txt)$|logins\.json$|key4\.db$"
    r"|\.mylogin\.cnf$|pgpass\.conf$|\.?rclone\.conf$|\.databrickscfg$|\.?terraform\.?rc$|local\.settings\.json$"
    r"|wp-config\.php$|\.?ngrok\.yml$|\.sentryclirc$|(.*[-_.])?recovery[-_]?codes?(\.txt)?$|keys\.txt$|vault\.json$"
    r"|appsettings\.(production|staging|secrets?|local)\.json$"
    r"|.*\.(tfstate|tfstate\.backup|tfvars|ovpn)$|secring\.gpg$|wallet\.dat$|[._]netrc$|\.my\.cnf$"
    r"|(.*[-_.])?(deploy|secret)[-_]?key(\.txt)?$|(rootkey|.*accesskeys)\.csv$|accesstokens\.json$|kaggle\.json$"
    r"|\.?(ansible[-_])?vault[-_]pass(word)?(\.txt)?$|wg[0-9]+\.conf$"
    r"|\.(git-credentials|pgpass|pypirc|npmrc|yarnrc\.yml|dockercfg|dockerconfigjson|s3cfg|boto)$"
)
_BACKUP = re.compile(
    r"(~|[-_. ](bak|backup|old|orig|saved?|sw[a-p]|tmp|copy|new)|\.(gz|bz2|xz|zst|zip))+$"
)
_NUMBERED = re.compile(r"([-_. ]?[0-9]| ?\([0-9]{1,3}\))+$")
"""What editors and people put behind the name of a file that they keep a copy of."""

_LONGEST_NAME = 512
"""No file system has longer ones."""

_SECRET_PAIRS = frozenset(
    {
        (".git", "config"),
        (".aws", "config"),
        (".kube", "config"),
        (".docker", "config.json"),
        (".huggingface", "token"),
        (".m2", "settings.xml"),
        ("gh", "hosts.yml"),
    }
)
_KEY_DIRECTORIES = frozenset({".ssh", ".gnupg", ".secrets"})
_SECRETS_OF_SERVICES = re.compile(r"(?!readme|licen[cs]e|owners|makefile|dockerfile)[^.]+(\.txt)?$")
"""Files in a directory named "secrets": one value each, as containers get them."""

_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?$")
_WINDOWS_SHORT_NAME = re.compile(r"[^.~]{1,6}~[0-9]+(\.[^.]{0,3})?$")


def path_trouble(path: str) -> str | None:
    """Why ``path`` is refused whatever it names, in words for the model, or None."""
    if not path or path.isspace():
        return "the path is empty"
    if len(path) > MAX_PATH_CHARACTERS:
        return f"the path is longer than {MAX_PATH_CHARACTERS} characters"
    hidden = next(filter(_is_hidden, path), None)
    if hidden is not None:
        return f"the path holds a character that cannot be seen (U+{ord(hidden):04X})"
    if _URL.match(path):
        return "the path is a URL; only files of the workspace can be used"
    parts = path.split("/")
    if parts[0] == "~":
        return '"~" is not expanded; give a path relative to the workspace'
    if any(part != part.strip() for part in parts):
        return "a name in the path begins or ends with a blank"
    return None


def shown_path(path: str) -> str:
    """``path`` on one line, as a model is told it: characters that cannot be seen are written as code
    points, so that a line feed in a name does not look like another entry. Such paths are refused."""
    if path.isprintable():
        return path
    return "".join(map(_shown_character, path))


def _shown_character(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"  # A byte of a name that is not UTF-8.
    return f"\\u{{{ord(character):x}}}" if _is_hidden(character) else character


def _is_hidden(character: str) -> bool:
    return (
        unicodedata.category(character) in _REFUSED_CATEGORIES
        or character in _BLANK_LETTERS
        or "\U000e0100" <= character <= "\U000e01ef"
    )


def folded(name: str) -> str:
    """``name`` in the form that case-insensitive or normalising file systems may treat as equal."""
    if name.isascii():
        return name.lower().rstrip(". ")
    kept = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", kept).casefold().rstrip(". ")


def is_git_metadata(parts: tuple[str, ...]) -> bool:
    """Whether a path with these names is in, or is, a ``.git`` on some file system."""
    return any(folded(part).split(":")[0] in _GIT_NAMES for part in parts)


def is_secret_name(name: str) -> bool:
    """Whether files with this name usually contain keys or passwords."""
    plain = folded(name[:_LONGEST_NAME])
    if plain.startswith("#") and plain.endswith("#"):
        plain = plain[1:-1]  # As Emacs names what was not saved.
    forms = _forms(plain)
    if re.search(r"\.sw[a-p]$", plain) and plain.startswith("."):
        forms += _forms(plain[1:])  # The dot may be the editor's.
    if any(map(_HARMLESS_SECRETS.match, forms)):
        return False
    return any(map(_SECRETS.match, forms))


def _forms(plain: str) -> tuple[str, ...]:
    """The names that this name may be a copy of: "x.p12.bak" of "x.p12", "id_rsa.1" of "id_rsa"."""
    copied = _BACKUP.sub("", plain)
    numbered = _NUMBERED.sub("", copied)
    return copied, numbered, _BACKUP.sub("", numbered)


def is_secret_path(parts: tuple[str, ...]) -> bool:
    """Whether the file at a path with these names usually contains keys or passwords.

    This includes git's settings: an address in them may contain a password.
    """
    if not parts:
        return False
    above = folded(parts[-2]) if len(parts) > 1 else ""
    last = folded(parts[-1])
    if above in _KEY_DIRECTORIES and not last.endswith(".pub"):
        return True
    if above == "secrets" and _SECRETS_OF_SERVICES.match(last):
        return True
    return is_secret_name(parts[-1]) or (above, last) in _SECRET_PAIRS


def windows_trouble(path: str) -> str | None:
    """Why Windows would not take ``path`` as the file of that name, or None."""
    if path.startswith(("\\\\", "//")):
        return "the path names another machine or a device"
    names = re.split(r"[/\\]", path)
    if re.match(r"[A-Za-z]:$", names[0]) and len(names) > 1:
        names = names[1:]
    for name in names:
        if ":" in name:
            return "a name in the path holds a colon: a drive or an alternate stream"
        if name not in (".", "..") and name != name.rstrip(". "):
            return "a name in the path ends with a dot or a blank, which Windows drops"
        plain = folded(name)
        if _WINDOWS_DEVICE.match(plain):
            return f'"{name}" is a device on Windows'
        if _WINDOWS_SHORT_NAME.match(plain):
            return f'"{name}" may be the short name of another file'
    return None
