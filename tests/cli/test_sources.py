"""``digest sources``: list, check, add."""

import threading
from collections.abc import Iterator
from datetime import date

import pytest

from tests.cli.shell import Shell
from tests.flow.journal import TITLES, Journal
from tests.flow.world import dump

LOCAL = {"DIGEST_INGEST__PRIVATE": '["127.0.0.0/8"]'}


@pytest.fixture
def journal() -> Journal:
    served = Journal()
    served.publish(*TITLES, on=date(2026, 11, 19))
    return served


@pytest.fixture
def url(journal: Journal) -> Iterator[str]:
    with journal.serve() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/rss"
        server.shutdown()
        thread.join()


def test_sources_are_listed_with_their_days(digest: Shell) -> None:
    digest.write("config.yaml", "sources:\n  - folder: inbox\n  - {preset: arxiv-rss, of: cs.CL}\n")
    digest.write("inbox/dump.txt")
    assert digest("ingest", "inbox/dump.txt").code == 0
    answer = digest("sources")
    assert answer.code == 0
    assert "Mon–Fri by 01:00 America/New_York" in answer.out
    assert "https://rss.arxiv.org/atom/cs.CL" in answer.out
    named = {each["name"]: each for each in digest("sources", "--json").json}
    assert named["arXiv cs.CL"]["calendar"]["timezone"] == "America/New_York"
    assert named["arXiv cs.CL"]["today"] is None


def test_a_check_shows_what_was_understood_and_stores_nothing(digest: Shell, url: str) -> None:
    digest.write("config.yaml", f"sources:\n  - folder: inbox\n  - {{url: '{url}', name: Owls}}\n")
    digest.write("inbox/dump.txt")
    answer = digest("sources", "--check", **LOCAL)
    assert answer.code == 0, answer.err
    assert "Owls fresh: It announced 5 new papers." in answer.out
    assert "feed of Thu 19 Nov 2026: 5 papers, 5 new." in answer.out
    assert "Message Passing on Sparse Graphs" in answer.out
    assert "dump of " in answer.out
    assert digest("papers", "--json").json == []
    assert (digest.folder / "inbox" / "dump.txt").exists()


def test_a_folder_that_was_never_looked_into_is_no_fault(digest: Shell) -> None:
    assert digest("sources", "--check").code == 0


def test_one_source_is_checked_by_its_name(digest: Shell, url: str, journal: Journal) -> None:
    journal.fall_silent()
    digest.write("config.yaml", f"sources:\n  - folder: inbox\n  - {{url: '{url}', name: Owls}}\n")
    answer = digest("sources", "--check", "Owls", "--json", **LOCAL)
    assert answer.code == 1
    (checked,) = answer.json
    assert (checked["source"], checked["freshness"]) == ("Owls", "broken")
    assert "404" in checked["error"]
    unknown = digest("sources", "--check", "Bats", **LOCAL)
    assert (unknown.code, unknown.out) == (2, "")
    assert "There is no source “Bats”" in unknown.err


def test_a_source_is_added_once_it_can_be_read(digest: Shell, url: str, journal: Journal) -> None:
    digest.write("config.yaml", "# mine\nlog_level: error\n")
    answer = digest("sources", "add", url, "--name", "Owls", **LOCAL)
    assert answer.code == 0, answer.err
    written = (digest.folder / "config.yaml").read_text(encoding="utf-8")
    assert written == (
        "# mine\nlog_level: error\n\nsources:\n  - folder: inbox\n"
        f"  - {{url: '{url}', name: Owls}}\n"
    )
    assert "has it already" in digest("sources", "add", url, **LOCAL).out
    assert [each["name"] for each in digest("sources", "--json").json][1:] == ["Owls"]
    journal.fall_silent()
    other = url.replace("/rss", "/other")
    refused = digest("sources", "add", other, **LOCAL)
    assert refused.code == 2
    assert "--no-check adds it all the same" in refused.err
    assert digest("sources", "add", other, "--no-check", **LOCAL).code == 0
    assert written in (digest.folder / "config.yaml").read_text(encoding="utf-8")


def test_presets_and_folders_are_added_by_name(digest: Shell) -> None:
    digest.write("drop/dump.txt", dump())
    assert digest("sources", "add", "drop").code == 0
    assert digest("sources", "add", "arxiv-rss", "cs.CL", "--no-check").code == 0
    assert (digest.folder / "config.yaml").read_text(encoding="utf-8") == (
        "sources:\n  - folder: inbox\n  - {folder: drop}\n  - {preset: arxiv-rss, of: cs.CL}\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("arxiv-rss",), "needs of: its category, such as cs.CL."),
        (("nowhere",), "“nowhere” is no URL, no file or folder there is, and none of the presets"),
        (("https://x.org/", "cs.CL"), "“cs.CL” is one word too many"),
    ],
)
def test_a_wrong_word_is_one_sentence(digest: Shell, words: tuple[str, ...], sentence: str) -> None:
    answer = digest("sources", "add", *words)
    assert answer.code == 2
    assert sentence in answer.err
    assert not (digest.folder / "config.yaml").exists()


def test_a_list_in_the_environment_wins_so_nothing_is_written(digest: Shell) -> None:
    answer = digest("sources", "add", "jmlr", DIGEST_SOURCES='[{"folder": "a"}]')
    assert answer.code == 2
    assert "DIGEST_SOURCES is set" in answer.err


def test_presets_are_listed(digest: Shell) -> None:
    assert "arxiv-rss cs.CL" in digest("sources", "presets").out
    assert {each["preset"] for each in digest("sources", "presets", "--json").json} >= {"hf-daily"}
