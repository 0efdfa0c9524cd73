"""Ready-made sources: every one of them loads, from the very lines the shipped file shows."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from digest.errors import InputError
from digest.settings import PRESETS, SourceEntry, source_entry

SHIPPED = Path(__file__).resolve().parents[2] / "config.yaml"


def shipped() -> list[dict[str, str]]:
    lines = re.findall(r"(?m)^#   - (\{preset.*\})$", SHIPPED.read_text(encoding="utf-8"))
    return [yaml.safe_load(line) for line in lines]


def test_the_shipped_file_shows_every_preset() -> None:
    assert {line["preset"] for line in shipped()} == set(PRESETS)


@pytest.mark.parametrize("line", shipped(), ids=str)
def test_every_line_is_a_source_with_an_address(line: dict[str, str]) -> None:
    entry = SourceEntry(**line)  # type: ignore[arg-type]
    address = entry.address()
    assert address is not None
    assert urlsplit(address).scheme == "https"
    assert "{of}" not in address
    assert not re.search(r"[\s\"]", address)
    assert entry.called()


def test_a_preset_brings_its_calendar_and_what_is_said_besides_wins() -> None:
    usual = source_entry({"preset": "arxiv-rss", "of": "cs.CL"}).calendar()
    assert usual is not None
    assert (usual.days, usual.by, usual.timezone) == ((0, 1, 2, 3, 4), 1, "America/New_York")
    own = SourceEntry(preset="arxiv-rss", of="cs.CL", by=3).calendar()
    assert own is not None
    assert (own.days, own.by) == (usual.days, 3)
    assert source_entry({"preset": "jmlr"}).calendar() is None


def test_what_is_chosen_cannot_leave_its_place_in_the_address() -> None:
    address = source_entry({"preset": "arxiv-api", "of": "a&b=c #d {today}"}).address()
    assert address is not None
    assert "search_query=a%26b%3Dc%20%23d%20%7Btoday%7D&sortBy" in address


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"preset": "arxiv-rs"}, "“arxiv-rs” is no preset; did you mean arxiv-rss?"),
        ({"preset": "arxiv-rss"}, "needs of: its category, such as cs.CL."),
        ({"preset": "jmlr", "of": "x"}, "jmlr is one source: leave out of."),
        ({"url": "https://x.org/", "of": "x"}, "has of, which belongs to a preset."),
        ({"url": "ftp://x.org/"}, "url should be a URL that starts with https:// or http://."),
    ],
)
def test_a_mistake_is_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        source_entry(given)
    assert str(caught.value).endswith(sentence)
