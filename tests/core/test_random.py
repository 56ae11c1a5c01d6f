"""Counter-based streams: published vectors, independence of order, errors."""

import numpy as np
import pytest

from detente.core.errors import InputError
from detente.core.random import combine_keys, generator, name_key, philox4x32, stream_key

# Known-answer vectors of philox 4x32-10 in the Random123 distribution (Salmon et al. 2011).
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_published_words(counter, key, words):
    assert philox4x32(counter, key).tolist() == words


def test_philox_of_many_counters_is_philox_of_each():
    counters = np.arange(24, dtype=np.uint32).reshape(6, 4)
    together = philox4x32(counters, [1, 2])
    apart = [philox4x32(counter, [1, 2]) for counter in counters]
    assert np.array_equal(together, apart)


def test_philox_refuses_other_shapes():
    with pytest.raises(InputError, match=r"counters \(\.\.\., 4\) and keys"):
        philox4x32([0, 0, 0], [0, 0])


def test_stream_keys_depend_on_every_part():
    keys = {
        stream_key(7),
        stream_key(8),
        stream_key(7, "a"),
        stream_key(7, "a", 1),
        stream_key(7, "a", "1"),
        stream_key(7, 1, "a"),
    }
    assert len(keys) == 6


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seed_out_of_range_is_refused(seed):
    with pytest.raises(InputError, match="a seed is an integer from 0"):
        stream_key(seed)


def test_pair_keys_do_not_depend_on_the_other_rows():
    rows = np.array([name_key(name) for name in ("2-365", "2-710", "365-369")], np.uint64)
    columns = np.array([name_key(name) for name in ("onset", "end")], np.uint64)
    key = stream_key(5)
    assert np.array_equal(
        combine_keys(key, rows, columns)[1:], combine_keys(key, rows[1:], columns)
    )
    assert np.unique(combine_keys(key, rows, columns)).size == 6


def test_generators_of_one_key_agree_and_of_two_keys_differ():
    draws = [generator(3, name).standard_normal(4) for name in ("walk", "walk", "frailty")]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])
