"""What an installation may be started with, and how it says no without giving anything away."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import pytest

from api.run.first_secrets import new_secret
from api.settings import PREFIX, SettingsRefused, read_database_url, read_settings
from domain.keys.sealing import Sealing
from domain.rights.lawful_basis import PROPOSED, Controller, LawfulBasis, Purpose, privacy_notice

SECRETS = ("ENCRYPTION_KEY", "REFRESH_SECRET", "CURSOR_SECRET")
WEAK = (
    "",
    " ",
    "short",
    "a" * 64,
    "abcabcabc" * 10,
    "0123456789abcdef" * 4,
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "change-me-" + "kQ7zN2xV9bT4mW8rL5" * 2 + "p",
    "TendwellTendwell-Qz81LmxP0vRt5YcN7w",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "your-256-bit-secret-your-256-bit-secret",
    "supersecretkeysupersecretkey12345",
    "thisisaverysecretkeyfortestingonly",
    "${CURSOR_KEY:?set this in the file .env}",
    "<generate with openssl rand -hex 32>",
    "kQ7zN2xV9bT4mW8rL5kP3cH6jF1dS0aG,uY5tR8eW2qZ7xC4vB9nM6lK3jH1gF0dS",
)


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Settings that are fit for production; each test spoils one of them."""
    for name, value in {
        "DATABASE_URL": "postgresql://someone:uFq7wLZc@db.example/tendwell",
        "PUBLIC_URL": "https://tendwell.example",
        "ENCRYPTION_KEY": new_secret(),
        "REFRESH_SECRET": new_secret(),
        "CURSOR_SECRET": new_secret(),
        "SMTP_URL": "smtps://tendwell:uFq7wLZc@mail.example",
    }.items():
        monkeypatch.setenv(PREFIX + name, value)
    return monkeypatch


def test_sound_settings_are_for_production_unless_told_otherwise() -> None:
    assert read_settings().environment == "production"


@pytest.mark.parametrize("name", ["DATABASE_URL", *SECRETS])
def test_a_missing_secret_is_named(sound: pytest.MonkeyPatch, name: str) -> None:
    sound.delenv(PREFIX + name)
    with pytest.raises(SettingsRefused, match=PREFIX + name):
        read_settings()


@pytest.mark.parametrize("weak", WEAK)
@pytest.mark.parametrize("name", SECRETS)
def test_auth_026_a_weak_secret_is_refused_and_not_repeated(sound: pytest.MonkeyPatch, name: str, weak: str) -> None:
    sound.setenv(PREFIX + name, weak)
    with pytest.raises(SettingsRefused, match=f"{PREFIX}{name} must be at least 32 random characters") as refused:
        read_settings()
    assert not weak.strip() or weak not in str(refused.value)


@pytest.mark.parametrize("password", ["postgres", "password", "Tendwell", ""])
def test_a_well_known_database_password_is_refused_in_production_only(sound: pytest.MonkeyPatch, password: str) -> None:
    sound.setenv(f"{PREFIX}DATABASE_URL", f"postgresql://someone:{password}@db.example/x")
    with pytest.raises(SettingsRefused, match="well-known password"):
        read_settings()
    sound.setenv(f"{PREFIX}ENVIRONMENT", "demo")
    read_settings()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:p%6Fstgres@db.example/tendwell",
        "postgresql://someone@db.example/tendwell?password=postgres",
        "postgresql://someone:Someone@db.example/tendwell",
        "postgresql://db.example/tendwell?user=someone&password=someone",
        "postgresql://someone:123456@db.example/tendwell",
    ],
)
def test_a_database_password_that_is_tried_first_is_refused_however_it_is_written(
    sound: pytest.MonkeyPatch, url: str
) -> None:
    sound.setenv(PREFIX + "DATABASE_URL", url)
    with pytest.raises(SettingsRefused, match="DATABASE_URL"):
        read_settings()


@pytest.mark.parametrize("proxies", ["*", "0.0.0.0/0", "::/0", "any", "127.0.0.1, 0.0.0.0/1", "", "10.0.0.0/8,"])
def test_in_production_not_everybody_is_believed_about_where_they_come_from(
    sound: pytest.MonkeyPatch, proxies: str
) -> None:
    sound.setenv(PREFIX + "TRUSTED_PROXIES", proxies)
    with pytest.raises(SettingsRefused, match="TRUSTED_PROXIES"):
        read_settings()
    for fit in ("127.0.0.1", "10.0.0.0/8, fd00:1::/32", "172.28.80.0/24"):
        sound.setenv(PREFIX + "TRUSTED_PROXIES", fit)
        read_settings()


