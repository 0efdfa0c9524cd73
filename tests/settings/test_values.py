from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from digest import deliver
from digest.model import (
    Amount,
    Cadence,
    Interest,
    Profile,
    Schedule,
    Sender,
    Slot,
    WhenEmpty,
    Wishes,
)
from digest.settings import InterestEntry, Settings
from digest.settings.values import LONGEST_BOUNCES


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().outbox = Path("elsewhere")
    with pytest.raises(ValidationError, match="frozen"):
        Settings().smtp.host = "elsewhere"


def test_settings_read_nothing_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_OUTBOX", "elsewhere")
    assert Settings().outbox == Path("outbox")


@pytest.mark.parametrize(
    ("given", "database"),
    [
        ("postgresql://ada@db/digest", "postgresql+psycopg://ada@db/digest"),
        ("postgres://ada@db/digest", "postgresql+psycopg://ada@db/digest"),
        ("postgresql+psycopg://ada@db/digest", "postgresql+psycopg://ada@db/digest"),
        ("sqlite:////var/digest.db", "sqlite:////var/digest.db"),
    ],
)
def test_the_database_is_named_as_its_driver_wants_it(given: str, database: str) -> None:
    assert Settings(database=given).database == database


@pytest.mark.parametrize("database", ["", "sqlite://", "sqlite:///:memory:", "mysql://db/digest"])
def test_other_databases_are_refused(database: str) -> None:
    with pytest.raises(ValidationError, match="sqlite:///path/to/file"):
        Settings(database=database)


@pytest.mark.parametrize(
    ("given", "smtp"),
    [
        ({}, False),
        ({"smtp": {"host": "mail.example.org"}}, True),
        ({"smtp": {"host": "mail.example.org"}, "transport": "outbox"}, False),
        ({"smtp": {"host": "mail.example.org"}, "transport": "smtp"}, True),
    ],
)
def test_a_mail_server_is_used_as_soon_as_there_is_one(given: dict[str, Any], smtp: bool) -> None:
    assert Settings(**given).uses_smtp is smtp


@pytest.mark.parametrize(
    ("given", "port", "security"),
    [
        ({}, 587, "starttls"),
        ({"security": "tls"}, 465, "tls"),
        ({"port": 465}, 465, "tls"),
        ({"port": "465"}, 465, "tls"),
        ({"port": 25, "security": "tls"}, 25, "tls"),
        ({"port": 465, "security": "starttls"}, 465, "starttls"),
        ({"port": 1025, "security": "none"}, 1025, "none"),
    ],
)
def test_port_and_security_choose_each_other(
    given: dict[str, Any], port: int, security: str
) -> None:
    smtp = Settings.model_validate({"smtp": given}).smtp
    assert (smtp.port, smtp.security) == (port, security)


def test_the_senders_domain_is_its_addresss_own_unless_given() -> None:
    assert Settings().sender_value() == Sender(
        name="Paper Digest", address="digest@localhost.localdomain", domain="localhost.localdomain"
    )
    sender = {
        "name": "Papers",
        "address": "papers@mail.example.org",
        "domain": "example.org",
        "reply_to": "ada@example.org",
        "bounces": "bounces@example.org",
        "postal": "1 Example Street",
    }
    assert Settings.model_validate({"sender": sender}).sender_value() == Sender(**sender)


def test_our_own_addresses_are_ascii_and_their_domains_become_it() -> None:
    settings = Settings.model_validate(
        {
            "sender": {"address": "digest@post.bücher.example", "domain": "bücher.example"},
            "dkim": [{"selector": "s1", "key_file": "s1.pem", "domain": "bücher.example"}],
            "operator": "ada@bücher.example",
        }
    )
    sender = settings.sender_value()
    assert sender.address == "digest@post.xn--bcher-kva.example"
    assert sender.domain == settings.dkim[0].domain == "xn--bcher-kva.example"
    assert settings.operator == "ada@xn--bcher-kva.example"
    for own in ({"sender": {"reply_to": "jürgen@e.org"}}, {"operator": "jürgen@e.org"}):
        with pytest.raises(ValidationError, match="is not ASCII before the @"):
            Settings.model_validate(own)


