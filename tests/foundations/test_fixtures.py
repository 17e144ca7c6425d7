"""The tests' own tools can fail."""

from collections.abc import Callable

import pytest


def test_work_that_grows_with_the_square_is_noticed(
    expect_linear: Callable[[Callable[[int], object], int], None],
) -> None:
    with pytest.raises(AssertionError):
        expect_linear(lambda count: [sum(range(count)) for _ in range(count)], 1_500)
    expect_linear(lambda count: sum(range(100 * count)), 1_000)
