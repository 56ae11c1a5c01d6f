"""Templates of the pages: one style sheet, text escaped, nothing undefined."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_FOLDER = files("detente.reports") / "templates"


def read(name: str) -> str:
    """Return a file of the templates' folder."""
    return (_FOLDER / name).read_text("utf-8")


@cache
def _environment() -> Environment:
    import jinja2

    return jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(read),
    )


def template(name: str) -> Template:
    """Compile a template, once; every text that it is given is escaped."""
    return _environment().get_template(name)


def render(name: str, **values: object) -> str:
    """Render a template with the style sheet as ``css``."""
    return template(name).render(css=read("report.css"), **values)
