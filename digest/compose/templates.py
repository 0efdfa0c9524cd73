"""Opening templates: the stylesheet is inlined here, once per template and never per message."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from css_inline import CSSInliner, InlineError

from digest.errors import TemplateError

_STYLESHEET = "issue.css"
_JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_TOKEN = re.compile(r"<!--jinja(\d+)-->|jinja(\d+)token")


def open_templates(folder: Path) -> jinja2.Environment:
    """Return the templates of ``folder``, each compiled when first asked for and then kept.

    HTML is escaped by itself and an unknown name is an error. Raises TemplateError when the
    stylesheet is missing.
    """
    return jinja2.Environment(
        loader=_Inlined(folder),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def template(environment: jinja2.Environment, name: str) -> jinja2.Template:
    """Return one template. Raises TemplateError when it is missing or broken."""
    try:
        return environment.get_template(name)
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"The template {name} is missing: put it back.") from error
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{name}, line {error.lineno}: {error.message}") from error
    except (InlineError, UnicodeDecodeError) as error:
        raise TemplateError(f"{name} cannot be read: {error}") from error


def fill_in(page: jinja2.Template, values: Mapping[str, object]) -> str:
    """Return ``page`` with ``values``. Raises TemplateError when it asks for something else."""
    try:
        return page.render(values)
    except jinja2.TemplateError as error:
        raise TemplateError(f"The template {page.name} cannot be filled: {error}") from error


def inline(source: str, css: str) -> str:
    """Return the HTML template ``source`` with the rules of ``css`` as style attributes; what
    stands in ``@media`` becomes one ``<style>``. A source without ``<html`` is a fragment.

    An HTML parser would throw ``{% for %}`` out of a table, so statements travel as comments.
    """
    kept: list[str] = []
    hidden = _hide(source, kept)
    inliner = CSSInliner(
        extra_css=css, keep_at_rules=True, minify_css=True, load_remote_stylesheets=False
    )
    whole = "<html" in source
    return _restore(inliner.inline(hidden) if whole else inliner.inline_fragment(hidden, css), kept)


def _hide(source: str, kept: list[str]) -> str:
    def token(found: re.Match[str]) -> str:
        kept.append(found[0])
        number = len(kept) - 1
        # An expression may stand in an attribute or a title, where a comment would be text.
        return f"jinja{number}token" if found[0].startswith("{{") else f"<!--jinja{number}-->"

    return _JINJA.sub(token, source)


def _restore(hidden: str, kept: list[str]) -> str:
    return _TOKEN.sub(lambda found: kept[int(found[1] or found[2])], hidden)


class _Inlined(jinja2.FileSystemLoader):
    """Files of a folder; HTML ones come with their styles inlined."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._css = _read(folder / _STYLESHEET)

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_current = super().get_source(environment, template)
        if template.endswith(".html"):
            source = inline(source, self._css)
        return source, path, is_current


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"The stylesheet {path} cannot be read: {error}") from error
