"""Papers you like, and library files: in the form, on the way, and stored."""

import html
import re
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import flow, store
from digest.errors import InputError
from digest.model import Example, Profile, VoteKind
from digest.tokens import Purpose
from digest.web.examples import MOST_LINES, lines_of, pack, unpack
from tests.flow.world import GRAPHS, text_of
from tests.web.conftest import Site, open_site
from tests.web.test_signup import asked

any_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BIB = b"""@misc{a, title={Robot Grasping of Soft {Fruit}}, year=2024,
 abstract={A robot hand grasps ripe tomatoes by touch, without force.}}
@misc{b, title={Robot Grasping of Eggs}, year=2023, abstract={A robot hand grasps eggs.}}
@misc{c, year=2022}
"""
KETTLES = Example(title="Kettles <of> Graphs", text="We boil & stir graph neural networks.")


@pytest.fixture
def papers(site: Site) -> Site:
    """A site that has read our papers and looks nothing up."""
    site.world.drop_papers()
    flow.ingest_listings(site.world.app)
    return site


def form_of(page: str) -> dict[str, str]:
    """The fields of the form as a browser would send them again, as far as examples go."""
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    lines = re.findall(r'<textarea id="((?:text|examples)-\d)"[^>]*>\n(.*?)</textarea>', page, re.S)
    return {name: html.unescape(value) for name, value in [*hidden, *lines]}


def wrong(page: str, field: str) -> str:
    found = re.search(rf'<p class="wrong" id="{field}-wrong">(.*?)</p>', page, re.DOTALL)
    assert found, page
    return html.unescape(found[1])


def file(content: bytes, name: str = "my.bib", number: int = 0) -> dict[str, tuple[str, bytes]]:
    return {f"file-{number}": (name, content)}


def subscribed(site: Site, to: str = "ada@example.org") -> tuple[Example, ...]:
    """Follow the confirm link; return the examples of the one interest."""
    flow.deliver_issues(site.world.app)
    letter = text_of(site.world.mails(to)[-1])
    assert "my.bib" not in letter
    assert "Robot" not in letter
    link = re.search(r"http://\S+/confirm/\S+", letter)
    assert link
    site.client.post(link[0])
    (interest,) = flow.find_by_email(site.world.app, to).wishes.profile.interests
    return interest.examples


def test_from_a_library_to_what_is_stored(papers: Site) -> None:
    """Without JavaScript: choose a file, look, add an interest, and only then subscribe."""
    typed = asked(**{"text-0": "", "do": "preview"})
    page = papers.client.post("/", data=typed, files=file(BIB)).text
    assert re.search(r"<b>2 papers</b> from my\.bib\. Left out, .* broken: 1\.", page)
    assert "2 papers for you" in page, "the preview knows what the file says"
    assert "Whole-Arm" in page
    page = papers.client.post("/", data=typed | form_of(page) | {"do": "add"}).text
    assert "<b>2 papers</b> from my.bib" in page
    looked = papers.client.post("/preview", data=form_of(page)).text
    assert "2 papers for you" in looked
    sent = papers.client.post("/", data=typed | form_of(page) | {"do": "sign-up"})
    assert "we sent one mail" in sent.text
    assert subscribed(papers) == (
        Example(
            title="Robot Grasping of Soft Fruit",
            text="A robot hand grasps ripe tomatoes by touch, without force.",
            library="my.bib",
        ),
        Example(title="Robot Grasping of Eggs", text="A robot hand grasps eggs.", library="my.bib"),
    )


def test_a_file_can_be_sent_with_the_last_press(papers: Site) -> None:
    papers.client.post("/", data=asked(**{"examples-0": "My Own Kettle"}), files=file(BIB))
    own, first, _ = subscribed(papers)
    assert own == Example(title="My Own Kettle", text="")
    assert first.library == "my.bib"


@any_database
def test_a_library_can_be_removed_and_replaced(papers: Site) -> None:
    page = papers.client.post("/", data=asked(do="preview"), files=file(BIB)).text
    other = papers.client.post(
        "/", data=form_of(page) | {"do": "add"}, files=file(b"@misc{x, title={X}}", "other.bib")
    ).text
    assert "<b>1 paper</b> from other.bib" in other
    assert "my.bib" not in other
    gone = papers.client.post("/", data=form_of(page) | {"do": "forget-0"}).text
    assert "my.bib" not in gone
    assert "library-0" not in form_of(gone)


