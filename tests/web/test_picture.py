"""Line pictures: where the lines run, and that words stay words."""

from xml.etree import ElementTree

import pytest

from digest.web.picture import Picture, draw

SVG = "{http://www.w3.org/2000/svg}"


def paths(*lines: tuple[float | None, ...], top: float | None = None) -> list[str]:
    picture = Picture(name="p", title="<T>", desc="a & b", lines=lines)
    root = ElementTree.fromstring(draw(picture, top=top))
    assert (root.find("title"), root.find("desc")) != (None, None)
    assert [root.findtext("title"), root.findtext("desc")] == ["<T>", "a & b"]
    return [each.attrib["d"] for each in root.iter("path") if each.attrib["class"] != "ground"]


def test_a_line_runs_from_edge_to_edge_and_touches_its_scale() -> None:
    assert paths((0, 5, 10)) == ["M4.0 96.0L300.0 50.0L596.0 4.0"]


def test_lines_share_a_scale() -> None:
    assert paths((10, 10), (5, 5)) == ["M4.0 4.0L596.0 4.0", "M4.0 50.0L596.0 50.0"]


def test_the_upper_edge_can_be_given() -> None:
    assert paths((0.5, 2), top=1) == ["M4.0 50.0L596.0 4.0"]


def test_a_gap_lifts_the_pen_and_a_lone_value_is_a_dot() -> None:
    assert paths((1, None, 1, 1)) == ["M4.0 4.0h0 M398.7 4.0L596.0 4.0"]


@pytest.mark.parametrize("line", [(), (None, None), (0, 0), (0,)])
def test_nothing_can_be_drawn(line: tuple[float | None, ...]) -> None:
    (path,) = paths(line)
    assert path in ("", "M4.0 96.0L596.0 96.0", "M4.0 96.0h0")
