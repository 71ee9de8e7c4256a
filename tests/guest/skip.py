"""The one way not to run a suite: with a reason, which CTest counts."""


class Skip(Exception):
    """Something that the suite needs and this machine does not have."""
