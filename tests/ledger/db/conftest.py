"""A shop to post in: rolled back after the test, or in a database of its own for threads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.tenancy import bound
from tests import databases
from tests.cast import Cast, build_cast
from tests.ledger.db.shop import Shop, open_shop
from tests.ledger.db.standing import Standing, post_some


@pytest.fixture
def shop(world: Cast) -> Shop:
    return open_shop(world)


@pytest.fixture
def own_shop(own_world: Cast) -> Shop:
    """Committed, in a database of the test's own; bind its network yourself."""
    with bound(own_world.network.pk):
        return open_shop(own_world)


@pytest.fixture(scope="module")
def standing(django_db_blocker) -> Iterator[Standing]:
    """A ledger with some postings, committed, in a database for all tests of a module; they roll back in it."""
    with django_db_blocker.unblock(), databases.own("standing"):
        cast = build_cast()
        with bound(cast.network.pk):
            made = post_some(open_shop(cast))
        yield made
