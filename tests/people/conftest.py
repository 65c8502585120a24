"""Somebody with a password."""

from __future__ import annotations

import pytest

from people.models import User
from tests.cast import Cast

PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(cast: Cast) -> User:
    user = cast.users["desk"]
    user.set_password(PASSWORD)
    user.save()
    return user
