"""Every promise of every chain under ``policies/``, one item each, named by its id."""


def test_expectation(expectation, verify):
    """The engine predicts, the target is asked, and the verdict stands on both."""
    verify(expectation)
