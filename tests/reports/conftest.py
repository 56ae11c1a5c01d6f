"""One assessment and its page, shared by the tests of the report."""

import lxml.html
import pytest

from detente.assessments.schema import Assessment
from detente.reports import render_html
from reports.factory import make


@pytest.fixture(scope="session")
def assessment() -> Assessment:
    return make()


@pytest.fixture(scope="session")
def page(assessment: Assessment) -> str:
    return render_html(assessment)


@pytest.fixture(scope="session")
def tree(page: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(page)
