"""A key goes to the origin that it was set for, and nowhere else, whoever names the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.fakes.ollama_server import FakeOllama
from tests.unit.agent.conftest import make_launch
from tests.unit.config.trust_place import TrustPlace, place
from vtcode_tui.agent import key_origin
from vtcode_tui.agent.key_origin import checked_key, key_for, key_notices, read_address
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.load import LoadedConfig
from vtcode_tui.errors import ConfigError
from vtcode_tui.ollama.address import parse_address

__all__ = ["place"]

CLOUD, CORP, EVIL = "https://ollama.com", "https://corp.example", "https://evil.example"
LOCAL = "http://localhost:11434"
ENVIRONMENT = {"OLLAMA_API_KEY": "of-the-environment"}


def sent(loaded: LoadedConfig, url: str) -> str | None:
    key = key_for(parse_address(url), loaded)
    return key.get_secret_value() if key else None


def ollama(**values: str) -> str:
    return "[providers.ollama]\n" + "".join(f'{name} = "{text}"\n' for name, text in values.items())


@pytest.mark.parametrize(
    ("environ", "user", "cli", "goes_to"),
    [
        ({}, "", None, CLOUD),
        ({"OLLAMA_BASE_URL": CORP}, "", None, CORP),
        ({}, ollama(base_url=CORP), None, CORP),
        ({}, "", CORP, CORP),
        ({"OLLAMA_BASE_URL": EVIL}, ollama(base_url=LOCAL), CORP, CORP),
        ({"OLLAMA_HOST": CORP}, "", None, CLOUD),
    ],
)
def test_the_environments_key_goes_with_the_address_that_the_user_set(
    place: TrustPlace, environ: Mapping[str, str], user: str, cli: str | None, goes_to: str
) -> None:
    place.write(user=user)
    loaded = place.load({**ENVIRONMENT, **environ}, {"base_url": cli})
    found = {url: sent(loaded, url) for url in (CLOUD, CORP, EVIL, LOCAL)}
    assert found == {
        url: ENVIRONMENT["OLLAMA_API_KEY"] if url == goes_to else None for url in found
    }


@pytest.mark.parametrize(
    ("user", "cli", "goes_to"),
    [
        (ollama(api_key="of-the-file"), None, CLOUD),
        (ollama(api_key="of-the-file", base_url=CORP), None, CORP),
        (ollama(api_key="of-the-file"), CORP, CORP),
        (ollama(api_key="of-the-file", base_url=CORP), EVIL, CORP),
    ],
)
def test_the_key_in_the_users_file_goes_with_the_address_beside_it(
    place: TrustPlace, user: str, cli: str | None, goes_to: str
) -> None:
    place.write(user=user)
    loaded = place.load(cli={"base_url": cli})
    found = {url: sent(loaded, url) for url in (CLOUD, CORP, EVIL, LOCAL)}
    assert found == {url: "of-the-file" if url == goes_to else None for url in found}


def test_each_of_two_keys_goes_where_it_belongs(place: TrustPlace) -> None:
    place.write(user=ollama(api_key="${CORP_KEY}", base_url=CORP))
    loaded = place.load({"CORP_KEY": "of-corp"})
    assert sent(loaded, CORP) == "of-corp"
    assert sent(place.load({"OLLAMA_API_KEY": "k", "OLLAMA_BASE_URL": CLOUD, "CORP_KEY": "c"}), CORP) == "c"  # fmt: skip


def test_a_project_without_approval_gets_no_key_anywhere(place: TrustPlace) -> None:
    place.write(project=ollama(base_url=EVIL, api_key="${OLLAMA_API_KEY}"))
    loaded = place.load(ENVIRONMENT)
    assert sent(loaded, EVIL) is None
    assert sent(loaded, CLOUD) == ENVIRONMENT["OLLAMA_API_KEY"]


def test_an_address_that_is_approved_gets_no_key_that_was_not(place: TrustPlace) -> None:
    place.write(project=ollama(base_url=EVIL), user=ollama(api_key="of-the-file"))
    loaded = place.approve(ENVIRONMENT)
    assert loaded.settings.providers.ollama.base_url == EVIL
    assert sent(loaded, EVIL) is None
    assert sent(loaded, CLOUD) == ENVIRONMENT["OLLAMA_API_KEY"]


def test_a_key_that_was_approved_for_an_address_goes_there_alone(place: TrustPlace) -> None:
    place.write(project=ollama(base_url=EVIL, api_key="${OLLAMA_API_KEY}"))
    place.approve(ENVIRONMENT)
    loaded = place.load(ENVIRONMENT)
    assert sent(loaded, EVIL) == ENVIRONMENT["OLLAMA_API_KEY"]
    assert sent(loaded, CORP) is None
    place.write(project=ollama(base_url=CORP, api_key="${OLLAMA_API_KEY}"))
    changed = place.load(ENVIRONMENT)
    assert sent(changed, EVIL) is None
    assert sent(changed, CORP) is None


def test_a_projects_own_key_goes_to_the_projects_own_address(place: TrustPlace) -> None:
    place.write(project=ollama(base_url=EVIL, api_key="of-the-project"))
    assert sent(place.approve(), EVIL) == "of-the-project"
    place.write(project=ollama(api_key="of-the-project"))
    loaded = place.approve({"OLLAMA_BASE_URL": CORP})
    assert sent(loaded, CLOUD) == "of-the-project"
    assert sent(loaded, CORP) is None


def test_naming_the_users_key_does_not_move_it(place: TrustPlace) -> None:
    place.write(project=ollama(api_key="${OLLAMA_API_KEY}"))
    place.approve()
    loaded = place.load({**ENVIRONMENT, "OLLAMA_BASE_URL": CORP})
    assert sent(loaded, CORP) == ENVIRONMENT["OLLAMA_API_KEY"]
    assert sent(loaded, CLOUD) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://ollama.com",
        "https://ollama.com:8443",
        "https://ollama.com.evil.example",
        "http://localhost.evil.example",
        "http://localhost:11434",
        "http://[::ffff:1.2.3.4]",
    ],
)
def test_an_origin_that_only_looks_like_the_keys_own_gets_none(place: TrustPlace, url: str) -> None:
    assert sent(place.load(ENVIRONMENT), url) is None


@pytest.mark.parametrize("url", [CLOUD, "ollama.com", "HTTPS://OLLAMA.COM./v1", f"{CLOUD}:443/api"])
def test_other_spellings_of_the_keys_own_origin_get_it(place: TrustPlace, url: str) -> None:
    assert sent(place.load(ENVIRONMENT), url) is not None


@pytest.mark.parametrize(
    "text",
    [
        "https://ollama.com@evil.example",
        "https://ollama.com:443@x",
        "http://2130706433:11434",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_deceives_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"\."):
        read_address(text)


def test_a_key_over_plain_http_to_another_machine_is_refused(place: TrustPlace) -> None:
    loaded = place.load(ENVIRONMENT, {"base_url": "http://gpu.example:11434"})
    address = parse_address("http://gpu.example:11434")
    with pytest.raises(ConfigError) as caught:
        checked_key(address, loaded, allows_insecure_http=False)
    assert "--insecure-http" in caught.value.advice
    assert "of-the-environment" not in str(caught.value)
    assert checked_key(address, loaded, allows_insecure_http=True) is not None


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://[::1]:9", CORP])
def test_a_key_to_this_machine_or_encrypted_is_sent(place: TrustPlace, url: str) -> None:
    loaded = place.load(ENVIRONMENT, {"base_url": url})
    assert checked_key(parse_address(url), loaded, allows_insecure_http=False) is not None


def test_no_key_is_no_reason_to_refuse_plain_http(place: TrustPlace) -> None:
    loaded = place.load({}, {"base_url": "http://gpu.example"})
    address = parse_address("http://gpu.example")
    assert checked_key(address, loaded, allows_insecure_http=False) is None
    assert key_notices(address, loaded) == ()


def test_a_key_that_stays_behind_is_told_with_the_way_to_send_it(place: TrustPlace) -> None:
    loaded = place.load({**ENVIRONMENT, "OLLAMA_HOST": CORP})
    (notice,) = key_notices(parse_address(CORP), loaded)
    assert "OLLAMA_API_KEY is kept for https://ollama.com" in notice
    assert f"export OLLAMA_BASE_URL={CORP}" in notice
    assert key_notices(parse_address(LOCAL), loaded) == ()


# The workbench holds to it


def keys_seen(server: FakeOllama) -> list[str | None]:
    return [request.headers.get("authorization") for request in server.requests]


async def connected(place: TrustPlace, loaded: LoadedConfig, url: str | None) -> None:
    bench = Workbench(replace(make_launch(place.workspace, "http://unused"), loaded=loaded))
    try:
        await bench.connect(url)
        await bench.models()
    finally:
        await bench.close()


@pytest.mark.anyio
async def test_an_address_typed_in_the_app_gets_the_key_only_if_it_is_the_keys_own(
    place: TrustPlace, server: FakeOllama
) -> None:
    with FakeOllama() as other:
        loaded = place.load(ENVIRONMENT, {"base_url": server.url})
        await connected(place, loaded, None)
        await connected(place, loaded, server.url)
        await connected(place, loaded, other.url)
    assert set(keys_seen(server)) == {"Bearer of-the-environment"}
    assert set(keys_seen(other)) == {None}


@pytest.mark.anyio
async def test_without_the_comparison_of_origins_it_would_get_it(
    place: TrustPlace, server: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_origin, "same_origin", lambda *_: True)
    await connected(place, place.load(ENVIRONMENT), server.url)
    assert set(keys_seen(server)) == {"Bearer of-the-environment"}


@pytest.mark.anyio
async def test_nothing_is_connected_to_while_trust_is_pending(
    place: TrustPlace, server: FakeOllama
) -> None:
    place.write(project=ollama(base_url=server.url))
    with pytest.raises(ConfigError, match="vtcode-tui trust"):
        await connected(place, place.load(), None)
    assert server.requests == []
    await connected(place, replace(place.load(), pending_trust=None), server.url)
    assert server.requests
