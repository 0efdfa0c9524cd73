"""The doctor: an installation that is well, and each thing broken on purpose."""

import socket
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from digest import deliver, flow, store
from digest.flow import Condition, Finding, Patient
from digest.flow import doctor as doctor_room
from digest.flow.doctor.domain import check_dkim, check_dmarc, check_spf
from digest.settings import Settings
from tests.deliver.servers import HOST, Inbox, free_port, mail_server, only, smtp_sink
from tests.flow.world import GRAPHS, World, read_mail
from tests.records.zone import Zone, serving
from tests.web.conftest import open_site

ZONE: Zone = {
    ("example.org", "TXT"): ("v=spf1 ip4:203.0.113.0/24 -all",),
    ("_dmarc.example.org", "TXT"): ("v=DMARC1; p=quarantine",),
}


def patient(world: World, database: str, *, zone: Zone = ZONE, **more: Any) -> Patient:
    values: dict[str, Any] = {
        "database": database,
        "outbox": world.outbox,
        "sources": [{"folder": world.inbox, "name": "inbox"}],
        "secret": "a secret for the tests",
        "sender": {"address": "digest@example.org"},
    }
    return Patient(settings=Settings(**(values | more)), resolve=serving(zone))


def examine(who: Patient, **more: Any) -> dict[str, Finding]:
    return {each.check: each for each in flow.diagnose(who, **more)}


def conditions(found: Mapping[str, Finding]) -> dict[str, str]:
    return {name: each.condition for name, each in found.items()}


def test_all_is_well(database: str, tmp_path: Path) -> None:
    inbox = Inbox()
    pem = deliver.make_key("rsa")
    (tmp_path / "s1.pem").write_bytes(pem)
    key = deliver.read_key(pem, domain="example.org", selector="s1")
    with open_site(database, tmp_path) as site, mail_server(inbox) as port:
        site.world.subscribe("ada@example.org", GRAPHS)
        found = examine(
            patient(
                site.world,
                database,
                smtp={"host": HOST, "port": port, "security": "none"},
                web={"url": site.world.app.web_url},
                dkim=[{"selector": "s1", "key_file": tmp_path / "s1.pem"}],
                zone={**ZONE, (key.name, "TXT"): (key.record,)},
            ),
            send_to="eve@example.org",
        )
        doubts = {name: each.said for name, each in found.items() if each.condition != "good"}
        assert doubts == {
            "configuration": "One-click unsubscribe needs https: set web.url to an https address."
        }
        (mail,) = [read_mail(each.content) for each in inbox.messages]
        assert mail["To"] == "eve@example.org"
        assert mail["List-Unsubscribe"].startswith(f"<{site.world.app.web_url}/unsubscribe/")
        assert {"DKIM-Signature", "List-Id", "Date", "Message-ID", "List-Unsubscribe-Post"} <= set(
            mail.keys()
        )
        assert "250 2.0.0 taken" in found["test mail"].said
        assert flow.status(site.world.app).issues == 0


def test_the_outbox_needs_no_mail_server(world: World, database: str) -> None:
    found = examine(patient(world, database))
    assert "SPF" not in found
    assert set(conditions(found).values()) == {"good"}


