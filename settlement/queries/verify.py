"""What settlement promises about the books, recomputed from the rows."""

from __future__ import annotations

from ledger.queries.verify import Check

NETTED_ONCE = Check(
    17,
    "netting sums to zero, and what a settlement nets it nets once",
    """
    WITH item AS (
        SELECT i.run_id, i.event_id, i.line_no, l.account_id, l.amount_minor, a.code, e.kind,
               CASE a.code WHEN 'due_from' THEN a.organization_id ELSE a.counterparty_id END AS creditor_id,
               CASE a.code WHEN 'due_from' THEN a.counterparty_id ELSE a.organization_id END AS debtor_id
          FROM settlement_settlementitem i
          LEFT JOIN ledger_journalline l ON l.event_id = i.event_id AND l.line_no = i.line_no
          LEFT JOIN ledger_account a ON a.id = l.account_id
          LEFT JOIN ledger_ledgerevent e ON e.id = i.event_id),
    booked AS (SELECT id, event_id FROM settlement_settlementrun WHERE event_id IS NOT NULL),
    received AS (
        SELECT run_id, organization_id, sum(minor) AS minor
          FROM (SELECT run_id, receiver_id AS organization_id, amount_minor AS minor FROM settlement_settlementpayment
                UNION ALL SELECT run_id, payer_id, -amount_minor FROM settlement_settlementpayment) moved
         GROUP BY 1, 2)
    SELECT format('event %s line %s in run %s is no claim', event_id, line_no, run_id)
      FROM item WHERE code IS NULL OR code NOT IN ('due_from', 'due_to') OR kind = 'settlement'
    UNION ALL
    SELECT format('event %s is netted in run %s without its other side', event_id, run_id)
      FROM item GROUP BY event_id, run_id, creditor_id, debtor_id HAVING sum(amount_minor) <> 0
    UNION ALL
    SELECT format('event %s line %s is netted %s times', event_id, line_no, count(*))
      FROM item GROUP BY event_id, line_no HAVING count(*) > 1
    UNION ALL
    SELECT format('run %s: account %s is off by %s', id, account_id, sum(amount_minor))
      FROM (SELECT booked.id, item.account_id, item.amount_minor FROM booked JOIN item ON item.run_id = booked.id
            UNION ALL
            SELECT booked.id, l.account_id, l.amount_minor
              FROM booked JOIN ledger_journalline l ON l.event_id = booked.event_id
              JOIN ledger_account a ON a.id = l.account_id AND a.code IN ('due_from', 'due_to')) both_sides
     GROUP BY id, account_id HAVING sum(amount_minor) <> 0
    UNION ALL
    SELECT format('run %s: organization %s nets %s, its payments are %s', r.run_id, r.organization_id,
                  r.owed_minor - r.owes_minor, coalesce(p.minor, 0))
      FROM settlement_remittance r
      LEFT JOIN received p ON p.run_id = r.run_id AND p.organization_id = r.organization_id
     WHERE r.owed_minor - r.owes_minor <> coalesce(p.minor, 0)
    UNION ALL
    SELECT format('run %s does not sum to zero', run_id)
      FROM settlement_remittance GROUP BY run_id HAVING sum(owed_minor) <> sum(owes_minor)
    UNION ALL
    SELECT format('payment %s says that %s was confirmed, its confirmations %s', p.id, p.confirmed_minor, c.minor)
      FROM settlement_settlementpayment p
      LEFT JOIN LATERAL (
               SELECT coalesce(sum(amount_minor), 0) AS minor FROM settlement_paymentconfirmation c
                WHERE c.payment_id = p.id AND c.bounced_on IS NULL) c ON true
     WHERE p.confirmed_minor <> c.minor
    """,
)

ITEM_TOTALS = Check(
    17,
    "totals of items are what the items come to",
    """
    WITH item AS (
        SELECT l.account_id, l.event_id, l.effective_on, t.run_id, sum(l.amount_minor) AS minor
          FROM ledger_journalline l
          JOIN ledger_account a ON a.id = l.account_id AND a.code = 'due_from'
          LEFT JOIN settlement_settlementitem t ON t.event_id = l.event_id AND t.line_no = l.line_no
         WHERE t.run_id IS NOT NULL
            OR EXISTS (SELECT FROM settlement_acknowledgement k
                        WHERE k.account_id = l.account_id AND k.event_id = l.event_id AND k.completes)
         GROUP BY 1, 2, 3, 4),
    found AS (SELECT account_id, run_id, effective_on AS day, count(*) AS items, sum(minor) AS minor
                FROM item GROUP BY 1, 2, 3),
    kept AS (SELECT account_id, run_id, "on" AS day, items, minor FROM settlement_itemtotal WHERE items <> 0 OR minor <> 0)
    SELECT format('account %s on %s, run %s: %s items of %s are kept, there are %s of %s',
                  coalesce(kept.account_id, found.account_id), coalesce(kept.day, found.day),
                  coalesce(kept.run_id, found.run_id), kept.items, kept.minor, found.items, found.minor)
      FROM kept FULL JOIN found
        ON found.account_id = kept.account_id AND found.day = kept.day
       AND coalesce(found.run_id, 0) = coalesce(kept.run_id, 0)
     WHERE (kept.items, kept.minor) IS DISTINCT FROM (found.items, found.minor::bigint)
    """,
)
