"""The list of rules, and activating or ending several at once."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse

from core.tenancy import bound
from ledger.models import RuleVersion
from tests.cast import CANARY
from tests.ledger.rule.test_rule import T_ONLY, activate, draft
from tests.lists.test_bulk import send
from tests.lists.test_export import csv_of

LIST, ACTIVATE, END = map(reverse, ("rule-list", "rule-activate-many", "rule-end-many"))


def state_of(cast, *versions: RuleVersion) -> list[str]:
    with bound(cast.network.pk):
        return [RuleVersion.objects.get(pk=version.pk).status for version in versions]


def test_the_list_has_the_newest_of_each_rule_and_every_draft(market, browse):
    first = activate(market, draft(market, starts_on=date(2026, 1, 1)))
    activate(market, draft(market, starts_on=date(2026, 2, 1)))
    draft(market, starts_on=date(2026, 3, 1))
    client = browse("finance")

    def listed(**query):
        rows = csv_of(client.get(LIST, {"export": "csv", "q": "new"} | query))
        return [(row["Version"], row["Status"]) for row in rows]

    assert listed() == [("3", "Draft"), ("2", "Active")]
    assert listed(versions="all") == [("3", "Draft"), ("2", "Active"), ("1", "Ended")]
    assert listed(versions="all", status="ended") == [("1", "Ended")]
    [row] = csv_of(client.get(LIST, {"export": "csv", "q": "redeems lab", "status": "active"}))
    assert row["What it says"] == first.sentence
    assert CANARY not in client.get(LIST, {"versions": "all"}).content.decode()


def test_several_drafts_are_activated_by_somebody_else(market, browse):
    cast = market.world
    drafts = [draft(market, code=code, priority=number) for number, code in enumerate(("one", "two"), 1)]
    page = browse("finance").get(ACTIVATE, {"selected": [one.pk for one in drafts]}).content.decode()
    assert "was written by you; somebody else has to activate it" in page
    assert "None of the rules that you ticked can be in force" in page
    answer = send(browse("administrator"), cast, ACTIVATE, [one.pk for one in drafts])
    assert answer.status_code == 302
    assert state_of(cast, *drafts) == ["active", "active"]


def test_two_that_contradict_each_other_stay_drafts(market, browse):
    cast = market.world
    drafts = [draft(market, code=code, when=T_ONLY) for code in ("one", "two")]
    answer = send(browse("administrator"), cast, ACTIVATE, [one.pk for one in drafts])
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()
    assert state_of(cast, *drafts) == ["draft", "draft"]


def test_several_end_after_one_day(market, browse):
    cast = market.world
    active = [
        activate(market, draft(market, code=code, priority=number))
        for number, code in enumerate(("one", "two"), 1)
    ]
    waits = draft(market, code="three")
    ticked = [one.pk for one in (*active, waits)]
    page = browse("finance").get(END, {"selected": ticked}).content.decode()
    assert "End 2 rules" in page
    assert "three version 1 is draft" in page
    last = date.today() + timedelta(days=3)
    assert send(browse("finance"), cast, END, ticked).status_code == 422
    assert send(browse("finance"), cast, END, ticked, last_on=last.isoformat()).status_code == 302
    assert state_of(cast, *active, waits) == ["ended", "ended", "draft"]
    with bound(cast.network.pk):
        assert {RuleVersion.objects.get(pk=one.pk).ends_on for one in active} == {last}


def test_who_may_only_look_is_refused(market, browse):
    one = draft(market)
    assert browse("auditor").get(LIST).status_code == 200
    for url in (ACTIVATE, END):
        assert browse("auditor").get(url, {"selected": [one.pk]}).status_code == 403
