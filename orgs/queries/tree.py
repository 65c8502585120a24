"""The tree: the only place, with the Organization model, that knows it is MPTT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import connection
from django.db.models import Count, Exists, F, Func, IntegerField, Max, OuterRef, QuerySet, Subquery

from core.actors import Actor
from core.clock import today_in
from core.tenancy import bound_network_id, forget
from orgs.models import Organization, Placement
from orgs.permissions import ORGANIZATION_VIEW
from orgs.queries.access import holds, organizations_for
from orgs.queries.past_tree import as_of as as_of

TREE_LOCK = 2
LAST = 2_000_000_000  # lft and rght are 32-bit; the root spans them all
INSERTED_AT_ONCE = 2000
SPARSE = 64  # a branch is worth spreading out when this much lies between two bounds


def lock_tree() -> None:
    """Take the bound network's tree lock until the end of the transaction; every tree write does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [TREE_LOCK, bound_network_id()])


def root() -> Organization:
    """The parent organization of the bound network."""
    return Organization.objects.get(tree_id=bound_network_id(), parent=None)


def path_to(organization: Organization) -> list[Organization]:
    """From the root down to the organization itself."""
    return list(
        Organization.objects.filter(
            tree_id=organization.tree_id, lft__lte=organization.lft, rght__gte=organization.rght
        ).order_by("lft")
    )


def paths_to(organization_ids: Iterable[int]) -> dict[int, list[Organization]]:
    """From the root down to each of some organizations, in one query."""
    paths: dict[int, list[Organization]] = {}
    for node in Organization.objects.raw(
        """
        WITH RECURSIVE up(target_id, id, parent_id) AS (
            SELECT id, id, parent_id FROM orgs_organization WHERE id = ANY(%s)
            UNION ALL
            SELECT up.target_id, o.id, o.parent_id FROM up JOIN orgs_organization o ON o.id = up.parent_id
        )
        SELECT o.*, up.target_id FROM up JOIN orgs_organization o ON o.id = up.id ORDER BY o.level
        """,
        [sorted(set(organization_ids))],
    ):
        paths.setdefault(node.target_id, []).append(node)
    return paths


def subtree(organization: Organization) -> QuerySet[Organization]:
    """The organization and everything below it, in tree order."""
    return Organization.objects.filter(
        tree_id=organization.tree_id, lft__range=(organization.lft, organization.rght)
    ).order_by("lft")


def subtree_now(organization_id: int) -> QuerySet[Organization]:
    """The same by id, where it stands when it is read: no number that was read before is used."""
    top = Organization.objects.filter(pk=organization_id)
    return Organization.objects.filter(
        tree_id=bound_network_id(),
        lft__gte=Subquery(top.values("lft")),
        lft__lte=Subquery(top.values("rght")),
    ).order_by("lft")


def below(organization: Organization) -> QuerySet[Organization]:
    """Everything below the organization."""
    return subtree(organization).exclude(pk=organization.pk)


def is_below(organization: Organization, above: Organization) -> bool:
    return bool(above.lft < organization.lft < above.rght)


def children(organization: Organization) -> QuerySet[Organization]:
    return Organization.objects.filter(parent=organization).order_by("name", "pk")


def visible_roots(actor: Actor) -> list[Organization]:
    """The topmost organizations that an actor may see: where the roles are held, without those below another."""
    held = {hold.organization_id for hold in holds(actor, ORGANIZATION_VIEW)}
    roots: list[Organization] = []
    rows = organizations_for(actor, ORGANIZATION_VIEW).filter(pk__in=held)
    for node in with_below(actor, rows).order_by("lft"):
        if not roots or node.lft > roots[-1].rght:
            roots.append(node)
    return roots


def visible_children(actor: Actor, organization: Organization) -> QuerySet[Organization]:
    """The children that an actor may see, archived ones left out, by name."""
    rows = organizations_for(actor, ORGANIZATION_VIEW).filter(parent=organization).exclude(status="archived")
    return with_below(actor, rows).order_by("name", "pk")


