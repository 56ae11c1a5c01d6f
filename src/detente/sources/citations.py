"""Citations of the datasets: BibTeX entries, and the same as a line of text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from unicodedata import normalize

from detente.sources.registry import dataset

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,")
_FIELD = re.compile(r"(\w+)\s*=\s*\{")
_ACCENT = re.compile(r"\\(?:([\"'`^~=.])\s*|([cvukHr])(?:\s+|(?=\{)))\{?(\\?\w)\}?")
_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "k": "\u0328", "H": "\u030b",
    "r": "\u030a",
}  # fmt: skip
_LETTER = re.compile(r"\\(aa|AA|ae|AE|oe|OE|ss|o|O|l|L|i|j)(?![A-Za-z])\s*")
_LETTERS = {
    "aa": "\u00e5", "AA": "\u00c5", "ae": "\u00e6", "AE": "\u00c6", "oe": "\u0153", "OE": "\u0152",
    "ss": "\u00df", "o": "\u00f8", "O": "\u00d8", "l": "\u0142", "L": "\u0141", "i": "i", "j": "j",
}  # fmt: skip
_SIGN = re.compile(r"\\([&%$#_])")


@dataclass(frozen=True, slots=True)
class Citation:
    """One BibTeX entry: its kind, key, fields, and its source text."""

    kind: str
    key: str
    fields: dict[str, str]
    bibtex: str = field(repr=False)

    def text(self) -> str:
        """Return the entry as one line: authors, year, title, where it appeared."""
        get = self.fields.get
        volume = get("volume", "") + (f"({get('number')})" if get("number") else "")
        pages = get("pages", "").replace("--", "-")
        where = ": ".join(filter(None, (volume, pages)))
        venue = get("journal") or (f"In {get('booktitle')}" if get("booktitle") else "")
        publisher = get("publisher") or get("institution") or get("howpublished") or get("note")
        parts = (
            _authors(get("author", "")),
            f"({get('year', 'n.d.')})",
            f"{get('title', '')}.",
            f"{' '.join(filter(None, (venue, where)))}." if venue else "",
            f"{publisher}." if publisher else "",
            f"https://doi.org/{get('doi')}" if get("doi") else get("url", ""),
        )
        return " ".join(filter(None, parts))


def citations(names: Iterable[str]) -> tuple[Citation, ...]:
    """Return the citations of datasets in order, each key once.

    Raises
    ------
    UnknownNameError
        If a name is not registered.
    """
    found: dict[str, Citation] = {}
    for name in names:
        for entry in parse_bibtex(dataset(name).bibtex):
            found.setdefault(entry.key, entry)
    return tuple(found.values())


def parse_bibtex(text: str) -> tuple[Citation, ...]:
    """Read BibTeX entries whose values stand in braces, as this package writes them.

    Raises
    ------
    ValueError
        If an entry's braces do not match.
    """
    return tuple(_entry(text, match) for match in _ENTRY.finditer(text))


def _entry(text: str, match: re.Match[str]) -> Citation:
    end = _closing(text, text.index("{", match.start()))
    body = text[match.end() : end]
    fields: dict[str, str] = {}
    at = 0
    while found := _FIELD.search(body, at):
        at = _closing(body, found.end() - 1)
        fields[found[1].lower()] = _plain(body[found.end() : at])
    return Citation(match[1].lower(), match[2], fields, text[match.start() : end + 1])


def _closing(text: str, opening: int) -> int:
    depth = 0
    for at in range(opening, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError(f"unmatched brace in BibTeX: {text[opening : opening + 60]!r}")


def _plain(value: str) -> str:
    """Return a value as plain text: LaTeX's letters, accents and signs as characters."""
    value = _ACCENT.sub(_accented, value)
    value = _LETTER.sub(lambda m: _LETTERS[m[1]], value)
    value = _SIGN.sub(lambda m: m[1], value).replace("~", " ")
    return " ".join(value.replace("{", "").replace("}", "").split())


def _accented(match: re.Match[str]) -> str:
    mark, letter = match[1] or match[2], match[3].removeprefix("\\")
    return normalize("NFC", letter + _COMBINING[mark])


def _authors(value: str) -> str:
    names = [name.strip() for name in value.split(" and ")]
    if names[-1] == "others":
        return f"{', '.join(names[:-1])} et al."
    return names[0] if len(names) == 1 else f"{'; '.join(names[:-1])} and {names[-1]}"
