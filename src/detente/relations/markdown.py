"""Numbers, lists and tables in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100


def number(value: float) -> str:
    """Write a number with three significant digits, plainly where its size allows."""
    if value == 0:
        return "0"
    if 0.001 <= abs(value) < 1000:
        return f"{value:#.3g}".rstrip(".")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1e}"


def ratio(value: float, lo: float, hi: float) -> str:
    """Write an estimate and its interval."""
    return f"{number(value)} [{number(lo)}, {number(hi)}]"


def listed(items: Sequence[str]) -> str:
    """Join items as in a sentence: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; a cell's own bars are escaped."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(c).replace('|', chr(92) + '|') for c in cells)} |"


def reflowed(text: str) -> str:
    """Fill paragraphs and items of lists to :data:`WIDTH`; headings and tables stay as they are."""
    return "\n\n".join(_block(block) for block in text.split("\n\n"))


def _block(block: str) -> str:
    if block.startswith(("|", "#")):
        return block
    if not block.startswith("- "):
        return _filled(block)
    items = ("\n" + block).split("\n- ")[1:]
    return "\n".join(_filled(f"- {item}", indent="  ") for item in items)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
