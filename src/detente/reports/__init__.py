"""Charts, tables and the self-contained report."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.reports.case_page import render_case
    from detente.reports.case_terminal import render_case_terminal
    from detente.reports.charts import prepare
    from detente.reports.files import Written, write_report
    from detente.reports.page import render_html
    from detente.reports.terminal import render_terminal
    from detente.reports.writing import check_folder

__all__ = [
    "Written",
    "check_folder",
    "prepare",
    "render_case",
    "render_case_terminal",
    "render_html",
    "render_terminal",
    "write_report",
]

# Imported when first asked for: what draws a report can wait until there is one.
_HOMES = {
    "Written": "files",
    "check_folder": "writing",
    "prepare": "charts",
    "render_case": "case_page",
    "render_case_terminal": "case_terminal",
    "render_html": "page",
    "render_terminal": "terminal",
    "write_report": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
