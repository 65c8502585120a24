"""The ledger's invariants recomputed from its rows, independently of the functions and triggers that promise them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from ledger.rules.accounts import CHART

#: So many examples of what is wrong are shown for each invariant.
SHOWN = 20


@dataclass(frozen=True)
class Check:
    """One invariant by its number, and a statement that returns one text for each row that breaks it."""

    number: int
    name: str
    sql: str


@dataclass(frozen=True)
class Finding:
    """What breaks an invariant: how many rows, and the first of them in words."""

    check: Check
    count: int
    examples: list[str]


#: Account code -> mirror class, from the chart of the rules rather than from the database's own column.
_CHART = ", ".join(f"('{row.account.value}', '{row.mirror.value}')" for row in CHART.values())

#: Per entry: the two sides that must cancel. What is due is told apart by who owes whom, the rest is one pair.
_MIRROR = f"""
    WITH chart (code, mirror) AS (VALUES {_CHART}),
    named AS (
        SELECT l.event_id, l.effective_on, l.currency, l.amount_minor, c.mirror,
               CASE WHEN c.mirror = 'due' AND a.code = 'due_from' THEN l.organization_id
                    WHEN c.mirror = 'due' THEN l.counterparty_id
                    ELSE least(l.organization_id, l.counterparty_id) END AS one,
               CASE WHEN c.mirror = 'due' AND a.code = 'due_from' THEN l.counterparty_id
                    WHEN c.mirror = 'due' THEN l.organization_id
                    ELSE greatest(l.organization_id, l.counterparty_id) END AS other
          FROM ledger_journalline l JOIN ledger_account a ON a.id = l.account_id JOIN chart c ON c.code = a.code
         WHERE c.mirror <> 'none' AND l.counterparty_id IS NOT NULL)
"""

_POSTED = """
    unnest(ARRAY['ledger_account', 'ledger_ledgerevent', 'ledger_journalline', 'ledger_entitlementmovement',
                 'ledger_entitlement', 'ledger_entitlementline', 'ledger_balance', 'ledger_standing', 'ledger_balancedelta',
                 'ledger_periodclose', 'ledger_periodclosing', 'ledger_entitlementchange', 'ledger_breakagepool',
                 'ledger_breakagemovement', 'ledger_taxline', 'ledger_unclaimeditem'])
"""

#: A month `c` was closed for good, and not opened again before event `e` was posted into it.
_STAYED_CLOSED = """
    c.what = 'closed' AND NOT EXISTS (
        SELECT FROM ledger_periodclosing opened
         WHERE opened.organization_id = c.organization_id AND opened.what = 'reopened'
           AND opened.closed_at BETWEEN c.closed_at AND e.posted_at AND opened.month <= e.effective_on)
