"""Tells which embedded services run. With --assert-idle, fails if any does: what they keep must not be deleted."""

from __future__ import annotations

import sys

from network.services.layout import Layout
from network.services.lease import Lease

SERVICES = ("postgres", "redis")


def main(arguments: list[str]) -> int:
    layout = Layout.default()
    running = [
        service
        for service in SERVICES
        if layout.keeping(service).exists() and Lease(layout, service).is_kept()
    ]
    for service in SERVICES:
        print(f"{service}: {'running' if service in running else 'not running'}")
    if running and "--assert-idle" in arguments:
        print("Somebody uses them. Stop `make run` and the other commands first.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