@any_database
def test_a_file_stays_with_its_interest(papers: Site) -> None:
    typed = {"text-3": "tides", "text-5": "robots", "do": "remove-0"}
    page = papers.client.post("/", data=typed, files=file(BIB, number=5)).text
    assert form_of(page)["text-0"] == "robots"
    assert "<b>2 papers</b> from my.bib" in page


@any_database
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Dear diary", "line 1: this is no library we can read: export it as"),
        (b"", "this is no text"),
        (b"\x00" * 100, "this is no text"),
        (b"@" * 5_000_001, "and 5 MB are the most we read"),
    ],
)
@pytest.mark.parametrize("do", ["sign-up", "preview", "add"])
def test_a_bad_file_is_told_at_its_field(
    papers: Site, content: bytes, sentence: str, do: str
) -> None:
    name = "C:\\papers\\<b>.bib"
    answer = papers.client.post("/", data=asked(do=do), files=file(content, name))
    assert answer.status_code == (422 if do == "sign-up" else 200)
    assert wrong(answer.text, "library-0").startswith("<b>.bib")
    assert sentence in wrong(answer.text, "library-0")
    assert "graph neural networks</textarea>" in answer.text
    assert flow.subscribers(papers.world.app) == ()


@any_database
def test_far_too_much_is_refused(papers: Site) -> None:
    answer = papers.client.post("/", data=asked(), files=file(b"@" * 33_000_000))
    assert answer.status_code == 413


@any_database
def test_a_paper_that_is_not_found_is_told_with_its_line(papers: Site) -> None:
    app = papers.world.app
    assert app.lookup is None
    typed = asked(**{"examples-0": "A Fine Title\r\n\r\n2401.00001\r\n10.5555/x"})
    for do, status in (("sign-up", 422), ("preview", 200)):
        answer = papers.client.post("/", data=typed | {"do": do})
        assert answer.status_code == status
        assert "2401.00001\n10.5555/x</textarea>" in answer.text
        assert "2 papers for you" in answer.text
    said = wrong(papers.client.post("/", data=typed).text, "examples-0")
    assert said.startswith("Line 3: we do not hold 2401.00001: write the paper's title instead. ")
    assert "Line 4: we do not hold 10.5555/x" in said
    only = papers.client.post("/preview", data={"examples-0": "2401.00001"})
    assert only.status_code == 200


@any_database
@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            "\n".join(f"Paper {n}" for n in range(MOST_LINES + 1)),
            "These are 21 papers: keep the 20",
        ),
        ("A\n" + "x" * 301, "Line 2 has 301 characters"),
    ],
)
def test_too_many_lines_are_told(papers: Site, lines: str, sentence: str) -> None:
    answer = papers.client.post("/", data=asked(**{"examples-0": lines}))
    assert answer.status_code == 422
    assert sentence in wrong(answer.text, "examples-0")


def profile_of(site: Site) -> str:
    reader = flow.find_by_email(site.world.app, "ada@example.org")
    return f"/profile/{site.world.app.signer.sign(Purpose.PROFILE, reader.id)}"


def examples_of(site: Site) -> tuple[Example, ...]:
    reader = flow.find_by_email(site.world.app, "ada@example.org")
    (interest,) = reader.wishes.profile.interests
    return interest.examples


