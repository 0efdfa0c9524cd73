"""``/healthz``, ``/readyz`` and ``/metrics``: each thing broken on purpose, and told."""

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from digest import flow, store
from digest.errors import StoreError
from digest.flow import Job
from tests.flow.world import GRAPHS, VELLUM, World
from tests.web.conftest import Site, open_site


def problems(site: Site) -> list[str]:
    """What is not ready; the status says the same."""
    answer = site.client.get("/readyz")
    said: list[str] = answer.json()["problems"]
    assert answer.status_code == (503 if said else 200)
    assert answer.json()["ok"] is not bool(said)
    assert "Traceback" not in answer.text
    return said


def test_all_is_ready(site: Site) -> None:
    assert problems(site) == []
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    site.world.run()
    assert site.client.get("/readyz").json() == {"ok": True, "papers": 5, "problems": []}


def test_books_that_do_not_balance(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    site.world.run()
    with store.writing(site.world.app.engine) as connection:
        connection.execute(text("DELETE FROM deliveries"))
    assert problems(site) == ["The books do not balance: please report this with your database."]


def test_missing_migrations(site: Site) -> None:
    with store.writing(site.world.app.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert problems(site) == ["The database is at 0000: run `digest migrate`."]


def test_a_database_that_is_gone(site: Site) -> None:
    with store.writing(site.world.app.engine) as connection:
        connection.execute(text("ALTER TABLE papers RENAME TO lost"))
    (said,) = problems(site)
    assert "migrate" in said
    assert site.client.get("/healthz").json() == {"ok": True}, "restarting would not help"


def test_a_file_that_is_gone_though_we_have_it_open(site: Site) -> None:
    assert problems(site) == []
    file = store.health.file_of(str(site.world.app.engine.url))
    if file is None:
        pytest.skip("a server's files are its own affair")
    file.rename(file.with_suffix(".moved"))
    (said,) = problems(site)
    assert said == f"There is no database at {file}: stop all that runs, and put it back."
    file.with_suffix(".moved").rename(file)
    assert problems(site) == []


def test_a_dead_scheduler_and_a_dead_worker(site: Site) -> None:
    site.world.clock.move(minutes=11)
    assert problems(site) == [
        "The scheduler was last there at 2026-11-20T12:00Z: start it again.",
        "The worker was last there at 2026-11-20T12:00Z: start it again.",
    ]
    flow.beat(site.world.app, Job.DELIVER)
    assert [said.split(" was ")[0] for said in problems(site)] == ["The scheduler"]
    with store.writing(site.world.app.engine) as connection:
        connection.execute(text("DELETE FROM jobs"))
    assert problems(site)[0] == "The scheduler was never there: start it."


def test_a_long_run_is_no_death_until_it_is_too_long(site: Site) -> None:
    app = site.world.app
    with store.writing(app.engine) as connection:
        store.jobs.begin(connection, Job.DELIVER, now=site.world.clock())
    site.world.clock.move(minutes=30)
    flow.beat(app, Job.PREPARE)
    assert problems(site) == []
    site.world.clock.move(minutes=31)
    flow.beat(app, Job.PREPARE)
    assert [said.split(" was ")[0] for said in problems(site)] == ["The worker"]


def test_mail_that_is_overdue(site: Site) -> None:
    site.world.drop_papers()
    site.world.subscribe("ada@example.org", GRAPHS)
    flow.ingest_listings(site.world.app)
    flow.prepare_issues(site.world.app)
    site.world.clock.move(minutes=31)
    for job in (Job.PREPARE, Job.DELIVER):
        flow.beat(site.world.app, job)
    assert problems(site) == [
        "Mail is due since 2026-11-20T12:00Z and not sent (1): look at the worker's log."
    ]


def test_a_run_is_noted_however_it_ends(world: World) -> None:
    app = world.app

    def fail() -> str | None:
        raise StoreError("The disk is full.")

    assert flow.note_run(app, Job.INGEST, lambda: None) is None
    assert flow.note_run(app, Job.DELIVER, lambda: "The relay refuses us.") is not None
    with pytest.raises(StoreError, match="full"):
        flow.note_run(app, Job.PREPARE, fail)
    jobs = flow.measure(app).jobs
    assert {name: job.error for name, job in jobs.items()} == {
        "ingest": None,
        "deliver": "The relay refuses us.",
        "prepare": "The disk is full.",
    }
    assert [sum(job.times) for job in jobs.values()] == [1, 1, 1]


def metrics(site: Site, **headers: str) -> dict[str, float]:
    """All samples by name and labels."""
    answer = site.client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_what_prometheus_is_told(site: Site) -> None:
    world = site.world
    world.drop_papers()
    world.subscribe("ada@example.org", GRAPHS)
    world.subscribe("bob@example.org", VELLUM)
    flow.ingest_listings(world.app)
    flow.note_run(world.app, Job.INGEST, lambda: None)
    flow.prepare_issues(world.app)
    world.clock.move(minutes=3)
    told = metrics(site)
    assert told["digest_papers_announced_total['inbox']"] == 5
    assert told["digest_turns_total['issue']"] == 1
    assert told["digest_turns_total['skipped']"] == 1
    assert told["digest_queue_due[]"] == 1
    assert told["digest_queue_oldest_seconds[]"] == 180
    assert told["digest_deliveries['issue', 'queued']"] == 1
    assert told["digest_deliveries['failed', 'issue']"] == 0, "an alarm needs what it can rise from"
    assert told["digest_bounces_total['hard']"] == 0
    assert told["digest_job_seconds_count['ingest']"] == 1
    assert told["digest_job_seconds_bucket['+Inf', 'ingest']"] == 1
    assert told["digest_job_failed['ingest']"] == 0
    assert told["digest_source_heard_timestamp_seconds['inbox']"] > 0
    flow.deliver_issues(world.app)
    told = metrics(site)
    assert told["digest_deliveries['issue', 'sent']"] == 1
    assert told["digest_queue_due[]"] == 0
    assert "ada@" not in site.client.get("/metrics").text


def test_who_may_read_metrics(tmp_path: Path, database: str) -> None:
    password = "open sesame, please"
    with open_site(database, tmp_path, admin={"password": password}) as site:
        assert site.client.get("/metrics").status_code == 200
        proxied = {"X-Forwarded-For": "192.0.2.7"}
        refused = site.client.get("/metrics", headers=proxied)
        assert refused.status_code == 401
        assert "digest_" not in refused.text
        known = site.client.get("/metrics", headers=proxied, auth=("ops", password))
        assert known.status_code == 200


@pytest.mark.parametrize(("setting", "status"), [("admin", 401), ("off", 404)])
def test_metrics_may_be_shut(site: Site, setting: str, status: int) -> None:
    from starlette.testclient import TestClient

    from digest.web import open_web

    app = replace(site.world.app, metrics=setting)
    assert TestClient(open_web(app), client=("127.0.0.1", 1)).get("/metrics").status_code == status