def with_below(actor: Actor, rows: QuerySet[Organization]) -> QuerySet[Organization]:
    """Annotate how many organizations that an actor may see lie below each, and whether the tree unfolds it.

    lft and rght have gaps, so they don't say it.
    """
    visible = organizations_for(actor, ORGANIZATION_VIEW)
    within = visible.filter(tree_id=OuterRef("tree_id"), lft__gt=OuterRef("lft"), lft__lt=OuterRef("rght"))
    # lft, which the index of the tree holds: no row has to be looked at to be counted.
    counted = within.order_by().annotate(number=Func("lft", function="count")).values("number")
    return rows.annotate(
        below_count=Subquery(counted, output_field=IntegerField()),
        has_children=Exists(visible.filter(parent=OuterRef("pk")).exclude(status="archived")),
    )


def first_inside_another(
    organizations: Iterable[Organization],
) -> tuple[Organization, Organization] | None:
    """The first of some organizations that lies inside another of them, with that other."""
    above: Organization | None = None
    for one in sorted(organizations, key=lambda each: each.lft):
        if above is not None and one.rght <= above.rght:
            return one, above
        above = one
    return None


def topmost(rows: QuerySet[Organization]) -> Organization | None:
    """The first of some organizations in tree order."""
    return rows.filter(tree_id=bound_network_id()).order_by("lft").first()


def counts_by_kind(rows: QuerySet[Organization]) -> dict[str, int]:
    """How many active organizations of each kind are among some."""
    counts = rows.filter(status="active").order_by().values_list("kind").annotate(Count("pk"))
    return dict(counts)


def kinds_below(organization: Organization) -> list[list[str]]:
    """For everything below: the kinds from just below the organization down to it."""
    trail: list[tuple[int, str]] = []
    paths: list[list[str]] = []
    for rght, lft, kind in below(organization).values_list("rght", "lft", "kind"):
        while trail and trail[-1][0] < lft:
            trail.pop()
        trail.append((rght, kind))
        paths.append([one for _, one in trail])
    return paths


