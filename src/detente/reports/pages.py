"""Templates of the pages: one style sheet, text escaped, nothing undefined."""

from __future__ import annotations

from importlib.resources import files

_FOLDER = files("detente.reports") / "templates"


def read(name: str) -> str:
    """Return a file of the templates' folder."""
    return (_FOLDER / name).read_text("utf-8")


def render(name: str, **values: object) -> str:
    """Render a template with the style sheet as ``css``; every text is escaped."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(read),
    )
    return environment.get_template(name).render(css=read("report.css"), **values)