@pytest.mark.parametrize("more", ["?a=b", "#part", "/?a=b"])
@pytest.mark.parametrize("name", ["PUBLIC_URL", "ALLOWED_ORIGINS"])
def test_an_origin_has_no_query_and_no_fragment(sound: pytest.MonkeyPatch, name: str, more: str) -> None:
    for url in (f"https://a.example{more}", "https://ann@a.example", "https://ann:x@a.example"):
        sound.setenv(PREFIX + name, url)
        with pytest.raises(SettingsRefused, match=name):
            read_settings()


def test_in_production_other_pages_that_may_call_are_served_over_https(sound: pytest.MonkeyPatch) -> None:
    sound.setenv(PREFIX + "ALLOWED_ORIGINS", "https://a.example, http://b.example")
    with pytest.raises(SettingsRefused, match="ALLOWED_ORIGINS"):
        read_settings()


def test_one_secret_with_a_space_behind_it_is_no_other(sound: pytest.MonkeyPatch) -> None:
    secret = new_secret()
    sound.setenv(PREFIX + "REFRESH_SECRET", secret)
    sound.setenv(PREFIX + "CURSOR_SECRET", f"{secret} ")
    with pytest.raises(SettingsRefused, match="each be another secret"):
        read_settings()


def test_webhooks_never_reach_inside_in_production(sound: pytest.MonkeyPatch) -> None:
    sound.setenv("TENDWELL_WEBHOOK_LOOPBACK", "true")
    with pytest.raises(SettingsRefused, match="WEBHOOK_LOOPBACK"):
        read_settings()
    sound.setenv("TENDWELL_ENVIRONMENT", "demo")
    assert read_settings().webhook_loopback


def test_production_is_served_over_https(sound: pytest.MonkeyPatch) -> None:
    sound.setenv(f"{PREFIX}PUBLIC_URL", "http://tendwell.example")
    with pytest.raises(SettingsRefused, match="https"):
        read_settings()


@pytest.mark.parametrize("url", [None, "smtp-unprotected://mail.example"])
def test_production_sends_mail_and_protected(sound: pytest.MonkeyPatch, url: str | None) -> None:
    sound.delenv(f"{PREFIX}SMTP_URL")
    if url is not None:
        sound.setenv(f"{PREFIX}SMTP_URL", url)
    with pytest.raises(SettingsRefused, match=f"{PREFIX}SMTP_URL must name a mail server with TLS"):
        read_settings()


@pytest.mark.parametrize("url", ["http://mail.example", "smtp://:25", "mail.example:25", "smtps://mail.example/path"])
def test_what_names_no_mail_server_is_refused_and_not_repeated(sound: pytest.MonkeyPatch, url: str) -> None:
    sound.setenv(f"{PREFIX}SMTP_URL", url)
    with pytest.raises(SettingsRefused, match=f"{PREFIX}SMTP_URL") as refused:
        read_settings()
    assert url not in str(refused.value)


@pytest.mark.parametrize("sender", ["nobody", "a@b@c", "Ours <a@b.example>\nBcc: x@y.example", "<a@b.example> x"])
def test_a_sender_is_an_address_perhaps_with_a_name(sound: pytest.MonkeyPatch, sender: str) -> None:
    sound.setenv(f"{PREFIX}MAIL_FROM", sender)
    with pytest.raises(SettingsRefused, match=f"{PREFIX}MAIL_FROM"):
        read_settings()


def test_production_asks_staff_for_a_second_factor(sound: pytest.MonkeyPatch) -> None:
    assert read_settings().second_factor == "required_for_staff"
    sound.setenv(f"{PREFIX}SECOND_FACTOR", "when_enrolled")
    with pytest.raises(SettingsRefused, match=f"{PREFIX}SECOND_FACTOR must be required_for_staff in production"):
        read_settings()


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = read_settings()
    shown = f"{settings!r} {settings}"
    for secret in (
        settings.cursor_secret,
        settings.refresh_secret,
        settings.encryption_key,
        settings.database_url,
        settings.smtp_url,
    ):
        assert secret is not None
        assert secret.get_secret_value() not in shown


STATED: dict[str, Any] = {
    "controller": "Example Health NHS Foundation Trust",
    "contact": "privacy@example.nhs.uk",
    "data_protection_officer": "dpo@example.nhs.uk",
    "lawful_basis": {"evaluation": {"article_6": "6(1)(a)", "article_9": "9(2)(a)"}},
}


