"""Settings from the environment: good defaults, and a clear word about a bad value."""

from pathlib import Path

import pytest

from survey.config import BadSetting, Settings


def test_defaults_need_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KHAOSAT_HOME", "KHAOSAT_PORT", "DATABASE_URL", "KHAOSAT_FILES"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings.from_environment()
    assert (settings.port, settings.home.name, settings.database_url) == (8000, "var", None)


@pytest.mark.parametrize("port", ["eight", "0", "70000", "-1", "８０"])
def test_bad_port_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("KHAOSAT_PORT", port)
    with pytest.raises(BadSetting, match="KHAOSAT_PORT"):
        Settings.from_environment()


@pytest.mark.parametrize(
    "url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_outside_database_takes_the_driver_we_ship(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert Settings.from_environment().database_url == "postgresql+psycopg://u:p@h/d"


def test_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    with pytest.raises(BadSetting, match="postgresql"):
        Settings.from_environment()


def test_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    settings = Settings(tmp_path, 8000, None, "", tmp_path)
    assert settings.secret_key() == settings.secret_key()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KHAOSAT_SMTP_URL", "http://mail.example"),
        ("KHAOSAT_SMTP_URL", "smtp://"),
        ("KHAOSAT_SMTP_URL", "smtp://host:port"),
        ("KHAOSAT_SMS", "http://gateway.example/send"),
        ("KHAOSAT_SMS", "ftp://gateway.example"),
        ("KHAOSAT_SMS_BODY", "{phone} {text}"),
        ("KHAOSAT_SMS_BODY", '{"to": "{phone}"}'),
        ("KHAOSAT_SMS_HEADERS", '{"Authorization": "a\\nb"}'),
        ("KHAOSAT_PUBLIC_URL", "khaosat.example"),
        ("KHAOSAT_MESSAGES_PER_MINUTE", "many"),
    ],
)
def test_a_carrier_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("KHAOSAT_MAIL_FROM", "a@b.example")
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment()


def test_mail_needs_a_sender_and_its_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAOSAT_SMTP_URL", "smtps://user:geheim@mail.example")
    with pytest.raises(BadSetting, match="KHAOSAT_MAIL_FROM") as refused:
        Settings.from_environment()
    assert "geheim" not in str(refused.value)
    monkeypatch.setenv("KHAOSAT_MAIL_FROM", "Khảo Sát Số <a@b.example>")
    assert Settings.from_environment().mail_from == "Khảo Sát Số <a@b.example>"


@pytest.mark.parametrize("text", ["[]", "{", '{"so-khcn": 5}', '{"so-khcn": "bí mật"}', '{"so-khcn": "a b"}'])
def test_a_bad_secret_of_an_endpoint_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("KHAOSAT_DELIVERY_SECRETS", text)
    with pytest.raises(BadSetting, match="KHAOSAT_DELIVERY_SECRETS") as fault:
        Settings.from_environment()
    assert "bí mật" not in str(fault.value)


@pytest.mark.parametrize("text", ["lan", "lan@", "@example.vn", "lan@example.vn, x\ny@example.vn"])
def test_a_bad_address_for_reminders_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KHAOSAT_REMIND_TO", text)
    with pytest.raises(BadSetting, match="KHAOSAT_REMIND_TO"):
        Settings.from_environment()


def test_secrets_and_addresses_for_deliveries_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAOSAT_DELIVERY_SECRETS", '{"so-khcn": "bi-mat"}')
    monkeypatch.setenv("KHAOSAT_REMIND_TO", "lan@example.vn, minh@example.vn")
    settings = Settings.from_environment()
    assert settings.delivery_secrets == {"so-khcn": "bi-mat"}
    assert settings.remind_to == ("lan@example.vn", "minh@example.vn")