def insert_leaf(organization: Organization) -> None:
    """Write a new node as the last child of its parent, into the gap that is kept there: no other row changes."""
    lock_tree()
    organization.tree_id = bound_network_id()
    if organization.parent_id is None:
        organization.lft, organization.rght, organization.level = 1, LAST, 0
    else:
        after, before, level = _gap_under(organization.parent_id, room=4)
        width = max(2, (before - after) // 8)
        organization.lft, organization.rght, organization.level = after + 1, after + width, level
    organization.fill_search_key()
    Organization.objects.bulk_create([organization])  # not save(): MPTT would shift every row to the right


def insert_many(
    organizations: Sequence[Organization],
    parents: Mapping[str, str],
    ids: Mapping[str, int],
    *,
    told: Callable[[int, int], None] = lambda done, everything: None,
) -> None:
    """Insert new nodes, from the top down, as last children; everything is numbered anew, once.

    `parents`: code of the node above by code. `ids`: ids by code of those that are there. `told` hears how many of
    how many are in.
    """
    lock_tree()
    codes = {pk: code for code, pk in ids.items()}
    there = list(Organization.objects.order_by("lft").values_list("pk", "parent_id"))
    pairs: list[tuple[int, int | None]] = list(there)
    numbered = {code: -number for number, code in enumerate((one.code for one in organizations), start=1)}
    pairs += [
        (numbered[one.code], numbered.get(parents[one.code]) or ids[parents[one.code]])
        for one in organizations
    ]
    numbers = spread(number_tree(pairs))
    _write_numbers({pk: numbers[pk] for pk, _ in there})
    made = {codes[pk]: pk for pk, _ in there if pk in codes}
    by_level: dict[int, list[Organization]] = {}
    for one in organizations:
        one.tree_id = bound_network_id()
        one.lft, one.rght, one.level = numbers[numbered[one.code]]
        one.fill_search_key()
        by_level.setdefault(one.level, []).append(one)
    for level in sorted(by_level):
        for one in by_level[level]:
            one.parent_id = made[parents[one.code]]
        for start in range(0, len(by_level[level]), INSERTED_AT_ONCE):
            inserted = Organization.objects.bulk_create(by_level[level][start : start + INSERTED_AT_ONCE])
            made |= {one.code: one.pk for one in inserted}
            told(len(made) - len(there), len(organizations))
    forget()


def _write_numbers(numbers: Mapping[int, tuple[int, int, int]]) -> None:
    """Number many nodes in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orgs_organization o SET lft = v.lft, rght = v.rght, level = v.level"
            " FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) v(id, lft, rght, level) WHERE o.id = v.id",
            [list(numbers), *map(list, zip(*numbers.values(), strict=True))],
        )


def move(organization: Organization, to: Organization, *, reason: str = "", by: str = "") -> None:
    """Move a node with everything below it into the gap at the end of another: only the moved rows change.

    From the organization's today on; a trigger keeps where it stood until then.
    """
    lock_tree()
    size = subtree(organization).count()
    after, before, level = _gap_under(to.pk, room=4 * size + 4)
    organization.refresh_from_db(fields=["lft", "rght", "level"])
    step = max(1, (before - after) // (4 * size))
    _number_anew(organization.lft, organization.rght, after, step, level - organization.level)
    with _moved_on(today_in(organization.time_zone)):
        Organization.objects.filter(pk=organization.pk).update(parent=to)
    Placement.objects.filter(organization=organization, ends_on=None).update(reason=reason, placed_by=by)
    organization.refresh_from_db()
    forget()


@contextmanager
def _moved_on(day: date) -> Iterator[None]:
    """Say on which day what is moved here moves: the clock of a record of the past is not the database's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.moved_on', %s, true)", [day.isoformat()])
        yield
        cursor.execute("SELECT set_config('app.moved_on', '', true)")


def _gap_under(parent_id: int, room: int) -> tuple[int, int, int]:
    """The free numbers at the end of a node: (last used, first used again, level of a child there).

    Where fewer than `room` are free, the nearest ancestor with numbers to spare is spread out evenly first.
    """
    for _ in range(2):
        parent = Organization.objects.get(pk=parent_id)
        last = (
            Organization.objects.filter(parent_id=parent_id).aggregate(Max("rght"))["rght__max"] or parent.lft
        )
        if parent.rght - last - 1 >= room:
            return last, parent.rght, parent.level + 1
        _spread_out(parent, room)
    raise RuntimeError("The tree has no numbers left: run rebuild_tree.")


def _spread_out(parent: Organization, room: int) -> None:
    """Number the smallest sparse enough branch around a node anew, with `room` at the end of that node."""
    for branch in reversed(path_to(parent)):
        bounds = 2 * subtree(branch).count()
        step = (branch.rght - branch.lft) // (bounds + 1)
        if step >= SPARSE and step > room:
            break
    else:
        branch, step = root(), LAST // (2 * Organization.objects.count() + room + 2)
        # No step is wide enough for the room asked for: spread evenly, then open the room behind the node's end.
        _number_anew(branch.lft + 1, branch.rght - 1, branch.lft, step, 0)
        parent.refresh_from_db(fields=["rght"])
        behind = Organization.objects.filter(tree_id=parent.tree_id).exclude(parent=None)
        shift = room * 2
        behind.filter(rght__gte=parent.rght).update(rght=F("rght") + shift)
        behind.filter(lft__gt=parent.rght).update(lft=F("lft") + shift)
        return
    _number_anew(branch.lft + 1, branch.rght - 1, branch.lft, step, 0)