def test_who_answers_for_the_data_and_on_which_basis_is_stated_in_a_variable_or_a_file(
    sound: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert read_settings().privacy_notice == privacy_notice(None, {})
    sound.setenv(f"{PREFIX}PRIVACY", json.dumps(STATED))
    stated = read_settings().privacy_notice
    assert stated.controller == Controller(STATED["controller"], STATED["contact"], STATED["data_protection_officer"])
    assert stated.bases == dict(PROPOSED) | {Purpose.evaluation: LawfulBasis("6(1)(a)", "9(2)(a)")}
    sound.delenv(f"{PREFIX}PRIVACY")
    (tmp_path / "privacy.json").write_text(json.dumps(STATED))
    sound.setenv(f"{PREFIX}PRIVACY_FILE", str(tmp_path / "privacy.json"))
    assert read_settings().privacy_notice == stated


@pytest.mark.parametrize(
    "wrong",
    [
        {"lawful_basis": {"care": {"article_6": "6(1)(z)", "article_9": "9(2)(h)"}}},
        {"lawful_basis": {"care": {"article_6": "6(1)(e)"}}},
        {"lawful_basis": {"advertising": {"article_6": "6(1)(a)"}}},
        {"controller": ""},
        {"lawfull_basis": {}},
    ],
)
def test_a_basis_that_the_law_does_not_have_stops_the_start(sound: pytest.MonkeyPatch, wrong: dict[str, Any]) -> None:
    sound.setenv(f"{PREFIX}PRIVACY", json.dumps(STATED | wrong))
    with pytest.raises(SettingsRefused, match=f"{PREFIX}PRIVACY"):
        read_settings()


def test_a_secret_may_stand_in_a_file_without_its_last_newline(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = new_secret()
    (tmp_path / "cursor").write_text(f"{secret}\n")
    sound.delenv(f"{PREFIX}CURSOR_SECRET")
    sound.setenv(f"{PREFIX}CURSOR_SECRET_FILE", str(tmp_path / "cursor"))
    assert read_settings().cursor_secret.get_secret_value() == secret


def test_a_file_that_is_not_there_is_named(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sound.setenv(f"{PREFIX}ENCRYPTION_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsRefused, match="nowhere"):
        read_settings()


def test_of_several_encryption_secrets_each_must_be_strong(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "new").write_text(new_secret())
    (tmp_path / "old").write_text(new_secret())
    sound.delenv(f"{PREFIX}ENCRYPTION_KEY")
    sound.setenv(f"{PREFIX}ENCRYPTION_KEY_FILE", f"{tmp_path / 'new'}, {tmp_path / 'old'}")
    assert len(Sealing.of(read_settings().encryption_key.get_secret_value()).secrets) == 2
    (tmp_path / "old").write_text("short")
    with pytest.raises(SettingsRefused, match="ENCRYPTION_KEY"):
        read_settings()


def test_auth_026_one_secret_does_not_serve_twice(sound: pytest.MonkeyPatch) -> None:
    for other in ("CURSOR_SECRET", "ENCRYPTION_KEY"):
        shared = new_secret()
        with sound.context() as here:
            here.setenv(f"{PREFIX}REFRESH_SECRET", shared)
            here.setenv(PREFIX + other, shared)
            with pytest.raises(SettingsRefused, match="must each be another secret") as refused:
                read_settings()
            assert shared not in str(refused.value)


def test_what_is_drawn_at_random_is_never_called_weak(sound: pytest.MonkeyPatch) -> None:
    for drawn in (new_secret, lambda: secrets.token_hex(32), lambda: secrets.token_hex(16)):
        for _ in range(200):
            sound.setenv(f"{PREFIX}CURSOR_SECRET", drawn())
            read_settings()


def test_other_origins_are_split_at_commas_and_our_own_is_always_among_those_that_may_open_a_socket(
    sound: pytest.MonkeyPatch,
) -> None:
    sound.setenv(f"{PREFIX}ALLOWED_ORIGINS", "https://a.example, https://b.example:8443/")
    settings = read_settings()
    assert settings.allowed_origins == ("https://a.example", "https://b.example:8443")
    assert settings.origins == ("https://tendwell.example", "https://a.example", "https://b.example:8443")


@pytest.mark.parametrize("origin", ["*", "null", "a.example", "https://a.example/path", "ftp://a.example"])
def test_what_is_no_origin_is_refused(sound: pytest.MonkeyPatch, origin: str) -> None:
    sound.setenv(f"{PREFIX}ALLOWED_ORIGINS", origin)
    with pytest.raises(SettingsRefused, match="ALLOWED_ORIGINS"):
        read_settings()


def test_a_command_that_only_needs_the_database_asks_for_no_other_secret(sound: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        sound.delenv(PREFIX + name)
    assert read_database_url() == "postgresql://someone:uFq7wLZc@db.example/tendwell"


PROVIDER = {"OIDC_ISSUER": "https://auth.provider.example", "OIDC_CLIENT_ID": "tendwell"}


def test_without_an_identity_provider_none_is_offered() -> None:
    assert read_settings().identity_provider is None


def test_an_identity_provider_is_configured_by_two_settings_and_nhs_login_s_rules(
    sound: pytest.MonkeyPatch,
) -> None:
    for name, value in PROVIDER.items():
        sound.setenv(PREFIX + name, value)
    configured = read_settings().identity_provider
    assert configured is not None
    registration, demands = configured
    assert registration.redirect_uri == "https://tendwell.example/console/signed-in"
    assert (registration.scopes, registration.algorithm) == (("openid", "profile"), "RS512")
    assert registration.vectors == demands.vectors == ("P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm")
    assert demands.trustmark == "https://auth.provider.example/trustmark/auth.provider.example"
    assert (registration.loopback, demands.test_numbers) == (False, False)
    sound.setenv(f"{PREFIX}OIDC_TRUSTMARK", "https://trust.example")
    sound.setenv(f"{PREFIX}OIDC_HOSTS", "keys.provider.example, more.example")
    configured = read_settings().identity_provider
    assert configured is not None
    assert configured[0].hosts == {"keys.provider.example", "more.example"}
    assert configured[1].trustmark == "https://trust.example"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"OIDC_ISSUER": None}, "go together"),
        ({"OIDC_CLIENT_ID": None}, "go together"),
        ({"OIDC_CLIENT_ID": ""}, "go together"),
        ({"OIDC_ISSUER": None, "OIDC_CLIENT_ID": None, "OIDC_SCOPES": "openid profile"}, "go together"),
        ({"OIDC_ISSUER": "http://auth.provider.example"}, "OIDC_ISSUER must be an https://"),
        ({"OIDC_ISSUER": "https://auth.provider.example?x=1"}, "OIDC_ISSUER must be an https://"),
        ({"OIDC_VECTORS": "P5.Cp.Cd"}, "P9 with two factors"),
        ({"OIDC_VECTORS": "P9.Cp.Cd P9.Cp"}, "P9 with two factors"),
        ({"OIDC_VECTORS": " "}, "at least one vector"),
        ({"OIDC_VECTORS": "nonsense"}, "not a vector of trust"),
        ({"OIDC_SCOPES": "openid email"}, "OIDC_SCOPES"),
        ({"OIDC_REDIRECT_URI": "http://tendwell.example/back"}, "OIDC_REDIRECT_URI"),
        ({"OIDC_ALGORITHM": "HS256"}, "OIDC_ALGORITHM"),
        ({"OIDC_ALGORITHM": "none"}, "OIDC_ALGORITHM"),
    ],
)
def test_an_identity_provider_is_set_whole_and_strong_or_nothing_starts(
    sound: pytest.MonkeyPatch, change: dict[str, str | None], told: str
) -> None:
    for name, value in {**PROVIDER, **change}.items():
        if value is None:
            sound.delenv(PREFIX + name, raising=False)
        else:
            sound.setenv(PREFIX + name, value)
    with pytest.raises(SettingsRefused, match=told):
        read_settings()


def test_all_that_is_unfit_for_production_is_told_at_once(sound: pytest.MonkeyPatch) -> None:
    sound.setenv(f"{PREFIX}PUBLIC_URL", "http://tendwell.example")
    sound.setenv(f"{PREFIX}WEBHOOK_LOOPBACK", "true")
    sound.setenv(f"{PREFIX}SECOND_FACTOR", "when_enrolled")
    sound.setenv(f"{PREFIX}CURSOR_SECRET", os.environ[f"{PREFIX}REFRESH_SECRET"])
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    named = [line.removeprefix(PREFIX).split()[0] for line in str(refused.value).splitlines()]
    assert named == ["ENCRYPTION_KEY,", "WEBHOOK_LOOPBACK", "PUBLIC_URL", "SECOND_FACTOR"]
