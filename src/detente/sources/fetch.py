"""Find a dataset's files: in a mirror, in the user's cache, or on the network.

Every file is used only if its sha256 is the registered one. A file that fails is refused; one
that this package wrote itself is kept aside as ``*.rejected``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote, unquote, urlsplit

from detente.core.errors import ChecksumError, UnavailableError
from detente.core.writing import draft_of
from detente.sources.registry import Dataset, RemoteFile

MIRROR_VARIABLE = "DETENTE_MIRROR"
CACHE_VARIABLE = "DETENTE_CACHE"
_TIMEOUT_SECONDS = 60
_CHUNK = 1 << 20
_DOWNLOAD_CHUNK = 1 << 16

Place = Literal["mirror", "cache"]
State = Literal["ready", "absent", "wrong"]


class Meter(Protocol):
    """What a download reports to: the part of tqdm's interface that pooch calls."""

    total: int | None

    def update(self, n: int) -> object:
        """Add ``n`` bytes."""
        ...

    def reset(self) -> object:
        """Start again from zero."""
        ...

    def close(self) -> object:
        """Finish."""
        ...


MeterFactory = Callable[[RemoteFile], Meter]


@dataclass(frozen=True, slots=True)
class FileStatus:
    """Where one file is expected, and whether the right bytes are there."""

    file: RemoteFile
    place: Place
    where: str
    state: State


def cache_directory() -> Path:
    """Return the user's cache folder (``DETENTE_CACHE``, else the system's); it may not exist."""
    chosen = os.environ.get(CACHE_VARIABLE, "").strip()
    if chosen:
        return Path(chosen).expanduser()
    import pooch

    return Path(pooch.os_cache("detente"))


def mirror() -> str | None:
    """Return the folder or base address in ``DETENTE_MIRROR``, or None where it is unset."""
    return os.environ.get(MIRROR_VARIABLE, "").strip() or None


def mirror_folder() -> Path | None:
    """Return the mirror as a folder, or None where it is unset or an http(s) address."""
    place = mirror()
    if place is None:
        return None
    parts = urlsplit(place)
    if parts.scheme in ("http", "https"):
        return None
    return Path(unquote(parts.path)) if parts.scheme == "file" else Path(place).expanduser()