def test_examples_stand_in_the_profile_and_votes_do_not(papers: Site) -> None:
    world = papers.world
    library = Example(title="Eggs", text="Robot eggs.", library="my.bib")
    reader = world.subscribe("ada@example.org", replace(GRAPHS, examples=(KETTLES, library)))
    assert world.run().sent == 1
    (issue,) = flow.find_profile(world.app, profile_of(papers)[9:]).issues  # type: ignore[union-attr]
    ballot = flow.find_ballot(world.app, world.app.signer.sign(Purpose.VOTE, issue.id), 1)
    assert ballot is not None
    flow.cast_vote(world.app, ballot, VoteKind.MORE)
    page = papers.client.get(profile_of(papers)).text
    shown = form_of(page)
    assert shown["examples-0"] == "Kettles <of> Graphs"
    assert "<b>1 paper</b> from my.bib" in page
    kept = {**shown, "name-0": "Graphs", "cadence": "daily", "timezone": "UTC", "do": "save"}
    papers.client.post(profile_of(papers), data=kept)
    assert examples_of(papers) == (KETTLES, library), "saving what stands there changes nothing"
    more = kept | {"examples-0": "Tides of an Inland Sea\nKettles <of> Graphs"}
    saved = papers.client.post(profile_of(papers), data=more).text
    assert "Saved" in saved
    tides, kettles, eggs = examples_of(papers)
    assert tides.text.startswith("Water levels measured")
    assert (kettles, eggs) == (KETTLES, library)
    known = papers.client.get(f"{profile_of(papers)}/data").json()
    assert (
        known["subscriber"]["wishes"]["profile"]["interests"][0]["examples"][2]["library"]
        == "my.bib"
    )
    papers.client.post(profile_of(papers), data={**kept, "examples-0": "", "do": "save"})
    assert examples_of(papers) == (library,)
    assert reader.wishes.profile != Profile(interests=())


_text = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20
)
_examples = st.lists(st.builds(Example, title=_text, text=_text, library=_text), max_size=60)


@given(_examples)
def test_what_is_packed_is_unpacked(examples: list[Example]) -> None:
    assert unpack(pack(examples)) == tuple(examples)


@given(st.text() | st.binary().map(lambda value: value.hex()))
def test_what_nobody_packed_is_refused(value: str) -> None:
    with suppress(InputError):
        assert unpack(value) == ()


@pytest.mark.parametrize(
    "said",
    [
        b"[" * 100_000,
        b"[[1,2,3]]" * 2,
        b"{}",
        b'[["","a","b"]]',
        b'[["a","b"]]',
        b"[1]",
        b" " * 10**7,
        b'[["' + b"x" * 9000 + b'","",""]]',
        b"[" + b'["a","b","c"],' * 200 + b'["a","b","c"]]',
        b"\xff",
    ],
)
def test_hostile_packages_are_refused(said: bytes) -> None:
    with pytest.raises(InputError):
        unpack(urlsafe_b64encode(zlib.compress(said)).decode())


@given(st.text())
def test_lines_are_numbered_as_a_person_counts_them(text: str) -> None:
    try:
        lines = lines_of(text)
    except InputError:
        return
    typed = [" ".join(line.split()) for line in text.split("\n")]
    assert all(typed.index(line) == number - 1 for line, number in lines.items())
    assert list(lines.values()) == sorted(lines.values())


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of one site for many requests."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    url = f"sqlite:///{folder / 'digest.db'}"
    engine = store.open_engine(url)
    store.upgrade(engine)
    engine.dispose()
    with open_site(url, folder) as site:
        yield site.client


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300) | st.text(max_size=99).map(lambda text: f"@misc{{{text}".encode()),
    st.text(max_size=20),
    st.sampled_from(["library-0", "known-0", "note-0", "x"]),
    st.text(),
)
def test_any_file_gets_a_page(
    fuzzed: httpx.Client, content: bytes, name: str, field: str, value: str
) -> None:
    answer = fuzzed.post("/", data={field: value}, files=file(content, name))
    assert answer.status_code in (200, 422)


@settings(max_examples=60)
@given(
    st.binary(max_size=300), st.sampled_from(["boundary=x", "x", "boundary=x; charset=undefined"])
)
def test_any_parts_get_an_answer(fuzzed: httpx.Client, body: bytes, said: str) -> None:
    parts = b'--x\r\nContent-Disposition: form-data; name="text-0"\r\n\r\n' + body
    for content in (body, parts, parts + b"\r\n--x--\r\n"):
        answer = fuzzed.post(
            "/", content=content, headers={"Content-Type": f"multipart/form-data; {said}"}
        )
        assert answer.status_code in (200, 400, 422)
