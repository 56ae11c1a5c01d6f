import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from detente.sources import registry

from .fakes import fake


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no mirror."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("DETENTE_CACHE", str(folder))
    monkeypatch.delenv("DETENTE_MIRROR", raising=False)
    monkeypatch.setitem(registry._REGISTRY, "fake", fake())
    return folder


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.ConnectionError("no route to host")

    monkeypatch.setattr(requests.sessions.Session, "request", refuse)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class _Truncating(_Quiet):
    def copyfile(self, source, outputfile) -> None:
        outputfile.write(source.read()[:5])
        self.close_connection = True


def _serve(folder: Path, handler: type[_Quiet]) -> Iterator[str]:
    made = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def server(site: Path) -> Iterator[str]:
    yield from _serve(site, _Quiet)


@pytest.fixture
def truncating_server(site: Path) -> Iterator[str]:
    yield from _serve(site, _Truncating)
