"""Where things lie: short socket paths, and no trust in a folder that others could have made."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from network.services.account import Account
from network.services.errors import ServiceError
from network.services.layout import LONGEST_NAME, LONGEST_SOCKET, Layout
from tests.services.conftest import User, assert_nothing_left


@pytest.fixture
def deep(layout: Layout) -> Iterator[Layout]:
    """A folder whose path is longer than a socket's may be."""
    place = Layout(layout.var / ("a" * 60) / ("ö" * 40))
    place.var.mkdir(parents=True)
    yield place
    assert_nothing_left(place)
    runtime = place.sockets("postgres").parent
    if runtime.is_symlink():
        runtime.unlink()
    else:
        shutil.rmtree(runtime, ignore_errors=True)


def test_sockets_lie_below_var_where_the_path_allows(layout: Layout) -> None:
    assert layout.sockets("redis") == layout.var / "run" / "redis"


def test_from_a_long_path_sockets_lie_in_a_short_private_folder(deep: Layout) -> None:
    assert len(os.fsencode(deep.sockets("postgres") / LONGEST_NAME)) <= LONGEST_SOCKET
    assert deep.sockets("postgres") == Layout(deep.var).sockets("postgres")
    assert deep.sockets("postgres") != Layout(deep.var.parent).sockets("postgres")
    folder = deep.prepare_sockets("postgres")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o066 == 0


def test_services_run_from_a_long_path(deep: Layout) -> None:
    one = User(deep)
    try:
        assert one.hold("postgres", "redis") == "held"
    finally:
        one.kill()


def test_a_planted_link_is_refused(deep: Layout, tmp_path: Path) -> None:
    deep.sockets("redis").parent.symlink_to(tmp_path)
    with pytest.raises((ServiceError, FileExistsError)):
        deep.prepare_sockets("redis")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder that is another user's")
def test_a_planted_folder_is_refused(deep: Layout) -> None:
    planted = deep.sockets("redis").parent
    planted.mkdir()
    os.chown(planted, Account.choose().uid, -1)
    with pytest.raises(ServiceError, match="belongs to somebody else"):
        deep.prepare_sockets("redis")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's services run as another user")
def test_root_in_a_closed_folder_hears_what_to_do(layout: Layout, user: Callable[[], User]) -> None:
    layout.var.chmod(0o700)
    answer = user().hold("postgres")
    assert f"can't enter {layout.var}" in answer
    assert f"chmod o+x {layout.var}" in answer
    layout.var.chmod(0o755)
