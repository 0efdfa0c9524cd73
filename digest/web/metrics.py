"""``/metrics`` for Prometheus: what the store counts, asked at each scrape, so that web, scheduler
and workers need not be asked one by one."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest import flow
from digest.app import App
from digest.store.jobs import BOUNDS, JobRecord
from digest.web.door import Door
from digest.web.limits import from_our_side, in_threads


def routes(app: App) -> list[Route]:
    """Return the route; there is none where ``web.metrics`` says off.

    Whoever asks from this machine or a private network gets them, unless it came through a proxy
    or ``web.metrics`` says admin; everybody else needs what opens the admin pages.
    """
    if app.metrics == "off":
        return []
    door = Door(app, _refused, _refused)
    read = in_threads(lambda request: _answer(app), 1)
    ask = door.reading(lambda request: _answer(app))

    async def metrics(request: Request) -> Response:
        if app.metrics == "private" and _came_straight(request):
            return await read(request)
        return await ask(request)

    return [Route("/metrics", metrics)]


def _came_straight(request: Request) -> bool:
    proxied = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return from_our_side(request) and not proxied


def _refused() -> Response:
    return PlainTextResponse(
        "Only for operators.\n",
        401,
        {"WWW-Authenticate": 'Basic realm="paper-digest", charset="UTF-8"'},
    )


def _answer(app: App) -> Response:
    registry = CollectorRegistry()
    registry.register(_Collector(flow.measure(app)))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Collector(Collector):
    """Measurements as Prometheus knows them."""

    def __init__(self, measured: flow.Measurements) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        told = self._measured
        yield _counted("papers_announced", "Papers announced.", "source", told.announced)
        yield _counted("turns", "Turns taken, by what came of them.", "result", told.turns)
        yield _counted("bounces", "Mails that came back.", "kind", told.bounces)
        states = GaugeMetricFamily(
            "digest_deliveries", "Deliveries in each state.", labels=["of", "state"]
        )
        for (of, state), number in told.deliveries.items():
            states.add_metric([of, state], number)
        yield states
        yield _gauge("queue_due", "Deliveries that are due.", told.waiting)
        oldest = told.oldest.total_seconds()
        yield _gauge("queue_oldest_seconds", "How long the longest waiting is due.", oldest)
        heard = GaugeMetricFamily(
            "digest_source_heard_timestamp_seconds",
            "When a source last answered as it should.",
            labels=["source"],
        )
        for source, at in told.heard_at.items():
            heard.add_metric([source], at.timestamp())
        yield heard
        yield from _jobs(list(told.jobs.values()))


def _counted(name: str, told: str, label: str, numbers: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"digest_{name}", told, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"digest_{name}", told, value=value)


def _jobs(records: list[JobRecord]) -> Iterator[Metric]:
    beats = GaugeMetricFamily(
        "digest_job_beat_timestamp_seconds", "When somebody was last at a job.", labels=["job"]
    )
    failed = GaugeMetricFamily(
        "digest_job_failed", "Whether the last run of a job failed.", labels=["job"]
    )
    took = HistogramMetricFamily("digest_job_seconds", "How long runs took.", labels=["job"])
    for each in records:
        beats.add_metric([each.name], each.beat_at.timestamp())
        failed.add_metric([each.name], int(each.error is not None))
        bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
        reached = accumulate(each.times)
        took.add_metric([each.name], list(zip(bounds, reached, strict=True)), each.seconds)
    yield from (beats, failed, took)
