"""A plugin of pytest: when each test began and ended, in a line of the file that TESTS_CLOCK names."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    begun = time.time()
    try:
        return (yield)
    finally:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        with Path(os.environ["TESTS_CLOCK"]).open("a") as file:
            file.write(f"{begun:.3f}\t{time.time():.3f}\t{worker}\t{item.nodeid}\n")
