"""Paths judged by their text alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtcode_tui.workspace.names import is_git_metadata, is_secret_name, is_secret_path, path_trouble


@pytest.mark.parametrize(
    "path",
    ["", "  ", "a\0b", "a\nb", "\x1b[31m", "safe\u202etxt.exe", "a\u200bb", "\ud800", "\u2028",
     "http://x/y", "file:///etc/passwd", "~", "~/.ssh/id_rsa", "x ", " x", "a /b", "a" * 5000,
     "a\u3164b", "\u115f", "x\u2800", "a\U000e0101"],
)  # fmt: skip
def test_a_name_that_hides_something_is_refused(path: str) -> None:
    assert path_trouble(path) is not None


@pytest.mark.parametrize(
    "path",
    ["a.txt", "café.txt", "[id].tsx", "a;b.txt", "..hidden", "a..b/c", "a b/c d", "%2e%2e/x", "~x",
     "/abs", "./a", "../a", "C:x", "日本語.md", "a:b"],
)  # fmt: skip
def test_an_ordinary_name_is_fine(path: str) -> None:
    assert path_trouble(path) is None


@pytest.mark.parametrize(
    "path",
    [".git", ".git/config", "sub/.git/hooks/x", ".GIT/config", ".g\u200cit/config", "GIT~1/config",
     ".git./config", ".git /config", ".git::$INDEX_ALLOCATION/config", "．git/config"],
)  # fmt: skip
def test_every_spelling_of_git_metadata_is_known(path: str) -> None:
    assert is_git_metadata(tuple(path.split("/")))


@pytest.mark.parametrize("path", [".gitignore", ".github/x", "gitlab/x", "notes.git.md", "x.git"])
def test_other_names_are_no_git_metadata(path: str) -> None:
    assert not is_git_metadata(tuple(path.split("/")))


COPIES = (
     ".env~", ".env.bak", "server.key.bak", "cert.pem.old", "credentials.bak", "secrets.json.orig",
     "secrets.yaml~", "store.jks.backup", ".netrc.save", ".server.key.swp", "id_rsa~", "prod.tfvars.old",
     "token.json.bak", "auth.json~", ".npmrc.bak", "keys.p12.copy", "a.pem.bak.old", ".npmrc copy",
     "id_rsa (1)", "secrets.yml_old", "server.key-2", "credentials.json.1", "token.json.20240101", ".env copy",
     ".netrc.new", "server.key.bak.2", "credentials.json (2)", ".npmrc.2.bak", "keys.p12.copy 2",
)  # fmt: skip
SECRET_NAMES = (
     ".env", ".env.local", ".envrc", "server.pem", "deploy.key", "x.p12", "id_ed25519",
     "id_rsa", "credentials", "credentials.json", "secret.json", "secrets.yaml", ".netrc",
     "prod.env", "id_ed25519_work", "id_rsa.bak", "aws_credentials.json", "app-secrets.yml", ".npmrc",
     "client_secret_1.json", "service-account.json", "kubeconfig", ".htpasswd", "AuthKey.p8",
     "terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars", "wallet.dat", "_netrc",
     ".dockerconfigjson", "my-service-account-1.json", "firebase-adminsdk-x.json", "gcp-key.json",
     "auth.json", "api_key.txt", ".token", ".github-token", ".password", ".secrets", ".vault_pass",
     ".env-prod", ".env_backup", ".flaskenv", ".dev.vars", ".dev.vars.local", "credentials.csv",
     "credentials.tfrc.json", "x-firebase-adminsdk-y.json", "kubeconfig.yaml", "prod.kubeconfig",
     ".vault_pass.txt", "access_token.txt", "github_token", "private-key.txt", "private_key.asc",
     "ssh_host_rsa_key", "krb5.keytab", "key.properties", "keystore.properties", ".bash_history",
     ".psql_history", "cookies.sqlite", "logins.json", "key4.db", ".mylogin.cnf", "pgpass.conf",
     "rclone.conf", ".databrickscfg", ".terraformrc", "terraform.rc", "local.settings.json",
     "wp-config.php", "ngrok.yml", ".sentryclirc", "recovery-codes.txt", "keys.txt", "vault.json",
     "appsettings.production.json", *COPIES,
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        *SECRET_NAMES,
        "credentials.csv.gz",
        ".id_rsa.swp",
        ".env.swp",
        ".env.swo",
        "#.env#",
        "#server.key#",
        "deploy_key",
        "github-deploy-key",
        "secret_key.txt",
        "rootkey.csv",
        "dev_accessKeys.csv",
        "kaggle.json",
        ".vault_password",
        "wg0.conf",
        "..npmrc.swp",
        "ｉd_rsa",
        ".env.",
        "SERVER.PEM",
        ".ENV",
        ".Env.Local",
    ],
)
def test_files_that_usually_hold_secrets_are_known_by_name(name: str) -> None:
    assert is_secret_name(name)


HARMLESS_NAMES = (
     ".env.example", "id_rsa.pub", "secret_santa.py", "keyboard.py", "monkey", "env.py", "pem.md",
     ".env.local.example", "example.env", "credentials.py", "secrets.py", "tokens.json", "id_map.json",
     "environment", "passwords.py", "token", "secrets", "password.html", "api_keys.py", "tokenizer.json",
     "design-tokens.json", "history", "my.properties", "cookies.py",
     "credentials_test.go", "appsettings.json", "keys.md", "key2.py",
     "gradle.properties", "private_keys.py", "settings.json.bak", "notes.txt~", "tokens.css",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", [*HARMLESS_NAMES, ".env.example~", "id_rsa.pub.bak", "id_rsa.pub.1", "example.env copy"]
)
def test_harmless_names_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "sub/.GIT/config",
        ".kube/config",
        "a/.env",
        ".ssh/work",
        ".m2/settings.xml",
        "secrets/db_password",
        "run/Secrets/db.txt",
        ".secrets/x.py",
        ".config/gh/hosts.yml",
    ],
)
def test_some_files_hold_secrets_because_of_where_they_are(path: str) -> None:
    assert is_secret_path(tuple(path.split("/")))


@pytest.mark.parametrize(
    "path",
    [
        ".git/HEAD",
        "config",
        "git/config",
        ".env/lib/x.py",
        ".ssh/work.pub",
        "secrets/README",
        "src/secrets/manager.go",
        "secrets/index.ts",
        "x/hosts.yml",
    ],
)
def test_others_of_the_name_hold_none(path: str) -> None:
    assert not is_secret_path(tuple(path.split("/")))


@given(st.text())
def test_any_text_can_be_judged(text: str) -> None:
    path_trouble(text)
    is_git_metadata((text,))
    is_secret_name(text)