def _number_anew(first: int, last: int, after: int, step: int, deeper: int) -> None:
    """Give the bounds of all nodes within [first, last] the numbers after + step, after + 2 step, ... in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH bounds AS (
                SELECT id, lft AS at, true AS opens FROM orgs_organization
                 WHERE tree_id = %(tree)s AND lft >= %(first)s AND rght <= %(last)s
                UNION ALL
                SELECT id, rght, false FROM orgs_organization
                 WHERE tree_id = %(tree)s AND lft >= %(first)s AND rght <= %(last)s),
            ranks AS (SELECT id, opens, row_number() OVER (ORDER BY at) AS rank FROM bounds),
            places AS (SELECT id, min(rank) AS opening, max(rank) AS closing FROM ranks GROUP BY id)
            UPDATE orgs_organization o
               SET lft = %(after)s + p.opening * %(step)s, rght = %(after)s + p.closing * %(step)s,
                   level = o.level + %(deeper)s
              FROM places p WHERE o.id = p.id
            """,
            {
                "tree": bound_network_id(),
                "first": first,
                "last": last,
                "after": after,
                "step": step,
                "deeper": deeper,
            },
        )


def verify_tree() -> list[str]:
    """What is wrong with the bound network's tree: an empty list when parent and lft/rght agree."""
    wrong: list[str] = []
    trail: list[tuple[int, int, int]] = []
    last = 0
    for pk, parent_id, lft, rght, level in Organization.objects.order_by("lft").values_list(
        "pk", "parent_id", "lft", "rght", "level"
    ):
        while trail and trail[-1][1] < lft:
            trail.pop()
        if lft >= rght:
            wrong.append(f"organization {pk}: lft {lft} is not before rght {rght}")
        if lft <= last:
            wrong.append(f"organization {pk}: lft {lft} is used twice")
        expected = trail[-1][0] if trail else None
        if expected != parent_id:
            wrong.append(f"organization {pk}: its place is under {expected}, its parent is {parent_id}")
        if trail and rght >= trail[-1][1]:
            wrong.append(f"organization {pk}: rght {rght} reaches beyond its parent's {trail[-1][1]}")
        if level != len(trail):
            wrong.append(f"organization {pk}: level {level} should be {len(trail)}")
        last = lft
        trail.append((pk, rght, lft))
    return wrong


def number_tree(parents: Iterable[tuple[int, int | None]]) -> dict[int, tuple[int, int, int]]:
    """lft, rght and level of every node, from (id, parent id) pairs in sibling order."""
    children_of: dict[int | None, list[int]] = {}
    for node, parent in parents:
        children_of.setdefault(parent, []).append(node)
    numbers: dict[int, tuple[int, int, int]] = {}
    counter = 0
    stack: list[tuple[int, int, bool]] = [(node, 0, False) for node in reversed(children_of.get(None, []))]
    opened: dict[int, int] = {}
    while stack:
        node, level, leaving = stack.pop()
        counter += 1
        if leaving:
            numbers[node] = (opened[node], counter, level)
            continue
        opened[node] = counter
        stack.append((node, level, True))
        stack.extend((child, level + 1, False) for child in reversed(children_of.get(node, [])))
    return numbers


def spread(numbers: dict[int, tuple[int, int, int]]) -> dict[int, tuple[int, int, int]]:
    """Dense numbers spread evenly over all there are, so that every node ends in a gap; the root spans them all."""
    step = LAST // (2 * len(numbers) + 1)
    return {
        node: (1, LAST, 0) if level == 0 else (lft * step, rght * step, level)
        for node, (lft, rght, level) in numbers.items()
    }


def rebuild_tree() -> int:
    """Number the bound network's tree anew from `parent`; returns how many nodes it wrote."""
    lock_tree()
    rows = list(Organization.objects.order_by("lft", "pk"))
    numbers = spread(number_tree((row.pk, row.parent_id) for row in rows))
    changed = [row for row in rows if numbers[row.pk] != (row.lft, row.rght, row.level)]
    for row in changed:
        row.lft, row.rght, row.level = numbers[row.pk]
    Organization.objects.bulk_update(changed, ["lft", "rght", "level"], batch_size=1000)
    return len(changed)
