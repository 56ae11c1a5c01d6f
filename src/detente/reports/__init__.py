"""Charts, tables and the self-contained report."""

from detente.reports.charts import prepare
from detente.reports.page import render_html

__all__ = ["prepare", "render_html"]
