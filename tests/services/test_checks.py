"""A server that leaks is known by its release."""

from __future__ import annotations

import pytest

from network.services.checks import leaks


@pytest.mark.parametrize(
    ("version", "leaky"),
    [(150013, True), (150014, False), (160009, True), (170005, True), (170006, False), (180000, False)],
)
def test_releases_before_the_repair_leak(version: int, leaky: bool) -> None:
    assert leaks(version) is leaky
