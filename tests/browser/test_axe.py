"""Nobody is shut out: axe-core looks at every page, by day and by night."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Response
from starlette.applications import Starlette
from starlette.routing import Match, Route

from digest import flow, store
from digest.errors import StoreError
from digest.web import open_web
from tests.browser.gallery import NAMES, OPERATOR, View, views
from tests.browser.reader import PHONE, small_targets, take_pictures
from tests.browser.town import Town, open_town

# What no person looks at, or what answers a press by leading to another page.
NO_PAGES = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/profile/{token}/data"),
    ("GET", "/feed/{token}"),
    ("POST", "/admin/deliveries/retry"),
    ("POST", "/admin/sources/release"),
}

_AXE = """async options => (await axe.run(options)).violations
  .map(each => [each.impact, each.id, each.nodes.map(node => node.html.slice(0, 200))])"""
_EVERYTHING = {"rules": {"target-size": {"enabled": True}}}
# An issue is a mail first: a landmark of its own would stand inside those of a mail program's page.
_NO_LANDMARKS = {"rules": {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}}
_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}

_POST = """([path, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture(scope="module")
def inhabited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with readers of every kind, and an operator."""
    folder = tmp_path_factory.mktemp("town")
    url = f"sqlite:///{folder / 'digest.db'}"
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    (header,) = OPERATOR
    with open_town(url, folder, admin={"header": header}) as town:
        yield town


@pytest.fixture(scope="module")
def gallery(inhabited: Town) -> dict[str, View]:
    return views(inhabited)


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def test_every_route_is_looked_at(inhabited: Town, gallery: dict[str, View]) -> None:
    web = open_web(inhabited.world.app)._app  # type: ignore[attr-defined]
    assert isinstance(web, Starlette)
    routes = [route for route in web.routes if isinstance(route, Route)]
    seen = {(view.method, _route(routes, view)) for view in gallery.values()}
    there = {
        (method, route.path) for route in routes for method in (route.methods or set()) - {"HEAD"}
    }
    assert there - NO_PAGES - seen == set()
    assert set(gallery) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(
    page: Page,
    inhabited: Town,
    gallery: dict[str, View],
    album: Path | None,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if name == "trouble":
        monkeypatch.setattr(flow, "latest", _unable)
    answer = _open(page, inhabited, gallery[name])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    if album:
        take_pictures(page, album / "page")
    page.evaluate(AXE_SCRIPT)
    by_day = _NO_LANDMARKS if name in ("issue", "quiet issue") else _EVERYTHING
    for scheme, options in (("light", by_day), ("dark", _COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate(_AXE, options) == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert "admin" in name or small_targets(page) == []


def _open(page: Page, town: Town, view: View) -> Response:
    page.set_extra_http_headers(dict(view.headers or {}))
    if view.fields is None:
        answer = page.goto(town.url + view.path)
    else:
        page.goto(f"{town.url}/link")
        with page.expect_navigation() as navigation:
            page.evaluate(_POST, [view.path, dict(view.fields)])
        answer = navigation.value
    assert answer is not None
    return answer


def _route(routes: list[Route], view: View) -> str:
    scope: dict[str, Any] = {
        "type": "http",
        "method": view.method,
        "path": view.path.partition("?")[0],
        "headers": [],
    }
    return next((each.path for each in routes if each.matches(scope)[0] is Match.FULL), "")


def _unable(*args: object, **more: object) -> None:
    raise StoreError("The database is away.")
