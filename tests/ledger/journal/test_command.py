"""Posting an entry from the command line: what it refuses, in words."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from core.tenancy import bound
from ledger.models import LedgerEvent

Q_CASH = ("--line", "Q cash 1.00")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((*Q_CASH, "--line", "Q equity -2.00"), "do not balance"),
        (("--line", "Q gold 1.00"), "There is no account 'gold'"),
        (("--line", "Q cash"), "is no line"),
        (("--line", "Q cash 1.001"), "decimals"),
        (("--line", "C1B cash 1.00"), "There is no organization 'C1B'"),
        (Q_CASH, "2 to 200 lines"),
        (("--line", "Q due_to 1.00", "--line", "Q cash -1.00"), "needs a counterparty"),
        (("--line", "Q due_to 1.00 P", "--line", "Q cash -1.00"), "mirror"),
    ],
)
def test_what_makes_no_entry_is_refused_and_posts_nothing(cast, lines, said):
    asked = ("--network", str(cast.network.pk), "--organization", "Q", "--reason", "x", "--key", "k")
    with pytest.raises(CommandError, match=said):
        call_command("post_journal", *asked, *lines)
    with bound(cast.network.pk):
        assert not LedgerEvent.objects.exists()