def test_a_database_that_is_not_migrated(world: World, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    engine.dispose()
    said = examine(patient(world, url))["database"]
    assert (said.condition, said.said) == (
        Condition.BAD,
        "The database is at no version: run `digest migrate`.",
    )


def test_a_database_that_is_not_there_is_not_made(world: World, tmp_path: Path) -> None:
    file = tmp_path / "other" / "digest.db"
    found = examine(patient(world, f"sqlite:///{file}"))
    assert found["database"].condition is Condition.DOUBTFUL
    assert not file.parent.exists()


def test_a_database_server_that_is_gone(world: World) -> None:
    url = f"postgresql+psycopg://nobody@{HOST}:{free_port()}/digest"
    found = examine(patient(world, url))
    assert found["database"].condition is Condition.BAD
    assert found["database"].said.startswith("The database cannot be used: ")
    assert found["database"].said.endswith(": start it, or check `database`.")
    assert found["clock"].condition is Condition.GOOD, "that is not what is wrong"


def test_a_damaged_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "damaged.db"
    url = f"sqlite:///{file}"
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    content = bytearray(file.read_bytes())
    content[8192:16384] = b"\x55" * 8192
    file.write_bytes(content)
    said = examine(patient(world, url))["database"]
    assert said.condition is Condition.BAD
    assert "\n" not in said.said
    assert said.said.endswith("restore the last backup with `digest restore`.")


def test_books_that_do_not_balance(world: World, database: str) -> None:
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.run()
    with store.writing(world.app.engine) as connection:
        connection.execute(text("DELETE FROM deliveries"))
    assert "do not balance" in examine(patient(world, database))["database"].said


def test_a_broken_template(
    world: World, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from digest import assets

    shutil.copytree(assets.path("templates"), tmp_path / "templates")
    (tmp_path / "templates" / "web" / "sent.html").write_text("{% if %}")
    monkeypatch.setattr(assets, "path", lambda name: tmp_path / name)
    said = examine(patient(world, database))["templates"]
    assert said.condition is Condition.BAD
    assert "sent.html" in said.said
    (tmp_path / "templates" / "email" / "issue.css").unlink()
    assert "issue.css" in examine(patient(world, database))["templates"].said


def test_a_clock_that_is_wrong(database: str, tmp_path: Path) -> None:
    with open_site(database, tmp_path) as site:
        ahead = patient(site.world, database, web={"url": site.world.app.web_url})
        late = Patient(
            settings=ahead.settings,
            resolve=ahead.resolve,
            clock=lambda: ahead.clock() - timedelta(hours=1),
        )
        said = examine(late)["clock"]
        assert said.condition is Condition.BAD
        assert "behind" in said.said


def smtp(port: int, **more: Any) -> dict[str, Any]:
    return {"host": HOST, "port": port, "security": "none", **more}


def test_a_mail_server_that_is_gone(world: World, database: str) -> None:
    found = examine(patient(world, database, smtp=smtp(free_port())), send_to="eve@example.org")
    assert found["mail server"].condition is Condition.BAD
    assert "cannot be reached (Connection refused)" in found["mail server"].said
    assert found["test mail"].condition is Condition.BAD


def test_a_mail_server_that_offers_no_encryption_or_refuses_the_login(
    world: World, database: str
) -> None:
    with mail_server(Inbox()) as port:
        found = examine(patient(world, database, smtp=smtp(port, security="starttls")))
        assert "offers no STARTTLS" in found["mail server"].said
    login = {"authenticator": only("ada", "right"), "auth_require_tls": False}
    with mail_server(Inbox(), **login) as port:
        wrong = smtp(port, username="ada", password="wrong")
        said = examine(patient(world, database, smtp=wrong))["mail server"]
        assert "refuses the login of ada" in said.said
        assert "wrong" not in said.said
        right = smtp(port, username="ada", password="right")
        assert conditions(examine(patient(world, database, smtp=right)))["mail server"] == "good"


def test_a_mail_server_that_lets_nobody_in_for_now(world: World, database: str) -> None:
    with smtp_sink("-r", "CONNECT") as port:
        said = examine(patient(world, database, smtp=smtp(port)))["mail server"]
    assert said.condition is Condition.BAD
    assert said.said.endswith("(450 4.3.0 Error: command failed): try later, or ask its operator.")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-f", "RCPT", "-B", "550 5.1.1 nobody"), "(550 5.1.1 nobody): give an address that"),
        (("-f", "MAIL", "-B", "530 5.7.0 log in."), "its password)): mend that, or ask"),
        (("-r", "."), "command failed): try again"),
    ],
)
def test_a_test_mail_that_is_not_taken_says_what_to_do(
    world: World, database: str, options: tuple[str, ...], words: str
) -> None:
    with smtp_sink(*options) as port:
        found = examine(patient(world, database, smtp=smtp(port)), send_to="eve@example.org")
    assert found["test mail"].condition is Condition.BAD
    assert words in found["test mail"].said


def test_a_test_mail_to_an_address_the_mail_server_cannot_take(world: World, database: str) -> None:
    with mail_server(Inbox(), enable_SMTPUTF8=False) as port:
        asked = patient(world, database, smtp=smtp(port))
        said = examine(asked, send_to="jürgen@example.org")["test mail"]
    assert said.condition is Condition.BAD
    assert said.said.endswith("have SMTPUTF8 turned on there, or give an ASCII address.")


