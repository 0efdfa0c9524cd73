"""``digest preview``, ``why``, ``status``: answers that change nothing."""

import json

import pytest

from tests.cli.shell import INTERESTS, Shell

NOBODY_LIKE_IT = ("--interest", "medieval vellum manuscripts")


@pytest.fixture
def known(digest: Shell) -> Shell:
    """Five papers and one reader, whose issue is due."""
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    digest("ingest")
    return digest


def test_a_preview_is_what_will_come_and_writes_nothing(known: Shell) -> None:
    before = known("status", "--json").json
    text = known("preview", "ada@example.org")
    assert (text.code, text.err) == (0, "")
    assert text.out.startswith("Subject: 2 papers · graph neural networks · ")
    assert "Message Passing on Sparse Graphs" in text.out
    assert known("preview", "ada@example.org", "--text").out == text.out
    assert known("preview", "ada@example.org", "--html", "p.html").out == (
        "Open p.html in a browser.\n"
    )
    assert "Message Passing on Sparse Graphs" in (known.folder / "p.html").read_text("utf-8")
    assert known("status", "--json").json == before
    assert known("why", "ada@example.org", "--json").json["turns"] == []
    assert known("once", "--json").json["delivered"] == {"sent": 1}


def test_a_preview_that_would_not_come_says_so_aside(known: Shell) -> None:
    known("subscribe", "bob@example.org", "--interest", "medieval vellum manuscripts")
    answer = known("preview", "bob@example.org")
    assert answer.code == 0
    assert answer.out.startswith("Subject: ")
    assert "no mail would come" in answer.err


def test_a_preview_is_text_or_html(known: Shell) -> None:
    both = known("preview", "ada@example.org", "--text", "--html", "p.html")
    assert (both.code, both.out) == (2, "")
    assert "alternatives" in both.err
    assert not (known.folder / "p.html").exists()


def test_a_preview_that_cannot_be_written_is_said(known: Shell) -> None:
    answer = known("preview", "ada@example.org", "--html", "nowhere/p.html")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "digest: nowhere/p.html cannot be written: No such file or directory.\n"


def test_why_before_anything_happened(known: Shell) -> None:
    answer = known("why", "ada@example.org")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "ada@example.org is active: weekdays at 07:00 UTC."
    assert "Today: 5 new papers, 2 close enough, 2 would be sent." in lines
    assert lines[-1] == "No turn yet."


def test_why_after_an_issue(known: Shell) -> None:
    known("once")
    answer = known("why", "ada@example.org")
    assert "2 chosen of 2 close enough, of 5 new papers." in answer.out
    last = answer.out.splitlines()[-1]
    assert last.startswith("Issues")
    assert "2 papers  sent  1 attempt" in last
    values = known("why", "ada@example.org", "--json").json
    assert [issue["state"] for issue in values["issues"]] == ["sent"]
    assert [turn["result"] for turn in values["turns"]] == ["issue"]
    assert values["now"]["candidates"] == 3


def test_why_promises_nothing_to_who_left(known: Shell) -> None:
    known("unsubscribe", "ada@example.org")
    answer = known("why", "ada@example.org")
    assert answer.out.splitlines()[0] == "ada@example.org is unsubscribed: weekdays at 07:00 UTC."
    assert "Next due" not in answer.out
    assert "would be sent" not in answer.out


def test_why_after_nothing_was_close(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *NOBODY_LIKE_IT)
    digest.write("inbox/dump.txt")
    digest("once")
    answer = digest("why", "ada@example.org")
    assert "None of 5 new papers was close enough." in answer.out
    values = digest("why", "ada@example.org", "--json").json
    assert values["subscriber"]["email"] == "ada@example.org"
    assert [turn["result"] for turn in values["turns"]] == ["skipped"]
    assert (values["issues"], values["now"]["above_floor"]) == ([], 0)


def test_status_accounts_for_every_issue(known: Shell) -> None:
    empty = known("status")
    assert empty.out.startswith("5 papers; subscribers: 1 active.\nNext turn: 20")
    assert "0 issues: none yet.\n" in empty.out
    known("once")
    values = known("status", "--json").json
    assert values["balanced"] is True
    assert (values["issues"], values["books"]["sent"]) == (1, 1)
    assert values["issues"] == sum(values["books"].values())
    assert values["subscribers"] == {"active": 1}
    (listing,) = values["listings"]
    assert (listing["name"], listing["papers"]) == ("dump.txt", 5)
    assert "T" in listing["ingested_at"]
    assert "1 issue: 1 sent.\n" in known("status").out


def test_status_names_a_source_that_fails(digest: Shell) -> None:
    digest.write("config.yaml", "sources: [{file: gone.txt, name: gone}]\n")
    digest("ingest")
    values = digest("status", "--json").json
    assert [(each["name"], bool(each["error"])) for each in values["sources"]] == [("gone", True)]
    assert "gone.txt cannot be read" in digest("status").out


def test_a_reader_beyond_ascii_is_found_however_the_address_is_typed(digest: Shell) -> None:
    reader = {"email": "jürgen@Bücher.example", "interests": ["graph neural networks"]}
    digest.write("config.yaml", f"subscribers: [{json.dumps(reader, ensure_ascii=False)}]\n")
    digest.write("inbox/dump.txt")
    assert digest("once").code == 0
    assert digest.mails() == ["jürgen@xn--bcher-kva.example"]
    for typed in ("jürgen@bücher.example", "ju\u0308rgen@xn--bcher-kva.example"):
        answer = digest("why", typed, "--json").json
        assert answer["subscriber"]["email"] == "jürgen@xn--bcher-kva.example"
        assert [issue["state"] for issue in answer["issues"]] == ["sent"]
    assert "jürgen@xn--bcher-kva.example" in digest("subscribers").out
    assert digest("unsubscribe", "jürgen@bücher.example").code == 0
    refused = digest("subscribe", "jür\u202egen@example.org", *INTERESTS)
    assert refused.code == 2
    assert "RIGHT-TO-LEFT OVERRIDE" in refused.err
