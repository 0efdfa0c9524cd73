"""Files and addresses in, papers in the store; again is nothing, and nothing is lost silently."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from digest import flow, ingest
from digest.model import Listing, Payload
from tests.flow.world import GRAPHS, World, dump, open_world
from tests.shared import shared


def test_a_dropped_file_is_ingested_once(world: World) -> None:
    world.drop_papers()
    (first,) = flow.ingest_listings(world.app)
    assert (first.papers, first.new, first.updated, first.error) == (5, 5, 0, None)
    assert first.date == date(2026, 11, 19)
    assert [path.name for path in (world.inbox / "ingested").iterdir()] == ["dump.txt"]
    assert flow.ingest_listings(world.app) == ()


def test_the_same_papers_again_change_nothing(world: World) -> None:
    world.drop_papers()
    flow.ingest_listings(world.app)
    before = flow.papers(world.app)
    world.drop_papers(name="again.txt")
    (again,) = flow.ingest_listings(world.app)
    assert (again.papers, again.new, again.updated) == (5, 0, 0)
    assert flow.papers(world.app) == before


def test_a_file_that_is_no_listing_is_rejected_with_the_reason(world: World) -> None:
    world.drop("shopping.txt", "milk\neggs\n")
    world.drop_papers()
    good, bad = sorted(flow.ingest_listings(world.app), key=lambda each: each.error or "")
    assert good.new == 5
    assert bad.error is not None
    assert "shopping.txt" in bad.error
    reason = world.inbox / "rejected" / "shopping.txt.reason"
    assert reason.read_text(encoding="utf-8").strip() == bad.error
    assert (world.inbox / "rejected" / "shopping.txt").exists()


def test_a_file_that_cannot_be_moved_is_told_and_stops_nothing(world: World) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    world.drop("shopping.txt", "milk\neggs\n")
    world.drop_papers()
    for name in ("ingested", "rejected"):
        (world.inbox / name).symlink_to("nowhere")  # a folder in which we may not write
    errors = [each.error for each in flow.ingest_listings(world.app)]
    assert len(errors) == 2
    assert all(error is not None and "cannot be moved to" in error for error in errors)
    world.run()
    assert len(world.mails("ada@example.org")) == 1


def test_what_is_readable_in_a_cut_dump_is_kept_and_the_loss_reported(world: World) -> None:
    whole = dump()
    world.drop("cut.txt", whole[: whole.index("Water levels")])
    (cut,) = flow.ingest_listings(world.app)
    assert cut.new == 4
    (problem,) = cut.problems
    assert problem.line is not None
    (listing,) = flow.status(world.app).listings
    assert listing.problems == (f"line {problem.line}: {problem.message}",)


def test_named_files_and_folders_stay_where_they_are(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.txt").write_text(dump(["Tides of an Inland Sea"]), encoding="utf-8")
    (folder / "b.txt").write_text("nothing\n", encoding="utf-8")
    missing = str(tmp_path / "missing.txt")
    done = flow.ingest_given(world.app, [str(folder), missing], on=date(2026, 1, 5))
    assert [(each.new, each.error is None) for each in done] == [(1, True), (0, False), (0, False)]
    assert done[0].date == date(2026, 1, 5)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt"]


class _Handler(BaseHTTPRequestHandler):
    """Serves one listing with an ETag, and a broken one."""

    def do_GET(self) -> None:
        if self.path == "/broken":
            self.send_error(404)
            return
        if self.headers.get("If-None-Match") == '"v1"':
            self.send_response(304)
            self.end_headers()
            return
        body = dump().encode()
        self.send_response(200)
        self.send_header("ETag", '"v1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    """A local web server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_asked_for_changes_only(database: str, tmp_path: Path, site: str) -> None:
    sources = [{"url": f"{site}/broken", "name": "broken"}, {"url": f"{site}/", "name": "site"}]
    with open_world(database, tmp_path, sources=sources) as world:
        broken, read = flow.ingest_listings(world.app)
        assert "404" in (broken.error or "")
        assert read.new == 5
        assert [each.error is None for each in flow.ingest_listings(world.app)] == [False]
        records = {each.name: each for each in flow.status(world.app).sources}
        assert records["site"].validators.etag == '"v1"'
        assert "404" in (records["broken"].error or "")


