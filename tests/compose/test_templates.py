from pathlib import Path

import pytest

from digest.compose.templates import fill_in, inline, open_templates, template
from digest.errors import TemplateError

CSS = ".a { color: #111 } @media (prefers-color-scheme: dark) { .a { color: #eee !important } }"


def folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "issue.css").write_text(CSS)
    for name, content in files.items():
        (tmp_path / name.replace("_", ".")).write_text(content)
    return tmp_path


def test_rules_become_style_attributes() -> None:
    assert inline('<p class="a">x</p>', CSS) == '<p class="a" style="color:#111">x</p>'


def test_media_rules_stay_in_one_style_element() -> None:
    page = inline('<html><head></head><body><p class="a">x</p></body></html>', CSS)
    assert page.count("<style>") == 1
    assert "@media (prefers-color-scheme: dark)" in page
    assert 'style="color:#111"' in page


def test_statements_inside_a_table_stay_where_they_are() -> None:
    source = (
        "<html><body><table><tbody>{% for x in xs %}"
        '<tr><td class="a" title="{{ x }}">{{ x > 1 }}</td></tr>'
        "{% endfor %}</tbody></table></body></html>"
    )
    inlined = inline(source, CSS)
    assert "<tbody>{% for x in xs %}<tr>" in inlined
    assert 'title="{{ x }}"' in inlined
    assert ">{{ x > 1 }}</td></tr>{% endfor %}</tbody>" in inlined


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    pages = open_templates(folder(tmp_path, a_html="<p>{{ x }}</p>", a_txt="{{ x }}"))
    assert fill_in(template(pages, "a.html"), {"x": "<&"}) == "<p>&lt;&amp;</p>"
    assert fill_in(template(pages, "a.txt"), {"x": "<&"}) == "<&"


def test_an_unknown_name_is_told(tmp_path: Path) -> None:
    pages = open_templates(folder(tmp_path, a_txt="{{ nobody }}"))
    with pytest.raises(TemplateError, match=r"a\.txt.*nobody"):
        fill_in(template(pages, "a.txt"), {})


def test_a_missing_template_is_told(tmp_path: Path) -> None:
    pages = open_templates(folder(tmp_path))
    with pytest.raises(TemplateError, match=r"a\.txt is missing"):
        template(pages, "a.txt")


def test_a_broken_template_is_told_with_its_line(tmp_path: Path) -> None:
    pages = open_templates(folder(tmp_path, a_txt="fine\n{% for %}"))
    with pytest.raises(TemplateError, match=r"a\.txt, line 2"):
        template(pages, "a.txt")


def test_a_missing_stylesheet_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"issue\.css"):
        open_templates(tmp_path)
