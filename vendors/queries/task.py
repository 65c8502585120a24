"""What the portal reads: a vendor's own tasks. Runs as the portal role, which sees nothing else anyway."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from core.actors import ContactActor
from vendors.models import Result, ServiceRequest, TaskPatient
from vendors.models.request import TASK_COLUMNS
from vendors.rules.transitions import ACCEPTED, DISCLOSED, DRAFT, IN_PROGRESS, NEW, ON_HOLD


@dataclass(frozen=True)
class Vendor:
    """A vendor known by its key alone."""

    pk: int


@dataclass(frozen=True)
class Task:
    """The vendor's side of a request: what a contact may see and answer, checked at the vendor."""

    request: ServiceRequest

    @property
    def access_organization_id(self) -> int:
        return self.request.vendor_id

    @property
    def vendor(self) -> Vendor:
        """Where the settings of the vendor's side are read; the portal role reads no more of it."""
        return Vendor(self.request.vendor_id)


@dataclass(frozen=True)
class Group:
    """One tab of the worklist."""

    code: str
    label: str
    statuses: tuple[str, ...]
    count: int = 0


GROUPS = (
    Group("new", "New", NEW),
    Group("accepted", "Accepted", (ACCEPTED,)),
    Group("working", "In progress", (IN_PROGRESS, ON_HOLD)),
    Group("done", "Done", ("completed", "rejected", "cancelled", "failed")),
)


def tasks_of(actor: ContactActor) -> QuerySet[ServiceRequest]:
    """The vendor's requests, with only the columns that the portal may read."""
    return ServiceRequest.objects.filter(vendor_id=actor.vendor_id).exclude(status=DRAFT).only(*TASK_COLUMNS)


def worklist(actor: ContactActor, group: Group) -> QuerySet[ServiceRequest]:
    """The tasks of a tab: open ones by target, done ones newest first."""
    rows = tasks_of(actor).filter(status__in=group.statuses)
    return rows.order_by("-id") if group.code == "done" else rows.order_by("due_at", "id")


def groups_of(actor: ContactActor) -> list[Group]:
    """The tabs with their counts, in one query."""
    counts = {group.code: Count("pk", filter=Q(status__in=group.statuses)) for group in GROUPS}
    found = ServiceRequest.objects.filter(vendor_id=actor.vendor_id).aggregate(**counts)
    return [Group(group.code, group.label, group.statuses, found[group.code]) for group in GROUPS]


def find_task(actor: ContactActor, pk: int) -> Task:
    """One task of the vendor, or Http404."""
    try:
        return Task(tasks_of(actor).get(pk=pk))
    except (ServiceRequest.DoesNotExist, OverflowError):
        raise Http404 from None


def patient_of(task: Task) -> TaskPatient | None:
    """What the vendor sees of the patient; None while it is masked. Whoever shows it has the read logged."""
    if task.request.status not in DISCLOSED:
        return None
    return TaskPatient.objects.filter(request_id=task.request.pk).first()


def results_of(task: Task) -> list[Result]:
    """The vendor's results of a task, newest first."""
    return list(Result.objects.filter(request_id=task.request.pk).order_by("-version"))
