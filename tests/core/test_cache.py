"""Pages go on without Redis."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from core.cache import LenientRedisCache


@pytest.fixture
def nowhere(tmp_path):
    return LenientRedisCache(f"unix://{tmp_path}/nobody-listens.sock", {})


def test_an_unreachable_cache_remembers_nothing_and_raises_nothing(nowhere):
    assert nowhere.get("a", "default") == "default"
    assert nowhere.add("a", 1) is True
    nowhere.set("a", 1)
    assert nowhere.get_many(["a", "b"]) == {}
    assert nowhere.incr("a", 3) == 3
    assert nowhere.delete("a") is False
    assert "a" not in nowhere


def test_signing_in_goes_on(cast, nowhere, monkeypatch):
    person = cast.users["desk"]
    person.set_password("correct horse battery staple")
    person.save()
    monkeypatch.setattr(caches._connections, "default", nowhere, raising=False)
    client = Client()
    answer = client.post(
        reverse("account_login"), {"login": person.email, "password": "correct horse battery staple"}
    )
    assert answer.status_code == 302
    assert client.get(reverse("organization-list")).status_code == 200
