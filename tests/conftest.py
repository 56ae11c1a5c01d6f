"""Fixtures that several folders of tests share."""

import os
from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def mirror() -> str:
    """The place of the public datasets (``DETENTE_MIRROR``), or a skip where there is none."""
    place = os.environ.get("DETENTE_MIRROR", "").strip()
    if not place and _BESIDE_THE_CHECKOUT.is_dir():
        place = os.environ["DETENTE_MIRROR"] = str(_BESIDE_THE_CHECKOUT)
    if not place:
        pytest.skip("needs the public datasets: set DETENTE_MIRROR to a folder or an address")
    return place
