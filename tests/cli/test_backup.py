"""``digest backup`` and ``digest restore``."""

import io

import pytest

from tests.cli.shell import INTERESTS, Shell


def test_a_backup_and_back_to_it(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    made = digest("backup", "digest.backup")
    assert made.code == 0
    assert made.out.startswith("digest.backup holds the database (")
    assert "data/digest.secret with it" in made.out
    digest("subscribe", "bob@example.org", *INTERESTS)
    back = digest("restore", "digest.backup", "--yes")
    assert (back.code, back.err) == (0, "")
    assert back.out.splitlines()[:2] == [
        "digest.backup is back in place, and 0 listings came since.",
        "1 reader may have had an issue since: it is not sent again.",
    ]
    assert "digest.db.before-restore" in back.out
    assert [each["email"] for each in digest("subscribers", "--json").json] == ["ada@example.org"]
    again = digest("restore", "digest.backup", "--yes", "--json").json
    assert (again["turns"], again["uncertain"]) == (1, 0)


def test_nothing_is_replaced_without_a_yes(digest: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest("backup", "digest.backup")
    digest("subscribe", "bob@example.org", *INTERESTS)
    answer = digest("restore", "digest.backup")
    assert (answer.code, "say --yes" in answer.err) == (2, True)
    assert len(digest("subscribers", "--json").json) == 2


def test_what_cannot_be_done_is_one_sentence(digest: Shell) -> None:
    empty = digest("backup", "digest.backup")
    assert (empty.code, len(empty.err.splitlines())) == (1, 1)
    digest("migrate")
    gone = digest("restore", "gone.backup", "--yes")
    assert (gone.code, gone.out) == (1, "")
    assert gone.err == (
        "digest: There is no file gone.backup: name a backup that `digest backup` made.\n"
    )
    nowhere = digest("backup", "nowhere/digest.backup")
    assert nowhere.err == (
        "digest: nowhere/digest.backup cannot be written: No such file or directory.\n"
    )