def test_a_reader_need_not_be_ascii() -> None:
    reader = {"email": "ju\u0308rgen@Bücher.example", "interests": ["sparse attention"]}
    ((email, _),) = Settings.model_validate({"subscribers": [reader]}).wished()
    assert email == "jürgen@xn--bcher-kva.example"


def test_secrets_come_newest_first_and_stay_out_of_sight() -> None:
    settings = Settings.model_validate({"secret": "a" * 16, "old_secrets": ["b" * 16]})
    assert settings.secrets == ("a" * 16, "b" * 16)
    assert "aaaa" not in repr(settings)
    assert Settings().secrets == ()


def test_a_reader_is_a_line_of_text_and_the_defaults() -> None:
    reader = {"email": "Ada@EXAMPLE.org", "interests": ["sparse attention"]}
    settings = Settings.model_validate({"subscribers": [reader]})
    interest = Interest(name="sparse attention", text="sparse attention")
    assert settings.wished() == (
        ("Ada@example.org", Wishes(profile=Profile(interests=(interest,)), schedule=Schedule())),
    )


def test_a_reader_overrides_what_they_say_and_keeps_the_other_defaults() -> None:
    settings = Settings.model_validate(
        {
            "defaults": {
                "cadence": "weekly",
                "timezone": "Asia/Tokyo",
                "hour": 6,
                "size": 5,
                "language": "ZH-hant",
            },
            "subscribers": [
                {
                    "email": "ada@example.org",
                    "interests": [
                        {"text": "folding", "must": ["protein | antibody"], "weight": 2},
                        {"authors": ["Grace Hopper"], "name": "Colleagues"},
                    ],
                    "cadence": "days",
                    "weekdays": ["thu", "Monday", "thu"],
                    "when_empty": "note",
                    "amount": "fewer",
                    "slots": ["explore"],
                }
            ],
        }
    )
    assert settings.wished()[0][1] == Wishes(
        profile=Profile(
            interests=(
                Interest(name="folding", text="folding", must=("protein | antibody",), weight=2),
                Interest(name="Colleagues", authors=("Grace Hopper",)),
            )
        ),
        schedule=Schedule(cadence=Cadence.DAYS, weekdays=(3, 0), hour=6, timezone="Asia/Tokyo"),
        size=5,
        when_empty=WhenEmpty.NOTE,
        language="zh-Hant",
        amount=Amount.FEWER,
        slots=(Slot.EXPLORE,),
    )


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"keywords": ["a", "b"], "authors": ["C"]}, "a, b, C"),
        ({"text": "short", "keywords": ["a"]}, "short"),
        ({"text": "word " * 40}, " ".join(["word"] * 12) + "…"),
        ({"text": "short", "name": "Mine"}, "Mine"),
    ],
)
def test_an_interest_without_a_name_is_called_after_what_it_looks_for(
    entry: dict[str, Any], name: str
) -> None:
    assert InterestEntry.model_validate(entry).value().name == name


def test_there_are_no_admin_pages_by_default() -> None:
    assert (Settings().admin.password, Settings().admin.header) == (None, None)


@pytest.mark.parametrize(
    ("admin", "sentence"),
    [
        ({"password": "short"}, "16 characters"),
        ({"header": ""}, "name of a header"),
        ({"header": "X-User: x"}, "name of a header"),
        ({"header": "X-User\r\nX"}, "name of a header"),
        ({"user": "grace"}, "Extra inputs"),
    ],
)
def test_an_admin_door_that_would_not_close_is_refused(
    admin: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Settings.model_validate({"admin": admin})


def test_the_admin_password_is_never_printed() -> None:
    settings = Settings.model_validate({"admin": {"password": "a hard to guess one"}})
    assert "hard to guess" not in repr(settings)


def test_the_name_of_the_bounce_mailbox_leaves_room_for_a_signed_id() -> None:
    assert LONGEST_BOUNCES == deliver.LONGEST_NAME
    fits = f"{'b' * LONGEST_BOUNCES}@example.org"
    assert Settings(sender={"bounces": fits}).sender.bounces == fits  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="choose a shorter name"):
        Settings(sender={"bounces": f"b{fits}"})  # type: ignore[arg-type]
