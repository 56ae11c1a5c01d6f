"""Parameters of a draw: the streams that they come from."""

import pytest

from detente.relations.parameters import first_normals, stream


@pytest.mark.parametrize("seed", [0, 20250815, 2**63 - 1])
def test_normals_are_the_first_of_each_stream(seed: int) -> None:
    parts = (2365, 2710, 2, 999)
    alone = [float(stream(seed, 7, part).standard_normal()) for part in parts]
    assert first_normals(seed, 7, parts) == alone
    assert len(set(alone)) == len(parts)


def test_normals_of_a_part_do_not_depend_on_the_others() -> None:
    assert first_normals(1, 3, (710, 2365))[1:] == first_normals(1, 3, (2365,))
