"""``digest subscribe``, ``subscribers``, ``unsubscribe``."""

import pytest

from tests.cli.shell import INTERESTS, Shell


def test_every_wish_is_kept(digest: Shell) -> None:
    wishes = {
        "--interest": ["sparse attention", "robot grasping"],
        "--include": ["transformer | attention"],
        "--exclude": ["survey", "review"],
        "--category": ["cs.LG"],
        "--author": ["Ada Quill"],
        "--weekday": ["mon", "Thursday"],
        "--hour": ["6"],
        "--timezone": ["Europe/Berlin"],
        "--size": ["7"],
        "--when-empty": ["note"],
        "--amount": ["more"],
        "--slot": ["most-read", "explore", "most-read"],
    }
    options = [
        word for name, values in wishes.items() for value in values for word in (name, value)
    ]
    answer = digest("subscribe", "Ada@Example.ORG", *options)
    assert answer.code == 0
    assert answer.out.startswith(
        "Subscribed Ada@example.org: 3 interests, every Mon and Thu at 06:00, Berlin time.\n"
    )
    (stored,) = digest("subscribers", "--json").json
    assert stored["email"] == "Ada@example.org"
    assert stored["state"] == "active"
    assert stored["wishes"]["schedule"] == {
        "cadence": "days",
        "weekdays": [0, 3],
        "hour": 6,
        "timezone": "Europe/Berlin",
    }
    assert (stored["wishes"]["size"], stored["wishes"]["when_empty"]) == (7, "note")
    assert (stored["wishes"]["amount"], stored["wishes"]["slots"]) == (
        "more",
        ["most-read", "explore"],
    )
    attention, grasping, followed = stored["wishes"]["profile"]["interests"]
    assert attention["text"] == attention["name"] == "sparse attention"
    for interest in (attention, grasping):
        assert interest["must"] == ["transformer | attention"]
        assert interest["exclude"] == ["survey", "review"]
        assert interest["categories"] == ["cs.LG"]
        assert interest["authors"] == []
    assert (followed["authors"], followed["must"], followed["text"]) == (["Ada Quill"], [], "")


@pytest.mark.parametrize("cadence", ["daily", "weekdays", "weekly"])
def test_the_cadence_is_kept(digest: Shell, cadence: str) -> None:
    answer = digest("subscribe", "ada@example.org", *INTERESTS, "--cadence", cadence, "--json")
    assert answer.json["wishes"]["schedule"]["cadence"] == cadence
    assert answer.err == ""


def test_what_is_not_said_is_the_default_of_the_configuration(digest: Shell) -> None:
    digest.write("config.yaml", "defaults: {hour: 9, timezone: Asia/Tokyo, size: 3}\n")
    stored = digest("subscribe", "ada@example.org", *INTERESTS, "--size", 4, "--json").json
    assert stored["wishes"]["schedule"]["hour"] == 9
    assert stored["wishes"]["schedule"]["timezone"] == "Asia/Tokyo"
    assert stored["wishes"]["size"] == 4


def test_subscribing_again_replaces_the_wishes(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    answer = digest("subscribe", "ada@example.org", "--include", "tides")
    assert answer.out.startswith("Changed ada@example.org: 1 interest, ")
    (stored,) = digest("subscribers", "--json").json
    (interest,) = stored["wishes"]["profile"]["interests"]
    assert (interest["name"], interest["text"], interest["must"]) == ("tides", "", ["tides"])


def test_a_long_wish_has_a_short_name(digest: Shell) -> None:
    text = "graph neural networks for molecules\x1b[31m " * 100
    stored = digest("subscribe", "ada@example.org", "--interest", text, "--json").json
    (interest,) = stored["wishes"]["profile"]["interests"]
    assert interest["text"] == text.strip()
    assert interest["name"] == "graph neural networks for molecules [31m graph neural…"


def test_moments_are_iso_with_zone(digest: Shell) -> None:
    stored = digest("subscribe", "ada@example.org", *INTERESTS, "--json").json
    assert stored["due_at"] == stored["created_at"]
    assert stored["due_at"][10] == "T"
    assert stored["due_at"].endswith("+00:00")


def test_a_list_for_people(digest: Shell) -> None:
    assert digest("subscribers").out.splitlines()[-1] == "0 subscribers."
    digest("subscribe", "ada@example.org", "--interest", "[bold]graphs")
    heads, ada, last = digest("subscribers").out.splitlines()
    assert heads.split("  ")[0] == "Address"
    assert ada.split()[:3] == ["ada@example.org", "active", "[bold]graphs"]
    assert last == "1 subscriber."


def test_who_unsubscribes_gets_nothing_more(digest: Shell) -> None:
    digest("subscribe", "ada@example.org", *INTERESTS)
    digest.write("inbox/dump.txt")
    assert (
        digest("unsubscribe", "ada@example.org").out == "Nothing more comes to ada@example.org.\n"
    )
    assert digest("once").code == 0
    assert digest.mails() == []
    (stored,) = digest("subscribers", "--json").json
    assert stored["state"] == "unsubscribed"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense", *INTERESTS], "digest: “nonsense” is not an e-mail address we can write to."),
        (["a@example.org"], "digest: Say what to look for: --interest, --include, --author"),
        (["a@example.org", "--interest", " "], "digest: --interest is empty"),
        (
            ["a@example.org", *INTERESTS, "--timezone", "Europe/Berln"],
            "digest: “Europe/Berln” is not an IANA time zone; did you mean Europe/Berlin?",
        ),
        (["a@example.org", *INTERESTS, "--weekday", "someday"], "digest: “someday” is not a week"),
        (["a@example.org", *INTERESTS, "--hour", "24"], "Usage: digest subscribe"),
        (["a@example.org", *INTERESTS, "--cadence", "hourly"], "Usage: digest subscribe"),
        (["a@example.org", *INTERESTS, "--size", "0"], "Usage: digest subscribe"),
        (["a@example.org", *INTERESTS, "--size", "31"], "Usage: digest subscribe"),
        ([], "Usage: digest subscribe"),
    ],
)
def test_what_is_wrong_is_said(digest: Shell, words: list[str], said: str) -> None:
    answer = digest("subscribe", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(said)
    assert digest("subscribers", "--json").json == []


@pytest.mark.parametrize("command", ["unsubscribe", "preview", "why"])
def test_a_stranger_is_named(digest: Shell, command: str) -> None:
    answer = digest(command, "nobody@example.org")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "digest: Nobody is subscribed as nobody@example.org: `digest subscribers` lists everyone.\n"
    )


def test_chosen_days_have_to_be_named(digest: Shell) -> None:
    answer = digest("subscribe", "ada@example.org", "--interest", "x", "--cadence", "days")
    assert (answer.code, answer.out) == (2, "")
    assert "--weekday" in answer.err