def test_readers_whom_the_mail_server_cannot_reach(world: World, database: str) -> None:
    def told(**settings: Any) -> Finding:
        with mail_server(Inbox(), **settings) as port:
            return examine(patient(world, database, smtp=smtp(port)))["mail server"]

    assert "takes any address (SMTPUTF8)" in told(enable_SMTPUTF8=True).said
    fine = told(enable_SMTPUTF8=False)
    assert (fine.condition, "takes ASCII addresses only" in fine.said) == (Condition.GOOD, True)
    reader = world.subscribe("jürgen@example.org", GRAPHS)
    world.subscribe("ada@example.org", GRAPHS)
    assert told(enable_SMTPUTF8=True).condition is Condition.GOOD
    lacking = told(enable_SMTPUTF8=False)
    assert lacking.condition is Condition.DOUBTFUL
    assert "does not offer SMTPUTF8" in lacking.said
    assert "(1): have it turned on there" in lacking.said
    flow.unsubscribe(world.app, reader)
    assert told(enable_SMTPUTF8=False).condition is Condition.GOOD


def test_a_mail_server_that_is_silent_ends_in_time(world: World, database: str) -> None:
    with socket.create_server((HOST, 0)) as silent:
        began = time.monotonic()
        port = silent.getsockname()[1]
        found = examine(patient(world, database, smtp=smtp(port, timeout=0.2)), longest=20)
        assert found["mail server"].condition is Condition.BAD
        assert time.monotonic() - began < 20


RELAY = "relay.example.net"


@pytest.mark.parametrize(
    ("spf", "condition", "words"),
    [
        ("v=spf1 ip4:203.0.113.5 -all", "good", "lets 203.0.113.5 send"),
        ("v=spf1 ip4:198.51.100.1 -all", "doubtful", "does not let 203.0.113.5 send (fail)"),
        ("v=spf1 ip5:198.51.100.1 -all", "bad", "is invalid"),
        ("v=spf1 exists:%{i}.example -all", "doubtful", "cannot be told"),
        ("nothing", "bad", "has no SPF record: publish"),
    ],
)
def test_spf(world: World, database: str, spf: str, condition: str, words: str) -> None:
    zone: Zone = {**ZONE, ("example.org", "TXT"): (spf,), (RELAY, "A"): ("203.0.113.5",)}
    who = patient(world, database, zone=zone, smtp={"host": RELAY, "port": free_port()})
    found = check_spf(who)
    assert found[0] == condition
    assert words in found[1]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        (RELAY, "v=spf1 a:relay.example.net ~all"),
        ("203.0.113.5", "v=spf1 ip4:203.0.113.5 ~all"),
        ("2001:db8::5", "v=spf1 ip6:2001:db8::5 ~all"),
        (HOST, "v=spf1 ip4:ADDRESS-IT-SENDS-FROM ~all"),
    ],
)
def test_a_record_that_is_missing_is_proposed_for_our_relay(
    world: World, database: str, host: str, words: str
) -> None:
    zone: Zone = {(RELAY, "A"): ("203.0.113.5",)}
    who = patient(world, database, zone=zone, smtp={"host": host, "port": free_port()})
    assert words in check_spf(who)[1]


def test_a_relay_of_our_own_needs_a_record_too(world: World, database: str) -> None:
    near = patient(world, database, zone={}, smtp=smtp(25))
    assert check_spf(near)[0] is Condition.BAD
    near = patient(world, database, smtp=smtp(25))
    assert check_spf(near)[0] is Condition.GOOD


@pytest.mark.parametrize(
    ("record", "bounces", "condition", "words"),
    [
        ("v=DMARC1; p=none", None, "good", "aligned"),
        ("v=DMARC1; p=none", "back@mail.example.org", "good", "aligned"),
        ("v=DMARC1; p=none; aspf=s", "back@mail.example.org", "doubtful", "another"),
        ("v=DMARC1; p=none", "back@example.net", "doubtful", "only DKIM"),
        ("v=DMARC1; p=perhaps", None, "doubtful", "asks for nothing"),
        ("v=DMARC1; p=none; pct=50", None, "doubtful", "pct"),
        ("none", None, "bad", "has no DMARC record"),
    ],
)
def test_dmarc(
    world: World, database: str, record: str, bounces: str | None, condition: str, words: str
) -> None:
    zone: Zone = {("_dmarc.example.org", "TXT"): (record,)}
    sender = {"address": "digest@example.org", "bounces": bounces}
    who = patient(world, database, zone=zone, smtp=smtp(25), sender=sender)
    found = check_dmarc(who)
    assert found[0] == condition
    assert words in found[1]


