"""An organization whose settlement is under way is not archived."""

from __future__ import annotations

from settlement.queries.blockers import archive_blockers_of
from tests.settlement.office import Office


def test_a_settlement_under_way_stands_against_archiving(owing: Office):
    run = owing.propose("P", "S")
    (blocker,) = archive_blockers_of(owing.world["S"])
    assert blocker.text.startswith("1 settlement under way")
    assert archive_blockers_of(owing.world["Q"]) == []
    owing.settle(run)
    assert archive_blockers_of(owing.world["S"]) == []
