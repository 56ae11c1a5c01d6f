"""Charts, tables and the self-contained report."""

from detente.reports.case_page import render_case
from detente.reports.case_terminal import render_case_terminal
from detente.reports.charts import prepare
from detente.reports.files import Written, check_folder, write_report
from detente.reports.page import render_html
from detente.reports.terminal import render_terminal

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
