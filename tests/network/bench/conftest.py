"""A loaded network of a tiny size, in a database of its own for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.models import Network
from network.bench.load import Size, load
from tests import databases

TINY = Size(organizations=40, lines=200, patients=30)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Network]:
    with django_db_blocker.unblock(), databases.own("loaded"):
        yield load("TINY", TINY, lambda what, made, of: None)
