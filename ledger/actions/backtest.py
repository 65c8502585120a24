"""Back-tests of drafts: asked for by a person, run by the worker a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from core import locale
from core.actions import Act, action
from core.clock import now
from core.ports import socket
from ledger.actions.command import refused
from ledger.models import BackTest, BackTestEvent, LedgerEvent, RuleVersion
from ledger.permissions import RULE_EDIT
from ledger.queries.answer import Answer
from ledger.queries.backtest import changes_of, content_of, draft_of, events_of, posted_sums, sums_of
from ledger.queries.volume import VolumeKey
from ledger.queries.whatif import Given, Priced, WhatIf, concerned, give, read_deals
from ledger.rules.refusals import Refusal, RefusalCode

TOPIC = "rule.backtest"
BATCH = 2_000  # some seconds of work, so that its progress is seen and a restart loses little
LONGEST_DAYS = 3 * 366


@action(RULE_EDIT, audit="rule.backtested")
def ask_backtest(act: Act, version: RuleVersion, *, first_on: date, last_on: date) -> BackTest:
    """Run a draft over the effective dates of a past period; nothing is posted.

    Who may: `rule:edit` at the parent organization. Effect: the worker compares every event of the draft's kind with
    what would have been posted, and keeps the difference. Refusals: `not_permitted` (no draft, a period that is
    turned round, too long, or has no such event). Audit: `rule.backtested`. After commit: the first batch.
    """
    if version.status != RuleVersion.Status.DRAFT:
        raise refused(RefusalCode.NOT_PERMITTED, "Only a draft is back-tested: this version is in the books.")
    if first_on > last_on:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"{locale.day(first_on)} is after {locale.day(last_on)}; exchange the days.",
            field="first_on",
        )
    if (last_on - first_on).days > LONGEST_DAYS:
        raise refused(RefusalCode.NOT_PERMITTED, "Test three years at most at once.", field="first_on")
    test = BackTest(
        rule_version=version,
        first_on=first_on,
        last_on=last_on,
        content=content_of(version),
        sentence=version.sentence,
        asked_by_id=act.actor.id,
        total=0,
    )
    rows = events_of(test, draft_of(test))
    test.total = rows.count()
    if not test.total:
        raise refused(
            RefusalCode.NOT_PERMITTED,
            f"There is no {version.get_event_display().lower()} from {locale.day(first_on)} to "
            f"{locale.day(last_on)}. Choose other days.",
            field="first_on",
        )
    test.save()
    act.changed({}, {"rule": version.rule.code, "from": first_on, "to": last_on, "events": test.total})
    act.emit(TOPIC, backtest_id=test.pk)
    return test


def run_backtest(ids: dict[str, int]) -> None:
    """Take the next batch of a back-test, and ask for the one after it; a test deleted meanwhile is nobody's."""
    test = (
        BackTest.objects.select_for_update(of=("self",))
        .select_related("rule_version__rule")
        .filter(pk=ids["backtest_id"], status=BackTest.Status.RUNNING)
        .first()
    )
    if test is None:
        return
    _Run(test).take(BATCH)
    if test.status == BackTest.Status.RUNNING:
        socket.outbox.put(TOPIC, {"backtest_id": test.pk})


