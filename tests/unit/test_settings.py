"""What an installation may be started with, and how it says no without giving anything away."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from api.run.first_secrets import new_secret, new_signing_key
from api.settings import PREFIX, SettingsRefused, read_database_url, read_settings, read_signing_keys

KEY = new_signing_key()


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Settings that are fit for production; each test spoils one of them."""
    for name, value in {
        "DATABASE_URL": "postgresql://someone:uFq7wLZc@db.example/tendwell",
        "PUBLIC_URL": "https://tendwell.example",
        "SIGNING_KEY": KEY,
        "REFRESH_SECRET": new_secret(),
        "CURSOR_SECRET": new_secret(),
    }.items():
        monkeypatch.setenv(PREFIX + name, value)
    return monkeypatch


def test_sound_settings_are_for_production_unless_told_otherwise() -> None:
    assert read_settings().environment == "production"


@pytest.mark.parametrize("name", ["DATABASE_URL", "SIGNING_KEY", "REFRESH_SECRET", "CURSOR_SECRET"])
def test_a_missing_secret_is_named(sound: pytest.MonkeyPatch, name: str) -> None:
    sound.delenv(PREFIX + name)
    with pytest.raises(SettingsRefused, match=PREFIX + name):
        read_settings()


@pytest.mark.parametrize("weak", ["", "short", "a" * 64, "abcabcabc" * 10])
@pytest.mark.parametrize("name", ["REFRESH_SECRET", "CURSOR_SECRET"])
def test_a_weak_secret_is_refused_and_not_repeated(sound: pytest.MonkeyPatch, name: str, weak: str) -> None:
    sound.setenv(PREFIX + name, weak)
    with pytest.raises(SettingsRefused, match=f"{PREFIX}{name} must be at least 32 random characters") as refused:
        read_settings()
    assert not weak or weak not in str(refused.value)


@pytest.mark.parametrize("password", ["postgres", "password", "Tendwell", ""])
def test_a_well_known_database_password_is_refused_in_production_only(sound: pytest.MonkeyPatch, password: str) -> None:
    sound.setenv(f"{PREFIX}DATABASE_URL", f"postgresql://someone:{password}@db.example/x")
    with pytest.raises(SettingsRefused, match="well-known password"):
        read_settings()
    sound.setenv(f"{PREFIX}ENVIRONMENT", "demo")
    read_settings()


def test_production_is_served_over_https(sound: pytest.MonkeyPatch) -> None:
    sound.setenv(f"{PREFIX}PUBLIC_URL", "http://tendwell.example")
    with pytest.raises(SettingsRefused, match="https"):
        read_settings()


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = read_settings()
    shown = f"{settings!r} {settings}"
    for secret in (settings.cursor_secret, settings.refresh_secret, settings.signing_key, settings.database_url):
        assert secret.get_secret_value() not in shown


def test_a_secret_may_stand_in_a_file_without_its_last_newline(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = new_secret()
    (tmp_path / "cursor").write_text(f"{secret}\n")
    sound.delenv(f"{PREFIX}CURSOR_SECRET")
    sound.setenv(f"{PREFIX}CURSOR_SECRET_FILE", str(tmp_path / "cursor"))
    assert read_settings().cursor_secret.get_secret_value() == secret


def test_a_file_that_is_not_there_is_named(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sound.setenv(f"{PREFIX}SIGNING_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsRefused, match="nowhere"):
        read_settings()


def test_the_first_key_signs_and_the_others_only_verify(sound: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = load_pem_private_key(new_signing_key().encode(), password=None)
    public = old.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "new").write_text(KEY)
    (tmp_path / "old").write_bytes(public)
    sound.delenv(f"{PREFIX}SIGNING_KEY")
    sound.setenv(f"{PREFIX}SIGNING_KEY_FILE", f"{tmp_path / 'new'}, {tmp_path / 'old'}")
    first, second = read_settings().signing_keys
    assert first.private_pem is not None
    assert second.private_pem is None
    assert first.kid != second.kid
    assert second.public_pem.encode() == public


def test_a_key_s_name_comes_from_the_key_alone() -> None:
    (whole,) = read_signing_keys(KEY)
    (half,) = read_signing_keys(whole.public_pem)
    assert whole.kid == half.kid


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P384 = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "not a key",
        read_signing_keys(KEY)[0].public_pem,
        *(k.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode() for k in (RSA, P384)),
    ],
    ids=["nothing", "text", "public half", "RSA", "P-384"],
)
def test_only_a_p256_private_key_signs(sound: pytest.MonkeyPatch, pem: str) -> None:
    sound.setenv(f"{PREFIX}SIGNING_KEY", pem)
    with pytest.raises(SettingsRefused, match="SIGNING_KEY"):
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
    for name in ("SIGNING_KEY", "REFRESH_SECRET", "CURSOR_SECRET"):
        sound.delenv(PREFIX + name)
    assert read_database_url() == "postgresql://someone:uFq7wLZc@db.example/tendwell"
