"""Parts of the event loop: points of the noise, kept by page.

A page holds eight points of a block.  It stays until another takes its place, so a later search
of the same future, in any arm, reads what an earlier one looked up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.core.random import philox_words
from detente.futures.parts import part
from detente.futures.points import BAND, HIGH, LOW, PAGE, log, uniform


@part
def page_of(
    bench: Any, word: Any, c: Any, band: Any, block: Any, n: Any, start: Any, width: Any
) -> Any:
    """Place of the n-th page of a block: its points' times, and marks over the band's floor.

    `start` is the time of the last point before them (or of the block).
    """
    tag, page = bench.tag, bench.page
    name = (np.int64(word) << 32) | (c << 5) | band
    number = (block << 8) | n
    place = (c * 2654435761 + block * 40503 + band * 2246822519 + n * 3266489917) >> 4
    place &= tag.shape[0] - 1
    if tag[place, 0] != name or tag[place, 1] != number:
        tag[place, 0] = name
        tag[place, 1] = number
        key0, key1 = bench.pair[c].key0, bench.pair[c].key1
        code = (np.uint64(band) << BAND) | np.uint64(n * (PAGE // 2))
        low, high = np.uint64(block) & LOW, np.uint64(block) >> HIGH
        gap, mark, half = bench.gap, bench.mark, bench.gap.shape[1]
        for i in range(half):
            w0, w1, w2, w3 = philox_words(word, code + np.uint64(i), low, high, key0, key1)
            gap[0, i] = log(uniform(w0))
            mark[0, i] = uniform(w1) * width
            gap[1, i] = log(uniform(w2))
            mark[1, i] = uniform(w3) * width
        inverse = 1.0 / width
        time = start
        for i in range(half):
            time -= gap[0, i] * inverse
            page[place, 0, 2 * i] = time
            page[place, 1, 2 * i] = mark[0, i]
            time -= gap[1, i] * inverse
            page[place, 0, 2 * i + 1] = time
            page[place, 1, 2 * i + 1] = mark[1, i]
    return place
