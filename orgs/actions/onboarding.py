"""The only place that changes a Parent Account's checklist and its data ownership record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from core.actions import Act, action
from core.clock import now
from core.errors import Refused, Stale
from orgs.actions.enterprise import Flow, check_flow
from orgs.models import DataOwnership, OnboardingStep
from orgs.permissions import ONBOARDING_EDIT


@dataclass(frozen=True)
class StepDetails:
    """Who does a step until when, and how success is measured."""

    owner: str
    due_on: date | None
    metric: str
    target: str
    result: str
    done: bool


@action(ONBOARDING_EDIT, audit="onboarding.step_changed")
def change_step(act: Act, step: OnboardingStep, *, details: StepDetails, version: int) -> OnboardingStep:
    """Change a step of the checklist, or tick it off.

    Who may: `onboarding:edit` at the parent organization. Refusals: a stale version, done without a result where a target was set. Audit: old and new values.
    """
    current = OnboardingStep.objects.select_for_update().get(pk=step.pk)
    if current.version != version:
        raise Stale("onboarding step")
    if details.done and details.target.strip() and not details.result.strip():
        raise Refused("invalid", f"Say what was reached of “{details.target}”.", field="result")
    new = asdict(details)
    done = new.pop("done")
    old = {name: getattr(current, name) for name in new} | {"done": current.done_at is not None}
    for name, value in new.items():
        setattr(current, name, value)
    if done != old["done"]:
        current.done_at, current.done_by = (now(), act.actor.label[:200]) if done else (None, "")
    current.version += 1
    current.save()
    act.changed(old, new | {"done": done})
    return current


@action(ONBOARDING_EDIT, audit="onboarding.data_ownership_recorded")
def record_data_ownership(
    act: Act, record: DataOwnership | None, *, flow: Flow, version: int | None
) -> DataOwnership:
    """Record what was agreed about data, or change the record.

    Who may: `onboarding:edit` at the parent organization. Refusals: incomplete, a stale version. Audited.
    """
    check_flow(flow)
    current = DataOwnership.objects.select_for_update().first()
    if (record is None) != (current is None) or (current is not None and current.version != version):
        raise Stale("data ownership record")
    old = {name: getattr(current, name) for name in vars(flow)} if current else {}
    current = current or DataOwnership(version=0)
    for name, value in vars(flow).items():
        setattr(current, name, value)
    current.agreed_by, current.agreed_at = act.actor.label[:200], now()
    current.version += 1
    current.save()
    act.about(current)
    act.changed(old, vars(flow))
    return current
