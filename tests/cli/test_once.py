"""``digest once``: for a person with a configuration file and a cron job."""

import sqlite3
from contextlib import closing
from pathlib import Path

from digest import flow
from digest.app import open_app
from digest.settings import Settings
from tests.cli.shell import INTERESTS, Shell
from tests.deliver.servers import Inbox, mail_server, only
from tests.flow.world import dump, read_mail

READERS = """\
sender: {address: digest@example.org}
subscribers:
  - email: ada@example.org
    interests: [graph neural networks]
  - email: bela@example.org
    interests:
      - name: Robots
        text: robot grasping
"""


KEYLESS = """\
sender: {address: digest@example.org}
operator: op@example.org
dkim: [{selector: s, key_file: nowhere.pem}]
"""


def test_twice_sends_once(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    first = digest("once")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[-3:] == [
        "Prepared: 1 issue.",
        "Delivered: 1 sent.",
        f"Open {digest.folder / 'outbox' / 'index.html'} in a browser to read them.",
    ]
    again = digest("once")
    assert (again.code, again.out.splitlines()) == (
        0,
        [
            "Nothing new from any source.",
            "Nobody was due.",
            "Nothing was waiting to be delivered.",
        ],
    )
    assert digest.mails() == ["ada@example.org"]


def test_a_script_gets_what_was_done(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    answer = digest("once", "--json")
    assert answer.err == ""
    assert answer.json["ingested"][0]["new"] == 5
    assert answer.json["prepared"] == {"issues": 1, "notes": 0, "skipped": 0, "failed": 0}
    assert answer.json["delivered"] == {"sent": 1}
    assert answer.json["error"] is None


def test_who_gets_nothing_is_mentioned(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", "--interest", "medieval vellum manuscripts")
    digest.write("inbox/dump.txt")
    answer = digest("once")
    assert answer.code == 0
    assert "Prepared: 1 reader with nothing to send.\n" in answer.out
    assert "`digest why ADDRESS` says why" in answer.out


def test_a_configuration_and_secrets_in_the_environment_suffice(digest: Shell) -> None:
    digest.write("config.yaml", READERS)
    digest.write("inbox/dump.txt")
    inbox = Inbox()
    login = {"authenticator": only("digest", "sesame"), "auth_require_tls": False}
    with mail_server(inbox, **login) as port:
        server = {
            "DIGEST_SMTP__HOST": "127.0.0.1",
            "DIGEST_SMTP__PORT": str(port),
            "DIGEST_SMTP__SECURITY": "none",
            "DIGEST_SMTP__USERNAME": "digest",
            "DIGEST_SMTP__PASSWORD": "sesame",
        }
        first = digest("once", **server)
        again = digest("once", "--json", **server)
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.out.endswith("Prepared: 2 issues.\nDelivered: 2 sent.\n")
    assert again.json["delivered"] == {}
    mails = {str(read_mail(each.content)["To"]): each for each in inbox.messages}
    assert sorted(mails) == ["ada@example.org", "bela@example.org"]
    assert len(inbox.messages) == 2
    assert inbox.messages[0].login == "digest"
    assert "Robots" in read_mail(mails["bela@example.org"].content)["Subject"]
    assert not (digest.folder / "outbox").exists()


def test_readers_may_come_from_the_environment_too(digest: Shell) -> None:
    digest.write("inbox/dump.txt")
    readers = '[{"email": "ada@example.org", "interests": ["graph neural networks"]}]'
    answer = digest("once", DIGEST_SUBSCRIBERS=readers, DIGEST_OUTBOX="mail")
    assert answer.code == 0, answer.err
    assert digest.mails("mail") == ["ada@example.org"]


def test_who_is_struck_off_the_configuration_leaves(digest: Shell) -> None:
    digest.write("config.yaml", READERS)
    digest("once")
    digest.write("config.yaml", READERS.partition("  - email: bela")[0])
    assert {each["state"] for each in digest("subscribers", "--json").json} == {"active"}, (
        "a question changes nothing"
    )
    digest("once")
    states = {each["email"]: each["state"] for each in digest("subscribers", "--json").json}
    assert states == {"ada@example.org": "active", "bela@example.org": "unsubscribed"}


def test_a_source_that_fails_stops_nothing_and_is_told(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest.write("inbox/shopping.txt", "milk\neggs\n")
    answer = digest("once")
    assert answer.code == 1
    assert "shopping.txt" in answer.err
    assert digest.mails() == ["ada@example.org"]


def test_an_outbox_that_cannot_be_written_is_told_beside_what_was_done(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest.write("outbox", "a file stands in the way")
    answer = digest("once")
    assert answer.code == 1
    assert "Prepared: 1 issue.\n" in answer.out
    assert "Nothing was waiting" not in answer.out
    assert "\nStopped: The outbox " in answer.err
    (digest.folder / "outbox").unlink()
    assert digest("once", "--json").json["delivered"] == {"sent": 1}


def test_a_key_that_is_not_there_is_told_beside_what_was_done_and_to_the_operator(
    digest: Shell,
) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest.write("config.yaml", KEYLESS)
    answer = digest("once")
    assert answer.code == 1
    assert "Prepared: 1 issue.\n" in answer.out
    assert "\nStopped: dkim.key_file " in answer.err
    assert digest.mails() == ["op@example.org"]


def test_bounces_that_cannot_be_read_are_told_and_stop_nothing(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest.write("config.yaml", "operator: op@example.org\nbounces: {maildir: nowhere}\n")
    assert "Delivered: 1 sent.\n" in digest("once").out
    assert digest.mails() == ["ada@example.org", "op@example.org"]


def test_books_that_do_not_balance_are_told_after_every_run(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest("once")
    with closing(sqlite3.connect(digest.folder / "data" / "digest.db")) as ledger:
        ledger.execute("UPDATE deliveries SET state = 'mislaid'")
        ledger.commit()
    for _ in range(2):
        answer = digest("once")
        assert answer.code == 1
        assert "The books do not balance" in answer.err.splitlines()[-1]
    assert digest("once", "--json").json["balanced"] is False
    status = digest("status")
    assert status.code == 1
    assert "The books do not balance" in status.err


def test_a_mail_server_that_is_away_is_told_and_tried_again(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    away = {"DIGEST_SMTP__HOST": "127.0.0.1", "DIGEST_SMTP__PORT": "1"}
    answer = digest("once", "--json", DIGEST_SMTP__SECURITY="none", **away)
    assert answer.code == 1
    assert answer.json["delivered"] == {"queued": 1}
    assert answer.json["error"]
    books = digest("status", "--json").json["books"]
    assert books["queued"] == 1
    (resting,) = digest("status", "--json").json["resting"]
    assert "Connection refused" in resting["reason"]
    assert digest("resume").out == "1 host will be tried with the next run.\n"


def test_the_real_part_and_the_shell_see_the_same_store(digest: Shell, tmp_path: Path) -> None:
    digest.write("inbox/dump.txt", dump(["Tides of an Inland Sea"]))
    digest("once")
    app = open_app(Settings(database=f"sqlite:///{tmp_path / 'data' / 'digest.db'}"))
    (paper,) = flow.papers(app)
    app.engine.dispose()
    assert paper.title == "Tides of an Inland Sea"
