"""Device ticks that go round. Pure: knows numbers only, reads no clock itself."""

WRAP_US = 1 << 32  # a board's 32-bit microseconds begin again after 71.6 min


def unwrap(ticks: int, expected: int, wrap: int = WRAP_US) -> int:
    """The full tick count nearest to an expected one.

    Looking only for "smaller than the last" would miss whole turns in a gap longer than one wrap; the expected
    value comes from the host's clock, which is wrong by seconds at most.

    Parameters
    ----------
    ticks
        What the board sent, 0 <= ticks < wrap.
    expected
        About where the full count should be.
    """
    return ticks + wrap * round((expected - ticks) / wrap)
