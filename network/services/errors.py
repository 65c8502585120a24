"""The one thing that goes wrong here: an embedded service can't be had."""


class ServiceError(Exception):
    """Says what happened and, where there is something to do about it, what to do."""
