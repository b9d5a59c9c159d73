"""x."""


def show():
    """X."""
