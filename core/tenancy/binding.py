"""Binding: which Network the current transaction works for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

_network: ContextVar[int | None] = ContextVar("caretree_network", default=None)
_memo: ContextVar[dict[str, Any] | None] = ContextVar("caretree_memo", default=None)
_narrowed: ContextVar[bool] = ContextVar("caretree_narrowed", default=False)


class BindingError(RuntimeError):
    """A programming error: no network is bound, or another one already is."""


def bound_network_id() -> int:
    """The id of the bound Network; raises `BindingError` when there is none."""
    network_id = _network.get()
    if network_id is None:
        raise BindingError("No network is bound: wrap the work in core.tenancy.bound(network_id).")
    return network_id


def is_bound() -> bool:
    return _network.get() is not None


def memo() -> dict[str, Any]:
    """What was read once for as long as this network is bound and nothing is written: every action clears it."""
    found = _memo.get()
    if found is None:
        raise BindingError("No network is bound: wrap the work in core.tenancy.bound(network_id).")
    return found


def forget() -> None:
    """What was read once no longer holds; every action says so when it ends, however it ends.

    Not under the portal's role: it may neither change nor read again what is remembered.
    """
    found = _memo.get()
    if found is not None and not _narrowed.get():
        found.clear()


@contextmanager
def bound(network_id: int) -> Iterator[None]:
    """Open a transaction and bind it to one Network.

    Nesting with the same network is allowed and opens a savepoint. Binding another one is refused: a
    bound value survives RELEASE SAVEPOINT, so a change would leak into the outer work.
    """
    current = _network.get()
    if current is not None and current != network_id:
        raise BindingError(f"Network {current} is bound; network {network_id} can't be bound inside it.")
    with transaction.atomic():
        if current is not None:
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.network', %s, true)", [str(network_id)])
        token, memo = _network.set(network_id), _memo.set({})
        try:
            yield
        finally:
            _network.reset(token)
            _memo.reset(memo)
        _unbind_inner_transaction()


def _unbind_inner_transaction() -> None:
    """Clear the setting where the binding was a savepoint of a longer transaction, as in a test.

    Not after an exception: rolling back to the savepoint restores the setting, and the connection may refuse
    every other statement, whose error would hide the one that matters.
    """
    if connection.in_atomic_block and len(connection.savepoint_ids) > 0 and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.network', '', true)")


@contextmanager
def portal_role(vendor_id: int, contact_id: int) -> Iterator[None]:
    """Inside a bound transaction: narrow the database role to one vendor's rows."""
    bound_network_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.vendor', %s, true), set_config('app.contact', %s, true)",
            [str(vendor_id), str(contact_id)],
        )
        cursor.execute("SET LOCAL ROLE caretree_portal")
    narrowed = _narrowed.set(True)
    try:
        yield
    finally:
        _narrowed.reset(narrowed)
        if not connection.needs_rollback and not _is_failed():
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
                cursor.execute(
                    "SELECT set_config('app.vendor', '', true), set_config('app.contact', '', true)"
                )


def _is_failed() -> bool:
    """Did a statement fail, so that the transaction accepts nothing but its rollback (which restores the role)?"""
    return connection.connection.info.transaction_status == TransactionStatus.INERROR  # type: ignore[no-any-return]