def sha256(path: Path) -> str:
    """Return the hex sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def raw_path(file: RemoteFile) -> Path:
    """Return the place of a downloaded file in the cache."""
    return cache_directory() / "raw" / file.path


def place() -> Place:
    """Return where files are looked for: in a folder the user chose, or in the cache."""
    return "cache" if mirror_folder() is None else "mirror"


def status(dataset: Dataset) -> tuple[FileStatus, ...]:
    """Say for each file where it is looked for and whether the right bytes are there."""
    folder = mirror_folder()
    return tuple(
        FileStatus(file, place(), str(path), _state(file, path))
        for file in dataset.files
        for path in [raw_path(file) if folder is None else folder / file.path]
    )


def locate(
    dataset: Dataset, *, download: bool = False, meter: MeterFactory | None = None
) -> dict[str, Path]:
    """Return the verified local path of each file of a dataset, keyed by ``RemoteFile.path``.

    Parameters
    ----------
    dataset
        A registered dataset.
    download
        Fetch what is missing although its terms restrict redistribution. Files under open terms,
        and files of an http(s) mirror that the user chose, are fetched in any case.
    meter
        Called with the file before each download; returns the meter that counts its bytes.

    Raises
    ------
    UnavailableError
        If a file is in neither mirror nor cache and may not, or cannot, be downloaded.
    ChecksumError
        If a file has other bytes than the registered ones.
    """
    folder = mirror_folder()
    if folder is not None:
        return {file.path: _from_folder(dataset, file, folder) for file in dataset.files}
    allowed = download or dataset.redistribution == "open" or mirror() is not None
    return {file.path: _from_cache(dataset, file, allowed, meter) for file in dataset.files}


def _state(file: RemoteFile, path: Path) -> State:
    try:
        if not path.is_file():
            return "absent"
        same = path.stat().st_size == file.size and sha256(path) == file.sha256
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read ({_brief(error)}): check its permissions"
        ) from error
    return "ready" if same else "wrong"


def _from_folder(dataset: Dataset, file: RemoteFile, folder: Path) -> Path:
    if not folder.is_dir():
        raise UnavailableError(
            f"{MIRROR_VARIABLE} names {folder}, which is not a folder: set it to a folder or an "
            f"address laid out as section/file, or unset it and run "
            f"`detente data pull {dataset.name}`"
        )
    path = folder / file.path
    state = _state(file, path)
    if state == "absent":
        raise UnavailableError(
            f"dataset {dataset.name!r}: the mirror {folder} has no {file.path}: put the file "
            f"there, or unset {MIRROR_VARIABLE} and run `detente data pull {dataset.name}`"
        )
    if state == "wrong":
        raise ChecksumError(
            f"dataset {dataset.name!r}: {path} in the mirror is not the registered file "
            f"({_difference(file, path)}): replace it, or unset {MIRROR_VARIABLE} and run "
            f"`detente data pull {dataset.name}`"
        )
    return path


def _from_cache(
    dataset: Dataset, file: RemoteFile, allowed: bool, meter: MeterFactory | None
) -> Path:
    path = raw_path(file)
    state = _state(file, path)
    if state == "ready":
        return path
    if state == "wrong":
        difference = _difference(file, path)
        aside = _set_aside(path, path)
        if not allowed:
            raise ChecksumError(
                f"dataset {dataset.name!r}: {path} was not the registered file ({difference}); "
                f"it is kept as {aside.name}: run `detente data pull {dataset.name}`"
            )
    if not allowed:
        raise UnavailableError(
            f"dataset {dataset.name!r} is not on this machine ({path} is missing) and its terms "
            f"({dataset.licence}) keep it from being fetched unasked: run "
            f"`detente data pull {dataset.name}`, or set {MIRROR_VARIABLE}"
        )
    return _download(dataset, file, path, meter)


def _address(file: RemoteFile) -> str:
    base = mirror()
    return file.url if base is None else f"{base.rstrip('/')}/{quote(file.path)}"


def _download(dataset: Dataset, file: RemoteFile, path: Path, meter: MeterFactory | None) -> Path:
    address = _address(file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as part:
            _retrieve(address, part, meter(file) if meter else None)
            if _state(file, part) == "wrong":
                difference = _difference(file, part)
                aside = _set_aside(part, path)
                raise ChecksumError(
                    f"dataset {dataset.name!r}: {address} did not send the registered file "
                    f"({difference}); what came is kept as {aside}: try "
                    f"`detente data pull {dataset.name}` again, or set {MIRROR_VARIABLE}"
                )
            part.replace(path)
    except OSError as error:
        # Every failure of the network that requests reports is an OSError, as is a full disk.
        raise UnavailableError(
            f"dataset {dataset.name!r}: could not fetch {file.path} from {address} "
            f"({_brief(error)}): check the network and that {path.parent} can be written, then "
            f"run `detente data pull {dataset.name}`, or set {MIRROR_VARIABLE}"
        ) from error
    return path


def _retrieve(address: str, target: Path, meter: Meter | None) -> None:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    # pooch's annotations name neither a meter of one's own nor its own downloaders.
    progress: Any = meter if meter is not None else False
    downloader: Any = pooch.HTTPDownloader(
        progressbar=progress, timeout=_TIMEOUT_SECONDS, chunk_size=_DOWNLOAD_CHUNK
    )
    # The empty draft would be taken for the file itself.
    target.unlink(missing_ok=True)
    pooch.retrieve(
        address, known_hash=None, fname=target.name, path=target.parent, downloader=downloader
    )


def _set_aside(path: Path, original: Path) -> Path:
    aside = original.with_name(original.name + ".rejected")
    path.replace(aside)
    return aside


def _difference(file: RemoteFile, path: Path) -> str:
    size = path.stat().st_size
    if size < file.size:
        return f"truncated or other: {size:,} bytes, expected {file.size:,}"
    if size > file.size:
        return f"{size:,} bytes, expected {file.size:,}"
    return f"sha256 {sha256(path)[:12]}..., expected {file.sha256[:12]}..."


def _brief(error: BaseException) -> str:
    text = " ".join(str(error).split())
    short = text if len(text) <= 160 else text[:157] + "..."
    return f"{type(error).__name__}: {short}" if short else type(error).__name__
