"""The page for people outside the field runs from top to bottom and prints what it says."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import detente.hazards

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
FEWEST_BLOCKS = 9


def test_every_block_prints_what_stands_below_it() -> None:
    names: dict[str, object] = {}
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) >= FEWEST_BLOCKS
    for code, told in blocks:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, "docs/engine.md", "exec"), names)
        assert printed.getvalue().rstrip() == told.rstrip(), code


def test_every_call_of_the_table_exists() -> None:
    table = PAGE[PAGE.index("| R | detente |") :]
    ours = [row.split("|")[2] for row in table.splitlines() if row.startswith("| `")]
    calls = {name for cell in ours for name in re.findall(r"(?<![.\w])([A-Za-z_]+)\(", cell)}
    assert "transition_probabilities" in calls
    assert sorted(calls - set(detente.hazards.__all__)) == []


def test_no_line_of_the_code_is_too_long() -> None:
    code = "\n".join(block for block, _ in BLOCK.findall(PAGE))
    assert [line for line in code.splitlines() if len(line) > 100] == []