"""

CHECKS = [
    Check(
        1,
        "every entry balances in each organization and currency",
        """
        SELECT format('event %s: organization %s is off by %s %s', event_id, organization_id, sum(amount_minor), currency)
          FROM ledger_journalline GROUP BY event_id, organization_id, currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Check(
        2,
        "an entry has two lines or more, numbered from one, and every event its movements",
        """
        SELECT format('event %s says %s lines and %s movements', e.id, e.line_count, e.movement_count)
          FROM ledger_ledgerevent e
          LEFT JOIN (SELECT event_id, count(*) AS n, max(line_no) AS last FROM ledger_journalline GROUP BY 1) l
            ON l.event_id = e.id
          LEFT JOIN (SELECT event_id, count(*) AS n, max(movement_no) AS last FROM ledger_entitlementmovement
                      GROUP BY 1) m ON m.event_id = e.id
         WHERE e.line_count = 1 OR e.line_count <> coalesce(l.n, 0) OR e.line_count <> coalesce(l.last, 0)
            OR e.movement_count <> coalesce(m.n, 0) OR e.movement_count <> coalesce(m.last, 0)
        """,
    ),
    Check(
        3,
        "no line is zero",
        "SELECT format('event %s line %s', event_id, line_no) FROM ledger_journalline WHERE amount_minor = 0",
    ),
    Check(
        4,
        "a line is in its account's currency and books, and on its event's day",
        """
        SELECT format('event %s line %s', l.event_id, l.line_no)
          FROM ledger_journalline l
          LEFT JOIN ledger_account a ON a.id = l.account_id
          LEFT JOIN ledger_ledgerevent e ON e.id = l.event_id
         WHERE a.id IS NULL OR e.id IS NULL OR a.currency <> l.currency OR a.organization_id <> l.organization_id
            OR a.counterparty_id IS DISTINCT FROM l.counterparty_id OR e.effective_on <> l.effective_on
        """,
    ),
    Check(
        5,
        "what two organizations book against one another is mirrored in every entry",
        f"""
        {_MIRROR}
        SELECT format('event %s: %s of organizations %s and %s is off by %s %s', event_id, mirror, one, other,
                      sum(amount_minor), currency)
          FROM named GROUP BY event_id, mirror, one, other, currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Check(
        6,
        "nobody is their own counterparty",
        "SELECT format('account %s', id) FROM ledger_account WHERE counterparty_id = organization_id",
    ),
    Check(
        7,
        "what is posted is not changed, and only the posting functions write it",
        f"""
        SELECT format('%s: no trigger %s', name, asked) FROM {_POSTED} name,
               LATERAL (VALUES ('poster_only'), (CASE
                   WHEN name IN ('ledger_entitlement', 'ledger_entitlementline', 'ledger_balance', 'ledger_standing',
                                'ledger_periodclose', 'ledger_breakagepool', 'ledger_unclaimeditem')
                   THEN 'never_deleted' WHEN name = 'ledger_balancedelta' THEN 'never_changed'
                   ELSE 'append_only' END)) AS wanted (asked)
         WHERE NOT EXISTS (SELECT FROM pg_trigger t
                            WHERE t.tgrelid = name::regclass AND t.tgname = asked AND t.tgenabled = 'O')
        UNION ALL
        SELECT format('%s may %s %s', current_user, privilege, name)
          FROM {_POSTED} name, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) privilege
         WHERE has_table_privilege(name, privilege)
        """,
    ),
    Check(
        8,
        "every movement belongs to an event and an entitlement line",
        """
        SELECT format('event %s movement %s', m.event_id, m.movement_no)
          FROM ledger_entitlementmovement m
          LEFT JOIN ledger_ledgerevent e ON e.id = m.event_id
          LEFT JOIN ledger_entitlementline l ON l.id = m.entitlement_line_id
         WHERE e.id IS NULL OR l.id IS NULL
        """,
    ),
    Check(
        9,
        "a key is used once",
        "SELECT format('key %s', key) FROM ledger_ledgerevent GROUP BY key HAVING count(*) > 1",
    ),
    Check(
        10,
        "an event is voided once, by its exact opposite, and not before it",
        """
        WITH void AS (SELECT id, voids_id, effective_on FROM ledger_ledgerevent WHERE voids_id IS NOT NULL),
        lines AS (
            SELECT v.id, v.voids_id, l.line_no, l.account_id, -l.amount_minor AS amount_minor
              FROM void v JOIN ledger_journalline l ON l.event_id = v.id
            EXCEPT ALL
            SELECT v.id, v.voids_id, l.line_no, l.account_id, l.amount_minor
              FROM void v JOIN ledger_journalline l ON l.event_id = v.voids_id),
        movements AS (
            SELECT v.id, v.voids_id, m.movement_no, m.entitlement_line_id, -m.units AS units,
                   -m.amount_minor AS amount_minor
              FROM void v JOIN ledger_entitlementmovement m ON m.event_id = v.id
            EXCEPT ALL
            SELECT v.id, v.voids_id, m.movement_no, m.entitlement_line_id, m.units, m.amount_minor
              FROM void v JOIN ledger_entitlementmovement m ON m.event_id = v.voids_id)
        SELECT format('void %s differs from event %s', id, voids_id) FROM lines
        UNION SELECT format('void %s differs from event %s', id, voids_id) FROM movements
        UNION SELECT format('event %s is voided more than once', voids_id) FROM void GROUP BY voids_id
              HAVING count(*) > 1
        UNION SELECT format('void %s does not fit event %s', v.id, v.voids_id)
                FROM void v LEFT JOIN ledger_ledgerevent e ON e.id = v.voids_id
                LEFT JOIN ledger_ledgerevent self ON self.id = v.id
               WHERE e.id IS NULL OR e.voids_id IS NOT NULL OR v.effective_on < e.effective_on
                  OR e.line_count <> self.line_count OR e.movement_count <> self.movement_count
        """,
    ),
    Check(
        11,
        "nothing was posted into a period after it closed, unless it was opened again",
        f"""
        SELECT format('event %s in the books of organization %s', e.id, c.organization_id)
          FROM ledger_periodclosing c
          JOIN ledger_journalline l ON l.organization_id = c.organization_id
           AND l.effective_on < (c.month + interval '1 month')::date
          JOIN ledger_ledgerevent e ON e.id = l.event_id AND e.posted_at > c.closed_at
         WHERE {_STAYED_CLOSED}
        UNION
        SELECT format('event %s at organization %s', e.id, c.organization_id)
          FROM ledger_periodclosing c
          JOIN ledger_ledgerevent e ON e.organization_id = c.organization_id AND e.posted_at > c.closed_at
           AND e.effective_on < (c.month + interval '1 month')::date
         WHERE {_STAYED_CLOSED}
        """,
    ),
    Check(
        12,
        "stored balances and waiting deltas are the sums of the lines",
        """
        WITH stored AS (
            SELECT account_id, month, sum(debit_minor) AS debit, sum(credit_minor) AS credit
              FROM (SELECT account_id, month, debit_minor, credit_minor FROM ledger_balance
                    UNION ALL SELECT account_id, date_trunc('month', effective_on::timestamp)::date, debit_minor,
                                     credit_minor FROM ledger_balancedelta) both_parts
             GROUP BY 1, 2),
        summed AS (
            SELECT account_id, date_trunc('month', effective_on::timestamp)::date AS month,
                   sum(greatest(amount_minor, 0)) AS debit, sum(greatest(-amount_minor, 0)) AS credit
              FROM ledger_journalline GROUP BY 1, 2)
        SELECT format('account %s in %s: stored %s / %s, lines %s / %s', account_id, month, stored.debit, stored.credit,
                      summed.debit, summed.credit)
          FROM stored FULL JOIN summed USING (account_id, month)
         WHERE stored.debit IS DISTINCT FROM summed.debit OR stored.credit IS DISTINCT FROM summed.credit
        UNION ALL
        SELECT format('the balance of account %s names another one', b.account_id)
          FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
         WHERE (b.organization_id, b.code, b.currency) <> (a.organization_id, a.code, a.currency)
            OR b.counterparty_id IS DISTINCT FROM a.counterparty_id
        """,
    ),
    Check(
        12,
        "what stands on an account each day is the sum of its lines until then, but for waiting deltas",
        """
        WITH moved AS (
            SELECT account_id, effective_on, sum(debit) AS debit, sum(credit) AS credit
              FROM (SELECT account_id, effective_on, greatest(amount_minor, 0) AS debit,
                           greatest(-amount_minor, 0) AS credit FROM ledger_journalline
                    UNION ALL
                    SELECT account_id, effective_on, -debit_minor, -credit_minor FROM ledger_balancedelta) part
             GROUP BY 1, 2),
        running AS (
            SELECT account_id, effective_on, debit <> 0 OR credit <> 0 AS is_folded, sum(debit) OVER days AS debit,
                   sum(credit) OVER days AS credit
              FROM moved WINDOW days AS (PARTITION BY account_id ORDER BY effective_on))
        SELECT format('account %s on %s: %s / %s stand, lines come to %s / %s', account_id, effective_on,
                      s.debit_minor, s.credit_minor, running.debit, running.credit)
          FROM running FULL JOIN ledger_standing s USING (account_id, effective_on)
         WHERE (s.debit_minor, s.credit_minor) IS DISTINCT FROM (running.debit, running.credit)
           AND (s.debit_minor IS NOT NULL OR running.is_folded)
        """,
    ),
    Check(
        13,
        "an entitlement line has left and open what its movements leave, and never less than nothing",
        """
        SELECT format('entitlement line %s: %s units and %s open, movements leave %s and %s', l.id, l.left_units,
                      l.open_minor, m.units, m.amount_minor)
          FROM ledger_entitlementline l
          LEFT JOIN (SELECT entitlement_line_id, sum(units) AS units, sum(amount_minor) AS amount_minor
                       FROM ledger_entitlementmovement GROUP BY 1) m ON m.entitlement_line_id = l.id
         WHERE l.left_units IS DISTINCT FROM m.units OR l.open_minor IS DISTINCT FROM m.amount_minor
            OR l.left_units < 0 OR l.left_units > l.quantity OR l.open_minor < 0
        """,
    ),
    Check(
        14,
        "open entitlements less booked breakage are their holder's contract liability",
        """
        WITH open AS (
            SELECT organization_id, currency, sum(minor) AS minor
              FROM (SELECT e.holder_id AS organization_id, e.currency, l.open_minor AS minor
                      FROM ledger_entitlement e JOIN ledger_entitlementline l ON l.entitlement_id = e.id
                    UNION ALL
                    SELECT holder_id, currency, -booked_minor FROM ledger_breakagepool) part
             GROUP BY 1, 2),
        liability AS (
            SELECT a.organization_id, a.currency, -sum(l.amount_minor) AS minor
              FROM ledger_account a JOIN ledger_journalline l ON l.account_id = a.id
             WHERE a.code = 'contract_liability' GROUP BY 1, 2)
        SELECT format('organization %s: open %s, liability %s %s', organization_id, open.minor, liability.minor, currency)
          FROM open FULL JOIN liability USING (organization_id, currency)
         WHERE coalesce(open.minor, 0) <> coalesce(liability.minor, 0)
        """,
    ),
    Check(
        14,
        "a pool of breakage has open what its entitlements have, and booked what its movements say, never more",
        """
        SELECT format('pool %s: open %s, its entitlements %s, booked %s, its movements %s', p.id, p.open_minor,
                      coalesce(o.minor, 0), p.booked_minor, coalesce(m.minor, 0))
          FROM ledger_breakagepool p
          LEFT JOIN (SELECT e.holder_id, e.package_id, sum(l.open_minor) AS minor
                       FROM ledger_entitlement e JOIN ledger_entitlementline l ON l.entitlement_id = e.id
                      GROUP BY 1, 2) o ON o.holder_id = p.holder_id AND o.package_id = p.package_id
          LEFT JOIN (SELECT pool_id, sum(amount_minor) AS minor FROM ledger_breakagemovement GROUP BY 1) m
            ON m.pool_id = p.id
         WHERE p.open_minor <> coalesce(o.minor, 0) OR p.booked_minor <> coalesce(m.minor, 0)
            OR p.booked_minor < 0 OR p.booked_minor > p.open_minor
        UNION ALL
        SELECT format('breakage of event %s', b.event_id) FROM ledger_breakagemovement b
          LEFT JOIN ledger_ledgerevent e ON e.id = b.event_id LEFT JOIN ledger_breakagepool p ON p.id = b.pool_id
         WHERE e.id IS NULL OR p.id IS NULL
        """,
    ),
    Check(
        14,
        "an entitlement is whose its last change says, as long, and frozen when it says",
        """
        SELECT format('entitlement %s differs from event %s', e.id, last.event_id)
          FROM ledger_entitlement e
          JOIN (SELECT DISTINCT ON (entitlement_id) * FROM ledger_entitlementchange
                 ORDER BY entitlement_id, event_id DESC) last ON last.entitlement_id = e.id
         WHERE e.patient_id <> last.patient_id OR e.expires_on IS DISTINCT FROM last.expires_on
            OR e.frozen_on IS DISTINCT FROM last.frozen_on OR e.frozen_until IS DISTINCT FROM last.frozen_until
        UNION ALL
        SELECT format('event %s of the kind %s changed no entitlement', e.id, e.kind)
          FROM ledger_ledgerevent e LEFT JOIN ledger_entitlementchange c ON c.event_id = e.id
         WHERE (e.kind IN ('transfer', 'extension', 'freeze')) <> (c.event_id IS NOT NULL)
        """,
    ),
    Check(
        14,
        "nothing of an entitlement moves before the day of its sale",
        """
        SELECT DISTINCT format('event %s of %s, entitlement %s from %s', v.id, v.effective_on, e.id, e.starts_on)
          FROM ledger_entitlement e JOIN ledger_entitlementline l ON l.entitlement_id = e.id
          JOIN ledger_entitlementmovement m ON m.entitlement_line_id = l.id
          JOIN ledger_ledgerevent v ON v.id = m.event_id
         WHERE v.effective_on < e.starts_on
        """,
    ),
    Check(
        16,
        "where no unit is left, nothing is open",
        "SELECT format('entitlement line %s', id) FROM ledger_entitlementline WHERE left_units = 0 AND open_minor <> 0",
    ),
    Check(
        19,
        "due-from is due-to on every effective date",
        f"""
        {_MIRROR}
        SELECT format('%s: %s is owed by %s, off by %s %s', effective_on, one, other, sum(amount_minor), currency)
          FROM named WHERE mirror = 'due' GROUP BY effective_on, one, other, currency HAVING sum(amount_minor) <> 0
        """,
    ),
    Check(
        20,
        "refunded, recognized and remaining make up the price",
        """
        WITH line AS (
            SELECT l.entitlement_id, l.id, l.total_minor, l.open_minor,
                   sum(m.amount_minor) FILTER (WHERE e.kind IN ('sale', 'upgrade') AND m.units > 0) AS sold,
                   coalesce(-sum(m.amount_minor) FILTER (WHERE NOT (e.kind IN ('sale', 'upgrade') AND m.units > 0)), 0)
                       AS taken
              FROM ledger_entitlementline l
              JOIN ledger_entitlementmovement m ON m.entitlement_line_id = l.id
              JOIN ledger_ledgerevent e ON e.id = m.event_id
             GROUP BY l.entitlement_id, l.id)
        SELECT format('entitlement %s: price %s, its lines sold for %s, taken %s, open %s', e.id, e.price_minor,
                      sum(line.sold), sum(line.taken), sum(line.open_minor))
          FROM ledger_entitlement e LEFT JOIN line ON line.entitlement_id = e.id
         GROUP BY e.id, e.price_minor
        HAVING sum(line.total_minor) IS DISTINCT FROM e.price_minor OR sum(line.sold) IS DISTINCT FROM e.price_minor
            OR sum(line.taken + line.open_minor) IS DISTINCT FROM e.price_minor
        UNION ALL
        SELECT format('sale %s is not what its entitlement says', s.id)
          FROM ledger_sale s JOIN ledger_entitlement e ON e.id = s.entitlement_id
          LEFT JOIN (SELECT event_id, sum(tax_minor) AS minor FROM ledger_taxline WHERE event_id = sale_event_id
                      GROUP BY 1) tax ON tax.event_id = s.event_id
         WHERE (s.total_minor, s.holder_id, s.package_id, s.event_id)
            <> (e.price_minor + coalesce(tax.minor, 0), e.holder_id, e.package_id, e.sale_event_id)
            OR s.tax_point = 'redemption' AND tax.event_id IS NOT NULL
        """,
    ),
    Check(
        21,
        "the volume of a rule is the sum of what its events count",
        """
        WITH counted AS (
            SELECT (inputs #>> '{volume,rule}')::bigint AS rule_id, organization_id,
                   inputs #>> '{volume,counted}' AS counted, (inputs #>> '{volume,month}')::date AS month,
                   sum((inputs #>> '{volume,size}')::bigint) AS volume
              FROM ledger_ledgerevent WHERE inputs ? 'volume' GROUP BY 1, 2, 3, 4)
        SELECT format('rule %s at organization %s, %s in %s: %s kept, %s counted', rule_id, organization_id, counted,
                      month, kept.volume, counted.volume)
          FROM ledger_rulevolume kept FULL JOIN counted USING (rule_id, organization_id, counted, month)
         WHERE kept.volume IS DISTINCT FROM counted.volume
        """,
    ),
]


def add_check(check: Check) -> None:
    """Let an app above prove what it promises about the books; it calls this when it is ready."""
    CHECKS.append(check)


def verify_ledger() -> Iterator[Finding]:
    """What breaks an invariant in the bound network; nothing when all hold."""
    for check in CHECKS:
        count, examples = _look(check)
        if count:
            yield Finding(check, count, examples)


def size_of_ledger() -> tuple[int, int]:
    """How many events and lines the bound network has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger_ledgerevent), (SELECT count(*) FROM ledger_journalline)"
        )
        events, lines = cursor.fetchone()
        return events, lines


def _look(check: Check) -> tuple[int, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH wrong (what) AS ({check.sql}) SELECT what, count(*) OVER () FROM wrong LIMIT {SHOWN}"
        )
        rows = cursor.fetchall()
    return (rows[0][1], [what for what, _ in rows]) if rows else (0, [])
