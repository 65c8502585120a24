"""What is promised about unclaimed property, recomputed from the rows."""

from ledger.queries.verify import Check, add_check

for _check in (
    Check(
        14,
        "unclaimed items that are held are their holder's unclaimed property, but for what is entered by hand",
        """
        WITH part AS (
            SELECT l.organization_id, l.currency, -l.amount_minor AS posted, 0 AS held
              FROM ledger_account a JOIN ledger_journalline l ON l.account_id = a.id
              JOIN ledger_ledgerevent e ON e.id = l.event_id LEFT JOIN ledger_ledgerevent v ON v.id = e.voids_id
             WHERE a.code = 'unclaimed_property' AND coalesce(v.kind, e.kind) <> 'journal'
            UNION ALL
            SELECT holder_id, currency, 0, amount_minor FROM ledger_unclaimeditem WHERE payment_id IS NULL)
        SELECT format('organization %s: %s %s posted, %s held', organization_id, sum(posted), currency, sum(held))
          FROM part GROUP BY organization_id, currency HAVING sum(posted) <> sum(held)
        """,
    ),
    Check(
        14,
        "an unclaimed item is paid by the payment that names it, and by none that was voided",
        """
        SELECT format('item of event %s, payment %s', item.event_id, item.payment_id)
          FROM ledger_unclaimeditem item
          LEFT JOIN ledger_ledgerevent payment ON payment.id = item.payment_id
         WHERE item.payment_id IS NOT NULL
           AND (payment.kind IS DISTINCT FROM 'unclaimed_payment'
                OR NOT payment.inputs @> jsonb_build_object(
                    'items', jsonb_build_array(jsonb_build_object('event', item.event_id)))
                OR EXISTS (SELECT FROM ledger_ledgerevent void WHERE void.voids_id = payment.id))
        """,
    ),
):
    add_check(_check)
