"""``digest demo``: the first thing a newcomer runs."""

from tests.cli.shell import Shell
from tests.flow.world import dump
from tests.shared import shared

READERS = ["ada@example.org", "bela@example.org", "chidi@example.org"]


def test_three_readers_get_mail_every_time(digest: Shell) -> None:
    first = digest("demo")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[-3:] == [
        "Prepared: 3 issues.",
        "Delivered: 3 sent.",
        "Open demo/outbox/index.html in a browser to read them.",
    ]
    assert digest.mails("demo/outbox") == READERS
    again = digest("demo")
    assert (again.code, again.err) == (0, "Replacing the earlier demo in demo/.\n")
    assert digest.mails("demo/outbox") == READERS
    assert "mails" not in {path.name for path in digest.folder.iterdir()}
    assert [path.name for path in digest.folder.iterdir()] == ["demo"], "nothing else is touched"


def test_the_sample_listings_hold_at_least_sixty_papers(digest: Shell) -> None:
    digest("demo")
    status = digest("status", "--json", DIGEST_DATABASE="sqlite:///demo/digest.db").json
    assert status["papers"] >= 60
    assert not any(listing["problems"] for listing in status["listings"])


def test_the_demo_minds_no_configuration(digest: Shell) -> None:
    digest.write("config.yaml", "subscribers: [{email: me@example.org, interests: [graphs]}]\n")
    assert digest("demo", DIGEST_SMTP__HOST="mail.example.org").code == 0
    assert digest.mails("demo/outbox") == READERS


def test_the_demo_replaces_nothing_but_itself(digest: Shell) -> None:
    digest.write("demo/notes.txt", "mine")
    digest("demo")
    assert (digest.folder / "demo" / "notes.txt").read_text() == "mine"


def test_other_listings(digest: Shell) -> None:
    digest.write("mine/dump.txt", dump())
    answer = digest("demo", "--listings", "mine")
    assert answer.code == 0
    assert "bela@example.org" in digest.mails("demo/outbox"), "graphs are what she asked for"


def test_listings_that_are_no_folder(digest: Shell) -> None:
    answer = digest("demo", "--listings", "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "digest: nowhere is no folder: name one that holds listing dumps.\n"
    assert list(digest.folder.iterdir()) == []


def test_the_four_real_listings(digest: Shell) -> None:
    answer = digest("demo", "--listings", shared("listings"))
    assert answer.code == 0
    papers = {line.split()[0]: line for line in answer.out.splitlines() if ".txt" in line}
    assert len(papers) == 4
    assert digest.mails("demo/outbox") == READERS
    status = digest("status", "--json", DIGEST_DATABASE="sqlite:///demo/digest.db").json
    assert status["papers"] == 589
    assert sorted(each["papers"] for each in status["listings"]) == [37, 77, 106, 385]
