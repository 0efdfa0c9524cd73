"""``digest ingest`` and ``digest papers``."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell, environment
from tests.flow.world import dump

FEEDS = Path(__file__).parents[1] / "ingest" / "data" / "feed"


def test_a_script_gets_the_promised_keys(digest: Shell) -> None:
    digest.write("dump.txt")
    answer = digest("ingest", "dump.txt", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json == [
        {
            "listing": "dump.txt",
            "papers": 5,
            "new": 5,
            "updated": 0,
            "date": "2026-11-19",
            "complete": True,
            "problems": [],
        }
    ]


def test_twice_changes_nothing(digest: Shell) -> None:
    digest.write("dump.txt")
    digest("ingest", "dump.txt")
    (again,) = digest("ingest", "dump.txt", "--json").json
    assert (again["papers"], again["new"], again["updated"]) == (5, 0, 0)


def test_a_person_gets_a_table(digest: Shell) -> None:
    digest.write("dump.txt")
    lines = digest("ingest", "dump.txt").out.splitlines()
    assert lines[0].split() == ["Listing", "Date", "Papers", "New", "Updated", "Problems"]
    assert lines[1].split() == ["dump.txt", "Thu", "19", "Nov", "2026", "5", "5", "0", "0"]


def test_the_date_can_be_given(digest: Shell) -> None:
    digest.write("dump.txt")
    (done,) = digest("ingest", "dump.txt", "--date", "2026-01-05", "--json").json
    assert done["date"] == "2026-01-05"


def test_a_date_in_the_future_is_refused(digest: Shell) -> None:
    digest.write("dump.txt")
    answer = digest("ingest", "dump.txt", "--date", "2999-01-05")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        "digest: --date 2999-01-05 lies in the future: give the listing's own day.\n"
    )


def test_the_date_of_the_configured_sources_cannot(digest: Shell) -> None:
    answer = digest("ingest", "--date", "2026-01-05")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "digest: --date belongs to files or URLs: name them.\n"


def test_without_names_the_sources_are_asked(digest: Shell) -> None:
    digest.write("inbox/dump.txt")
    (done,) = digest("ingest", "--json").json
    assert done["new"] == 5
    assert not (digest.folder / "inbox" / "dump.txt").exists()
    assert digest("ingest").out == "Nothing new from any source.\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [("arxiv.rss", "feed.txt"), ("arxiv-api.atom", "listing"), ("journal.rss", "page.html")],
)
def test_a_feed_is_a_feed_by_any_name(digest: Shell, content: str, name: str) -> None:
    shutil.copy(FEEDS / content, digest.folder / content)
    shutil.copy(FEEDS / content, digest.folder / name)
    (known,) = digest("ingest", content, "--json").json
    (named_otherwise,) = digest("ingest", name, "--json").json
    assert known["papers"] == named_otherwise["papers"] > 0
    assert known["problems"] == named_otherwise["problems"]


@pytest.mark.parametrize("name", ["dump.xml", "dump.rss", "dump.json", "dump"])
def test_a_dump_is_a_dump_by_any_name(digest: Shell, name: str) -> None:
    digest.write(name)
    (done,) = digest("ingest", name, "--json").json
    assert (done["papers"], done["problems"]) == (5, [])


def test_a_folder_stands_for_its_files_and_one_failure_stops_no_other(digest: Shell) -> None:
    digest.write("mine/a.txt", dump(["Tides of an Inland Sea"]))
    digest.write("mine/b.txt", "milk\neggs\n")
    answer = digest("ingest", "mine", "nofile.txt", "--json")
    assert answer.code == 1
    papers = {Path(each["listing"]).name: each["papers"] for each in answer.json}
    assert papers == {"a.txt": 1, "b.txt": 0, "nofile.txt": 0}
    problems = {Path(each["listing"]).name: each["problems"] for each in answer.json}
    assert problems["nofile.txt"] == [
        {
            "message": "nofile.txt cannot be read: No such file or directory.",
            "line": None,
            "cut": False,
        }
    ]
    assert "b.txt" in problems["b.txt"][0]["message"]


def test_what_is_lost_of_a_cut_dump_is_said_aside(digest: Shell) -> None:
    whole = dump()
    digest.write("cut.txt", whole[: whole.index("Water levels")])
    answer = digest("ingest", "cut.txt")
    assert answer.code == 0, "what is readable was kept"
    assert answer.out.splitlines()[1].split()[-1] == "1"
    assert answer.err.startswith("cut.txt, line ")
    (done,) = digest("ingest", "cut.txt", "--json").json
    assert [set(problem) for problem in done["problems"]] == [{"message", "line", "cut"}]


def test_brackets_in_names_are_no_markup(digest: Shell) -> None:
    digest.write("[bold] dump.txt")
    assert "[bold] dump.txt" in digest("ingest", "[bold] dump.txt").out


def test_papers_come_newest_first_and_as_many_as_wanted(digest: Shell) -> None:
    digest.write("dump.txt")
    digest("ingest", "dump.txt")
    found = digest("papers", "--json").json
    assert len(found) == 5
    assert {"id", "title", "abstract", "authors", "announced_on", "links"} <= set(found[0])
    assert {paper["announced_on"] for paper in found} == {"2026-11-19"}
    assert digest("papers", "--limit", 2, "--json").json == found[:2]


def test_a_paper_keeps_to_its_line_when_piped(digest: Shell) -> None:
    title = "A Title That Takes More Room Than Any Terminal Has " * 4
    digest.write("dump.txt", dump().replace("Tides of an Inland Sea", title.strip()))
    digest("ingest", "dump.txt")
    answer = digest("papers")
    assert [line for line in answer.out.splitlines() if title.strip() in line]
    assert answer.out.splitlines()[-1] == "5 papers."


def test_no_papers_is_an_answer(digest: Shell) -> None:
    assert digest("papers", "--json").json == []


@pytest.mark.parametrize(
    ("piped", "code", "papers"),
    [
        (b"From: a@example.org\nSubject: Owls\n\n" + dump().encode(), 0, 5),
        (dump().encode(), 0, 5),
        (b"From: a@example.org\nSubject: Owls\n\nPlease confirm.\n", 1, 0),
        (b"", 1, 0),
    ],
)
def test_a_mail_filter_pipes_and_keeps_what_is_no_listing(
    tmp_path: Path, piped: bytes, code: int, papers: int
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "digest", "ingest", "-", "--json"],
        input=piped,
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(Path(__file__).parents[2])}),
        capture_output=True,
        check=False,
    )
    assert answer.returncode == code
    (done,) = json.loads(answer.stdout)
    assert done["papers"] == papers
    assert [each["message"][:14] for each in done["problems"]] == ["standard input"] * code