def test_dkim(world: World, database: str, tmp_path: Path) -> None:
    (tmp_path / "s1.pem").write_bytes(deliver.make_key("ed25519"))
    dkim = [{"selector": "s1", "key_file": tmp_path / "s1.pem"}]
    record = deliver.read_key(
        (tmp_path / "s1.pem").read_bytes(), domain="example.org", selector="s1"
    ).record

    def told(*records: str) -> tuple[Condition, str]:
        zone: Zone = {**ZONE, ("s1._domainkey.example.org", "TXT"): records}
        return check_dkim(patient(world, database, zone=zone, smtp=smtp(25), dkim=dkim))

    assert told(record)[0] is Condition.GOOD
    assert told(record + "; t=y")[0] is Condition.DOUBTFUL
    assert "is missing: publish" in told()[1]
    assert "another key than ours" in told("v=DKIM1; k=ed25519; p=AAAA")[1]
    assert "is revoked" in told("v=DKIM1; p=")[1]
    assert "twice" in told(record, record)[1]
    assert "We sign no mail" in check_dkim(patient(world, database, smtp=smtp(25)))[1]
    gone = [{"selector": "s1", "key_file": tmp_path / "gone.pem"}]
    said = examine(patient(world, database, smtp=smtp(free_port()), dkim=gone))["DKIM"]
    assert (said.condition, "gone.pem cannot be read" in said.said) == (Condition.BAD, True)


def test_our_signature_vouches_for_what_spf_does_not(
    world: World, database: str, tmp_path: Path
) -> None:
    (tmp_path / "s1.pem").write_bytes(deliver.make_key("ed25519"))
    who = patient(
        world,
        database,
        smtp=smtp(25),
        sender={"address": "digest@example.org", "bounces": "back@example.net"},
        dkim=[{"selector": "s1", "key_file": tmp_path / "s1.pem"}],
    )
    assert check_dmarc(who)[0] is Condition.GOOD


def test_name_servers_that_do_not_answer_are_told(world: World, database: str) -> None:
    zone: Zone = {("example.org", "TXT"): None, ("_dmarc.example.org", "TXT"): None}
    found = examine(patient(world, database, zone=zone, smtp=smtp(free_port())))
    assert "name servers do not tell" in found["SPF"].said
    assert "name servers do not tell" in found["DMARC"].said


def test_pages_that_are_gone_or_are_not_ours(world: World, database: str, tmp_path: Path) -> None:
    gone = patient(world, database, web={"url": f"http://{HOST}:{free_port()}"})
    assert "cannot be reached from here" in examine(gone)["one-click"].said
    with open_site(f"sqlite:///{_other(tmp_path)}", tmp_path / "site", secret="x" * 20) as site:
        world.subscribe("ada@example.org", GRAPHS)
        stranger = patient(world, database, web={"url": site.world.app.web_url})
        said = examine(stranger)["one-click"]
        assert said.condition is Condition.BAD
        assert "share database and secret" in said.said


def _other(tmp_path: Path) -> Path:
    file = tmp_path / "other.db"
    engine = store.open_engine(f"sqlite:///{file}")
    store.upgrade(engine)
    engine.dispose()
    return file


def test_a_source_that_cannot_be_read(world: World, database: str, tmp_path: Path) -> None:
    sources = [{"file": tmp_path / "gone.txt", "name": "Gone"}]
    alone = examine(patient(world, database, sources=sources))["sources"]
    assert (alone.condition, "Gone" in alone.said) == (Condition.BAD, True)
    both = [*sources, {"folder": world.inbox, "name": "inbox"}]
    said = examine(patient(world, database, sources=both))["sources"]
    assert said.condition is Condition.DOUBTFUL
    assert said.said.startswith("1 of 2 can be read; not Gone (")


def test_an_outbox_that_is_a_file(world: World, database: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = examine(patient(world, database, outbox=tmp_path / "file"))["outbox"]
    assert said.condition is Condition.BAD


def test_a_check_that_breaks_or_hangs_stops_no_other(
    world: World, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(patient: Patient) -> tuple[Condition, str]:
        raise ZeroDivisionError("by zero")

    def hangs(patient: Patient) -> tuple[Condition, str]:
        time.sleep(5)
        return Condition.GOOD, "Late."

    monkeypatch.setattr(doctor_room, "check_disk", breaks)
    monkeypatch.setattr(doctor_room, "check_templates", hangs)
    found = examine(patient(world, database), longest=2)
    assert "ZeroDivisionError" in found["disk"].said
    assert "longer than 2 s" in found["templates"].said
    assert found["outbox"].condition is Condition.GOOD
