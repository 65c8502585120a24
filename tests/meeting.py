"""Two people at once, in an order that the test says: real transactions, and no sleeping."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

from core.errors import Refused
from core.tenancy import bound

_TICK = 0.02
_LONGEST = 60 / _TICK


def meeting(network_id: int, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """What both came to. `second` begins when `first` has done its work; that is committed only once `second` waits
    for it, or is done without. A refusal counts as what it came to.
    """
    with ThreadPoolExecutor(1) as pool:
        with bound(network_id):
            one = first()
            other = pool.submit(_alone, network_id, second)
            _until_waiting(other)
        return one, other.result(60)


def _alone(network_id: int, work: Callable[[], Any]) -> Any:
    try:
        with bound(network_id):
            return work()
    except Refused as refusal:
        return refusal
    finally:
        connections.close_all()


def _until_waiting(other: Future[Any]) -> None:
    """Until the other is done, or asks for a lock that this transaction holds."""
    for _ in range(int(_LONGEST)):
        try:
            other.exception(_TICK)
        except TimeoutError:
            if _is_waited_for():
                return
        else:
            return
    raise AssertionError("The other neither ended nor waited.")


def _is_waited_for() -> bool:
    """Asks the locks: the activity that a transaction sees is that of its first look, when the other may not be there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