class _Run:
    """One batch, in posting order: volumes grow with each event that a tiered rule answers, and shrink with its void."""

    def __init__(self, test: BackTest) -> None:
        self.test = test
        self.draft = draft_of(test)
        self.days: dict[date, WhatIf] = {}
        self.volumes: defaultdict[str, int] = defaultdict(int, test.volumes)
        self.sums: dict[str, list[int]] = test.sums
        self.found: dict[int, BackTestEvent] = {}

    def take(self, most: int) -> None:
        rows = events_of(self.test, self.draft).filter(pk__gt=self.test.after_event_id).order_by("pk")
        batch = list(rows.select_related("rule_version")[:most])
        events = [event for event in batch if event.voids_id is None]
        deals = read_deals(events)
        posted = posted_sums(event.pk for event in events)
        voided = set(
            LedgerEvent.objects.filter(voids__in=[e.pk for e in events]).values_list("voids_id", flat=True)
        )
        earlier = BackTestEvent.objects.filter(
            backtest=self.test, event__in=[event.voids_id for event in batch if event.voids_id]
        )
        undone = {row.event_id: row for row in earlier}
        places: defaultdict[date, set[int]] = defaultdict(set)
        for event in events:
            places[event.effective_on] |= concerned(deals[event.pk])
        for day, organization_ids in places.items():
            self._day(day).know(organization_ids)
        for event in batch:
            if event.voids_id is not None:
                self._undo(self.found.get(event.voids_id) or undone.get(event.voids_id))
            else:
                self._look(event, deals[event.pk], posted.get(event.pk, {}), is_voided=event.pk in voided)
        self._keep(batch, most)

    def _day(self, on: date) -> WhatIf:
        if on not in self.days:
            self.days[on] = WhatIf(self.draft, on, self._volume)
        return self.days[on]

    def _volume(self, key: VolumeKey) -> int:
        return sum(
            self.volumes[f"{key.rule_id}:{key.organization_id}:{key.counted}:{month.isoformat()}"]
            for month in key.months
        )

    def _undo(self, row: BackTestEvent | None) -> None:
        if row is not None and row.volume_key:
            self.volumes[row.volume_key] -= row.volume_added

    def _look(self, event: LedgerEvent, priced: Priced, posted: dict[str, int], *, is_voided: bool) -> None:
        """Compare one event; what neither the draft nor an earlier version of its rule answers stays as it is."""
        version, what_if = event.rule_version, self._day(event.effective_on)
        was_ours = version is not None and version.rule_id == self.draft.rule_id
        try:
            rule = what_if.match(priced.deal)
        except Refusal as refusal:
            rule, was_ours = None, was_ours or self.draft.rule.code in refusal.facts.values()
        is_ours = rule is not None and rule.code == self.draft.rule.code
        if not (is_ours or was_ours or (rule is not None and rule.outcome.volume)):
            return
        given = give(what_if, event, priced)
        noted: dict[str, Any] = {}
        if given.answer and given.answer.volume:
            noted |= self._count(event, given.answer)
        if (is_ours or was_ours) and not is_voided and event.effective_on >= self.test.first_on:
            self.test.answered += is_ours
            noted |= self._compare(given, posted)
        if noted:
            self.found[event.pk] = BackTestEvent(backtest=self.test, event_id=event.pk, **noted)

    def _count(self, event: LedgerEvent, answer: Answer) -> dict[str, Any]:
        assert answer.volume is not None
        assert answer.distribution is not None
        counted = answer.volume
        key = f"{counted['rule']}:{event.organization_id}:{counted['counted']}:{counted['month']}"
        self.volumes[key] += counted["size"]
        return {
            "volume_before": int(answer.distribution.explanation.inputs["volume_before"]),
            "volume_key": key,
            "volume_added": counted["size"],
        }

    def _compare(self, given: Given, posted: dict[str, int]) -> dict[str, Any]:
        """What is noted of an event that differs, or would be refused."""
        if given.refusal:
            self.test.refused += 1
            return {"refusal": given.refusal[:500]}
        drafted = sums_of(given.lines)
        differs = set()
        for key in posted.keys() | drafted.keys():
            before, after = posted.get(key, 0), drafted.get(key, 0)
            pair = self.sums.setdefault(key, [0, 0])
            pair[0] += before
            pair[1] += after
            if before != after:
                differs.add(int(key.partition(":")[0]))
        if not differs:
            return {}
        self.test.differing += 1
        changes, places = changes_of(posted, drafted), sorted(differs)
        return {"places": places, "changes": [changes[place] for place in places]}

    def _keep(self, batch: list[LedgerEvent], most: int) -> None:
        test = self.test
        BackTestEvent.objects.bulk_create(self.found.values(), batch_size=1_000)
        test.done += len(batch)
        test.volumes, test.sums = dict(self.volumes), self.sums
        if batch:
            test.after_event_id = batch[-1].pk
        if len(batch) < most:
            test.status, test.finished_at, test.done = BackTest.Status.DONE, now(), test.total
        test.save()
