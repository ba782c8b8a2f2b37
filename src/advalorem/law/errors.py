"""Errors of the law packages."""


class LawError(ValueError):
    """The law files do not fit their schema or contradict themselves."""


class CoverageError(ValueError):
    """The question lies outside what is coded."""
