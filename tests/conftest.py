"""Fixtures that several folders of tests share."""

import os
from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def mirror() -> str:
    """The place of the public datasets: a mirror, else a filled cache, else a skip."""
    place = os.environ.get("DETENTE_MIRROR", "").strip()
    if not place and _BESIDE_THE_CHECKOUT.is_dir():
        place = os.environ["DETENTE_MIRROR"] = str(_BESIDE_THE_CHECKOUT)
    return place or _filled_cache()


def _filled_cache() -> str:
    from detente import sources
    from detente.sources import fetch

    for name in sources.names():
        # Of a dataset that its user brings, no file is registered.
        if any(file.state != "ready" for file in fetch.status(sources.dataset(name))):
            pytest.skip(
                f"needs the public datasets ({name} is not in the cache): set DETENTE_MIRROR to a "
                f"folder or an address, or run `detente data pull --all`"
            )
    return str(fetch.cache_directory())