def test_the_scheduler_is_patient(database: str, tmp_path: Path, site: str) -> None:
    sources = [{"url": f"{site}/broken", "name": "broken"}]
    with open_world(database, tmp_path, sources=sources) as world:
        asked = []
        for minutes in (0, 5, 45, 20):
            world.clock.move(minutes=minutes)
            asked.append(len(flow.ingest_listings(world.app, patient=True)))
        assert asked == [1, 0, 0, 1], "a failed source steps aside for an hour"


def test_a_file_source_is_read_when_it_changes(database: str, tmp_path: Path) -> None:
    file = tmp_path / "today.txt"
    file.write_text(dump(["Tides of an Inland Sea"]), encoding="utf-8")
    with open_world(database, tmp_path, sources=[{"file": file}]) as world:
        assert [each.new for each in flow.ingest_listings(world.app)] == [1]
        assert flow.ingest_listings(world.app) == ()
        file.write_text(dump(), encoding="utf-8")
        assert [each.new for each in flow.ingest_listings(world.app)] == [4]


def test_the_four_real_dumps(world: World) -> None:
    folder = str(shared("listings"))
    first = {Path(each.listing).name: each for each in flow.ingest_given(world.app, [folder])}
    assert {name: each.papers for name, each in first.items()} == {
        "daily-papers-mar-12.txt": 106,
        "daily-papers-dec-11.txt": 37,
        "daily-papers-undated.txt": 385,
        "daily-papers-jun-06.txt": 77,
    }
    assert sum(each.new for each in first.values()) == 589
    before = flow.papers(world.app)
    assert len(before) == 589
    again = flow.ingest_given(world.app, [folder])
    assert [(each.new, each.updated) for each in again] == [(0, 0)] * 4
    assert flow.papers(world.app) == before
    assert sum(paper.author_count is not None for paper in before) >= 35


def test_a_listing_that_breaks_us_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drop("a.txt", "the one that breaks")
    world.drop_papers(name="b.txt")
    parse = ingest.parse

    def breaking(payload: Payload, **more: object) -> Listing:
        if payload.name == "a.txt":
            raise ZeroDivisionError("made to fail")
        return parse(payload, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(ingest, "parse", breaking)
    broken, fine = flow.ingest_listings(world.app)
    assert "ZeroDivisionError" in (broken.error or "")
    assert fine.new == 5
    assert (world.inbox / "rejected" / "a.txt").exists()


def test_a_file_that_grows_while_it_is_read_stays_and_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = dump()
    read_file = ingest.read_file

    def reading(path: Path, **more: int) -> Payload:
        payload = read_file(path, **more)
        world.drop("slow.txt", text)
        return payload

    for begun in (text[: text.index("Grasping")], text[:5]):
        world.drop("slow.txt", begun)
        with monkeypatch.context() as patched:
            patched.setattr(ingest, "read_file", reading)
            (early,) = flow.ingest_listings(world.app)
        assert early.error == "slow.txt is still being written: it stays, and is read again."
        (done,) = flow.ingest_listings(world.app)
        assert (done.papers, done.error) == (5, None)
    assert len(flow.papers(world.app)) == 5


def test_the_scheduler_waits_for_a_file_to_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.drop_papers()
    os.utime(world.inbox / "dump.txt")
    monkeypatch.setattr("digest.flow.ingest.QUIET", 600.0)
    assert flow.ingest_listings(world.app, patient=True) == ()
    ago = time.time() - 601
    os.utime(world.inbox / "dump.txt", (ago, ago))
    (done,) = flow.ingest_listings(world.app, patient=True)
    assert done.new == 5


def test_what_cannot_be_asked_is_told_what_can(world: World) -> None:
    (done,) = flow.ingest_given(world.app, ["ftp://ada:secret@example.org/owls"])
    assert done.error == (
        "ftp://example.org/owls cannot be asked: give an http or https address, a file or a folder."
    )
