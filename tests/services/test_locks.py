"""The dependencies are pinned by hash, and name no place to fetch them from."""

from __future__ import annotations

import json
import re

from network.services.layout import PROJECT


def test_python_locks_pin_by_hash_and_name_no_address() -> None:
    locks = sorted(PROJECT.glob("requirements*.txt"))
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text, lock.name
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            if not requirement.startswith("#"):
                assert re.match(r"[\w.-]+==\S+.*\\\n\s+--hash=sha256:", requirement), requirement


def test_the_npm_lock_pins_by_hash_and_names_no_address() -> None:
    text = (PROJECT / "package-lock.json").read_text()
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
