"""The bare site stands on both databases."""

from __future__ import annotations

import pytest

from app.config import ConfigurationError, Settings, fresh_secrets
from tests.world import World


def test_start_page_and_health(world: World) -> None:
    client = world.client()
    assert client.get("/").status_code == 200
    assert client.get("/healthz").data == b"ok\n"


def test_a_foreign_host_is_refused(world: World) -> None:
    assert world.client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_needs_ask_for_a_sign_in(world: World) -> None:
    answer = world.client().get("/needs")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/needs"


@pytest.mark.parametrize("given", ["-1", "yes", "1.5", "10.0.0.1"])
def test_the_number_of_proxies_is_a_number(given: str) -> None:
    with pytest.raises(ConfigurationError, match="PROXIES"):
        Settings.from_environment({**_ENVIRONMENT, "PROXIES": given})


def test_a_port_that_is_no_number_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="MAIL_PORT"):
        Settings.from_environment({**_ENVIRONMENT, "MAIL_PORT": "smtp"})


def test_an_installation_without_a_mail_server_does_not_start() -> None:
    """Its invitations would have counted as sent and reached nobody."""
    with pytest.raises(ConfigurationError, match="MAIL_HOST"):
        Settings.from_environment({**_ENVIRONMENT, "MAIL_HOST": ""})


@pytest.mark.parametrize(("given", "count"), [("", 0), ("0", 0), ("2", 2)])
def test_no_proxy_is_trusted_unless_said(given: str, count: int) -> None:
    assert Settings.from_environment({**_ENVIRONMENT, "PROXIES": given}).proxies == count


@pytest.mark.parametrize("name", ["SEALING_KEY", "SIGNING_KEY"])
def test_a_key_cut_short_is_noticed_at_the_start(name: str) -> None:
    """A file read without quotes left the first line of a key, and only planning failed of it."""
    cut = fresh_secrets()[name][:27]
    with pytest.raises(ConfigurationError, match=f"{name} is not a whole key"):
        Settings.from_environment({**_ENVIRONMENT, name: cut})


def test_an_unknown_mode_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ConfigurationError, match="production or demo or test, not 'prod'"):
        Settings.from_environment({**_ENVIRONMENT, "TANDEM_MODE": "prod"})


_ENVIRONMENT = {
    **fresh_secrets(),
    "BASE_URL": "https://tandem.example",
    "MAIL_HOST": "mail.tandem.example",
}
