"""The cast that every test knows: the network that `manage.py verify_isolation` walks through."""

from network.isolation.cast import (
    CANARY,
    CONTRACT,
    PASSWORD,
    PEOPLE,
    SYSTEM,
    Cast,
    build_cast,
    details,
    make_user,
)

__all__ = ["CANARY", "CONTRACT", "PASSWORD", "PEOPLE", "SYSTEM", "Cast", "build_cast", "details", "make_user"]
