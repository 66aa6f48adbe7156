"""Divide a session's trials into blocks. Pure."""


def block_sizes(n_trials: int, block_size: int | None) -> list[int]:
    """Return the sizes of the fewest blocks of at most `block_size` trials, as equal as can be, the larger ones first.

    block_size: None for one block, however long.

    >>> block_sizes(81, 50), block_sizes(50, 50), block_sizes(7, None), block_sizes(0, 5)
    ([41, 40], [50], [7], [0])
    """
    n_blocks = 1 if block_size is None else max(1, -(-n_trials // block_size))
    least, rest = divmod(n_trials, n_blocks)
    return [least + (number < rest) for number in range(n_blocks)]
