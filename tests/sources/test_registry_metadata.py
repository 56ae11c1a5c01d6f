"""What every dataset must say of itself, whoever wrote its module."""

import re
from urllib.parse import urlsplit

import pytest

from detente import sources
from detente.core import InputError
from detente.sources.citations import citations, parse_bibtex

NAMES = sources.names()
FETCHED = [name for name in NAMES if not sources.dataset(name).brought]
BROUGHT = [name for name in NAMES if sources.dataset(name).brought]


def test_the_datasets_of_the_model_are_registered() -> None:
    needed = {
        *("cow_states", "cow_majors", "nmc", "contiguity", "atop", "democracy", "gdp"),
        *("rivalries", "nuclear_status", "warheads", "leaders", "gw_cow"),
        *("dyadic_mid", "gml_part", "mid5_part", "mie", "cow_interstate_wars"),
        *("us_travels", "us_visits"),
    }
    assert needed <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_metadata_is_complete(name: str) -> None:
    item = sources.dataset(name)
    for field in ("title", "version", "licence", "states", "missing_codes"):
        assert getattr(item, field).strip(), field
    assert item.official.strip()
    assert item.checked_against_official.strip()
    assert item.faults
    assert item.columns
    assert all(meaning.strip() for meaning in item.columns.values())
    assert item.years[0] <= item.years[1]
    assert item.reader_version >= 1


@pytest.mark.parametrize("name", BROUGHT)
def test_a_dataset_that_is_brought_says_how(name: str) -> None:
    item = sources.dataset(name)
    assert item.terms == "brought"
    assert item.files == ()
    assert "https://" in item.official
    for form in item.brought:
        assert form.name
        assert form.columns
        assert all(column == column.lower() for column in form.columns)
    with pytest.raises(InputError, match=f"'{name}' is not fetched"):
        _ = item.copied_from


@pytest.mark.parametrize("name", FETCHED)
def test_files_have_fixed_addresses_and_digests(name: str) -> None:
    files = sources.dataset(name).files
    copy = sources.dataset(name).copied_from
    assert re.fullmatch(r"[0-9a-f]{40}", copy.commit)
    assert files
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert file.size > 0
        address = urlsplit(file.url)
        assert (address.scheme, address.netloc) == ("https", "raw.githubusercontent.com")
        assert copy.commit in address.path
        assert not file.path.startswith("/")
        assert ".." not in file.path


@pytest.mark.parametrize("name", FETCHED)
def test_provenance_holds_every_file(name: str) -> None:
    record = sources.provenance(name)
    assert record.dataset == name
    assert dict(record.sha256) == {file.path: file.sha256 for file in sources.dataset(name).files}


@pytest.mark.parametrize("name", NAMES)
def test_the_citation_parses(name: str) -> None:
    text = sources.dataset(name).bibtex
    entries = parse_bibtex(text)
    assert entries
    assert len(entries) == text.count("@")
    for entry in entries:
        assert {"author", "title", "year"} <= set(entry.fields), entry.key
        line = entry.text()
        assert entry.fields["year"] in line
        assert "{" not in line
        assert "}" not in line
        assert "\\" not in line


def test_one_key_is_one_entry() -> None:
    texts: dict[str, set[str]] = {}
    for name in NAMES:
        for entry in parse_bibtex(sources.dataset(name).bibtex):
            texts.setdefault(entry.key, set()).add(" ".join(entry.bibtex.split()))
    assert {key: found for key, found in texts.items() if len(found) > 1} == {}


def test_citations_come_once_and_in_order() -> None:
    keys = [entry.key for entry in citations(["cow_majors", "cow_states", "nmc"])]
    assert keys == ["cowstates2016", "singeretal1972cdu", "singer1987rcwd"]


def test_a_citation_as_text() -> None:
    (entry,) = parse_bibtex(
        r"@article{a1, author = {Ha, A. and H{\"a}, B. and others}, title = {On {X}},"
        r" journal = {J}, volume = {3}, number = {2}, pages = {1--9}, year = {2001},"
        r" doi = {10.1/x},}"
    )
    assert entry.text() == "Ha, A., Hä, B. et al. (2001) On X. J 3(2): 1-9. https://doi.org/10.1/x"


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"H{\aa}vard", "Håvard"),
        (r"H\aa vard", "Håvard"),
        (r"{\O}berg \& S{\o}n", "Øberg & Søn"),
        (r"Jos{\'e} Mar\'{\i}a", "José María"),
        (r"\v{S}i\v{s}ka and Fran{\c c}ois", "Šiška and François"),
        (r"Gro{\ss}e {\L}{\'o}d{\'z}", "Große Łódź"),
        (r"Ty\~nez 5\%~of", "Tyñez 5% of"),
    ],
)
def test_the_letters_of_latex_are_characters(latex: str, plain: str) -> None:
    (entry,) = parse_bibtex(rf"@misc{{a, author = {{A}}, title = {{{latex}}}, year = {{2001}},}}")
    assert entry.fields["title"] == plain


def test_unmatched_braces_are_refused() -> None:
    with pytest.raises(ValueError, match="unmatched brace"):
        parse_bibtex("@misc{key, title = {never closed")


def test_surface() -> None:
    assert sorted(sources.__all__) == [
        "BroughtFile",
        "Dataset",
        "RemoteFile",
        "Repository",
        "dataset",
        "import_file",
        "load",
        "names",
        "provenance",
    ]


@pytest.mark.data
@pytest.mark.parametrize("name", FETCHED)
def test_every_dataset_loads_with_its_columns(name: str, mirror: str) -> None:
    table = sources.load(name)
    assert table.height > 0
    assert table.columns == list(sources.dataset(name).columns)
