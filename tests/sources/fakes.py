"""A tiny dataset of two files, for tests of the framework."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from detente.sources import Dataset, RemoteFile, Repository

CONTENT = {"fake/one.csv": b"ccode,year\n2,1816\n365,1816\n", "fake/two.csv": b"ccode\n2\n"}


def read_fake(paths: Mapping[str, Path]) -> pl.DataFrame:
    return pl.read_csv(paths["fake/one.csv"])


def fake(
    base: str = "https://detente.invalid/data",
    *,
    redistribution: Literal["open", "restricted"] = "restricted",
    reader_version: int = 1,
    columns: tuple[str, ...] = ("ccode", "year"),
) -> Dataset:
    files = tuple(
        RemoteFile(path, f"{base}/{path}", hashlib.sha256(content).hexdigest(), len(content))
        for path, content in CONTENT.items()
    )
    return Dataset(
        name="fake",
        title="A fake",
        version="1",
        repository=Repository("nobody/nothing", "0" * 40, section="fake"),
        files=files,
        bibtex="@misc{fake2000, author = {Nobody}, title = {Nothing}, year = {2000},}",
        licence="none",
        redistribution=redistribution,
        years=(1816, 1816),
        states="two",
        missing_codes="none",
        faults=("not real",),
        official="https://detente.invalid",
        checked_against_official="no",
        columns=dict.fromkeys(columns, "a column"),
        reader=read_fake,
        reader_version=reader_version,
    )


def fill(folder: Path) -> None:
    """Write the files of the fake dataset below a folder."""
    for path, content in CONTENT.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
