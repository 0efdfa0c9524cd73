"""Whatever stands in a field: a page, nothing of it alive, and no word of it in a letter."""

import re
import statistics
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import flow, store
from digest.tokens import Purpose
from tests.flow.world import GRAPHS, text_of
from tests.web.conftest import Site, open_site

OPERATOR = {"X-Forwarded-User": "grace"}
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "a\0b\x1b[2J\x7f",
    "\ud800 half a pair",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "x" * 100_000,
    "a@example.org\r\nBcc: victim@example.org\r\n\r\nHello",
    "=cmd|' /C calc'!A0",
    "{{7777*7777}}${7777*7777}<%= 7777*7777 %>#{7777*7777}",
    "'; DROP TABLE subscribers; --",
    "%00%0d%0a%s%n",
    "Z̸̢͇̦̗̱͖͋̃̐͜" * 200,
    "ﷺ𒐫﷽\U0010ffff" * 50,
    "١٢٣",
    "1e309",
    "-" * 40,
    '"' * 41 + ",|" * 41,
)
WISHES = (
    "text-0", "name-0", "keywords-0", "must-0", "exclude-0", "authors-0", "categories-0",
    "weight-0", "kept-0", "text-1", "cadence", "weekdays", "hour", "timezone", "size",
    "when_empty", "amount", "slots", "do",
)  # fmt: skip


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with papers, one reader who has had one issue, and an operator."""
    folder = tmp_path_factory.mktemp("target")
    url = f"sqlite:///{folder / 'digest.db'}"
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    (header,) = OPERATOR
    with open_site(url, folder, admin={"header": header}) as site:
        site.world.drop_papers()
        site.world.subscribe("ada@example.org", GRAPHS)
        site.world.run()
        yield site


def body(fields: dict[str, str]) -> bytes:
    """Return a form as no browser would send it: half pairs and NUL included."""
    pairs = (
        f"{name}={quote(text, safe='', errors='surrogatepass')}" for name, text in fields.items()
    )
    return "&".join(pairs).encode()


def post(site: Site, path: str, fields: dict[str, str]) -> httpx.Response:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return site.client.post(path, content=body(fields), headers=kind | OPERATOR)


def profile(site: Site) -> str:
    reader = flow.find_by_email(site.world.app, "ada@example.org")
    return f"/profile/{site.world.app.signer.sign(Purpose.PROFILE, reader.id)}"


class Alive(HTMLParser):
    """Collects what a page could do by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("img", "iframe", "object", "embed", "base"):
            self.found.append(tag)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        self.found += [
            url for name in ("href", "src", "action", "formaction") for url in [given.get(name)]
            if url and url.lower().startswith(("javascript:", "data:"))
        ]  # fmt: skip


def harmless(answer: httpx.Response) -> bool:
    """Whether this is a page, and nothing in it acts or was reckoned out."""
    parser = Alive()
    parser.feed(answer.text)
    assert answer.status_code < 500, answer.status_code
    assert parser.found == [], parser.found
    return "60481729" not in answer.text


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_every_field_takes_every_text(target: Site, text: str) -> None:
    forms = {
        "/": (*WISHES, "email"),
        "/preview": WISHES,
        "/link": ("email",),
        profile(target): WISHES,
        f"{profile(target)}/pause": ("until",),
        "/admin/deliveries/retry": ("form", "id", "state", "settled"),
        "/admin/sources/hold": ("form", "source"),
    }
    for path, fields in forms.items():
        assert harmless(post(target, path, dict.fromkeys(fields, text))), path
    usual = {"text-0": "graph neural networks", "email": "x@", "do": "save"}
    for field in WISHES:  # the profile reads the same form as the sign-up, and keeps it
        assert harmless(post(target, profile(target), {**usual, field: text})), field
    asked = quote(text[:2000], safe="", errors="surrogatepass")
    for address in (
        f"/papers?q={asked}&page={asked}",
        f"/admin/subscribers?q={asked}&state={asked}&order={asked}&page={asked}",
        f"/admin/deliveries?state={asked}&said={asked}",
        f"/admin/subscribers/{asked}",
        *(f"/{page}/{asked}" for page in ("confirm", "profile", "unsubscribe", "issues")),
        f"/vote/{asked}/1/{asked}",
    ):
        assert harmless(target.client.get(address, headers=OPERATOR)), address


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(WISHES), st.text(st.characters(codec=None)) | st.sampled_from(NASTY)
    )
)
def test_no_form_breaks_a_profile(target: Site, fields: dict[str, str]) -> None:
    assert harmless(post(target, profile(target), fields))
    assert harmless(target.client.get(profile(target)))


def test_no_word_of_a_form_stands_in_the_letter(target: Site) -> None:
    letters = []
    for number, text in enumerate(("graph neural networks", *NASTY)):
        target.world.clock.move(hours=1)
        address = f"victim{number}@example.org"
        fields = {"text-0": text[:2000], "name-0": text[:60], "authors-0": text[:200]}
        post(target, "/", {**fields, "cadence": "daily", "email": address, "do": "sign-up"})
        flow.deliver_issues(target.world.app)
        for mail in target.world.mails(address):
            assert set(mail.keys()) == set(target.world.mails("victim0@example.org")[0].keys())
            letters.append(re.sub(r"http://\S+", "LINK", text_of(mail)) + str(mail["Subject"]))
    assert len(letters) > 10
    assert len(set(letters)) == 1


def test_a_victim_gets_one_mail_whoever_asks_from_wherever(target: Site) -> None:
    fields = {"text-0": "graph neural networks", "email": "poor@example.org", "do": "sign-up"}
    pages = set()
    for number in range(120):
        network = {"X-Forwarded-For": f"198.{18 + number % 2}.{number}.7"}
        path = "/link" if number % 3 == 2 else "/"
        answer = target.client.post(path, data=fields, headers=network)
        assert answer.status_code == 200
        pages.add((path, answer.text))
    flow.deliver_issues(target.world.app)
    assert len(target.world.mails("poor@example.org")) == 1
    assert len(pages) == 2, "one for each form, whichever request it was"


def test_the_clock_does_not_tell_who_is_subscribed(target: Site) -> None:
    taken: dict[str, list[float]] = {"ada": [], "nobody": []}
    for number in range(80):
        name = ("ada", "nobody")[number % 2]
        network = {"X-Forwarded-For": f"203.0.{number}.7"}
        answer = target.client.post("/link", data={"email": f"{name}@example.org"}, headers=network)
        taken[name].append(answer.elapsed.total_seconds())
    known, unknown = (statistics.median(each) for each in taken.values())
    assert known < 2 * unknown + 0.02
    assert unknown < 2 * known + 0.02
