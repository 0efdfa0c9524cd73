"""One more source in config.yaml, and not a byte besides."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.settings import add_source, load

SHIPPED = Path(__file__).resolve().parents[2] / "config.yaml"
ARXIV = {"preset": "arxiv-rss", "of": "cs.CL"}
LINE = "- {preset: arxiv-rss, of: cs.CL}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"sources:\n  - folder: inbox\n  {LINE}"),
        ("log_level: debug", f"log_level: debug\n\nsources:\n  - folder: inbox\n  {LINE}"),
        ("sources:\n", f"sources:\n  - folder: inbox\n  {LINE}"),
        (
            "sources:\n  - folder: a  # mine\n\n# below\nlog_level: debug\n",
            f"sources:\n  - folder: a  # mine\n  {LINE}\n# below\nlog_level: debug\n",
        ),
        (
            "sources:\n- url: https://x.org/\n  name: >\n    a long\n    name\nlog_level: debug\n",
            "sources:\n- url: https://x.org/\n  name: >\n    a long\n    name\n"
            f"{LINE}log_level: debug\n",
        ),
        ("sources: [{folder: a}]\n", "sources: [{folder: a}, {preset: arxiv-rss, of: cs.CL}]\n"),
        ("sources:\r\n  - folder: a\r\n", f"sources:\r\n  - folder: a\r\n  {LINE[:-1]}\r\n"),
        ("sources:\n  - folder: a", f"sources:\n  - folder: a\n  {LINE[:-1]}"),
    ],
)
def test_the_line_goes_where_a_person_would_write_it(file: Path, before: str, after: str) -> None:
    file.write_bytes(before.encode())
    assert add_source(file, ARXIV)
    assert file.read_bytes().decode() == after
    assert not add_source(file, ARXIV), "a second time it is there"
    assert file.read_bytes().decode() == after


def test_the_shipped_file_keeps_every_line(file: Path) -> None:
    file.write_bytes(SHIPPED.read_bytes())
    assert add_source(file, ARXIV)
    assert file.read_bytes().startswith(SHIPPED.read_bytes())
    assert [each.preset for each in load(file, {}).sources] == [None, "arxiv-rss"]


def test_the_same_source_under_another_name_is_the_same(file: Path) -> None:
    file.write_text("sources:\n  - {preset: arxiv-rss, of: cs.CL, name: Language}\n")
    assert not add_source(file, ARXIV)
    assert add_source(file, {"preset": "arxiv-rss", "of": "cs.LG"})


@pytest.mark.parametrize(
    "text", ["- a\n", "sources: {a\n", "sources: inbox\n", "{log_level: debug}\n"]
)
def test_what_we_cannot_add_to_stays_as_it_is(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError):
        add_source(file, ARXIV)
    assert file.read_text() == text


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        add_source(tmp_path / "nowhere" / "config.yaml", ARXIV)


_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"folder": st.text(min_size=1)}, optional={"name": st.text(), "by": st.integers(0, 23)}
    ),
    max_size=3,
)


@given(_ENTRIES, st.booleans(), st.integers(0, 4), st.sampled_from(["", "# end\n", "outbox: a\n"]))
def test_whatever_stands_there_is_kept(
    tmp_path_factory: Any, entries: list[dict[str, Any]], flow: bool, indent: int, below: str
) -> None:
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    before = "outbox: b\n" if below != "outbox: a\n" else ""
    listed = yaml.safe_dump(entries, default_flow_style=flow or not entries, width=40)
    if listed.startswith("- "):
        listed = "\n" + textwrap.indent(listed, " " * indent)
    text = f"{before}sources: {listed}{below}"
    file.write_text(text, encoding="utf-8", newline="")
    add_source(file, {"url": "https://example.org/ü?a=1&b={today}", "name": "It's: #1"})
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert values["sources"][:-1] == entries
    assert values["sources"][-1]["name"] == "It's: #1"
