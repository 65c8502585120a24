"""What is promised about tax, recomputed from the rows."""

from ledger.queries.verify import Check, add_check

for _check in (
    Check(
        20,
        "what is posted as tax payable is the tax of its event, but for what is entered by hand",
        """
        WITH part AS (
            SELECT l.event_id, l.organization_id, l.currency, -l.amount_minor AS posted, 0 AS said
              FROM ledger_account a JOIN ledger_journalline l ON l.account_id = a.id
              JOIN ledger_ledgerevent e ON e.id = l.event_id LEFT JOIN ledger_ledgerevent v ON v.id = e.voids_id
             WHERE a.code = 'tax_payable' AND coalesce(v.kind, e.kind) <> 'journal'
            UNION ALL
            SELECT event_id, organization_id, currency, 0, tax_minor FROM ledger_taxline)
        SELECT format('event %s: %s %s posted, %s said', event_id, sum(posted), currency, sum(said))
          FROM part GROUP BY event_id, organization_id, currency HAVING sum(posted) <> sum(said)
        UNION ALL
        SELECT format('event %s says other tax than its inputs', e.id)
          FROM ledger_ledgerevent e
          LEFT JOIN (SELECT event_id, count(*) AS n, sum(tax_minor) AS minor FROM ledger_taxline GROUP BY 1) t
            ON t.event_id = e.id
         WHERE (e.inputs ? 'tax' OR t.event_id IS NOT NULL)
           AND (t.n IS DISTINCT FROM jsonb_array_length(e.inputs -> 'tax')
                OR t.minor IS DISTINCT FROM (SELECT sum((one ->> 'tax_minor')::bigint)
                                               FROM jsonb_array_elements(e.inputs -> 'tax') one))
        """,
    ),
    Check(
        20,
        "no sale gives back more tax than it took",
        """
        SELECT format('sale of event %s, service %s: %s units and %s of tax remain', sale_event_id, service_id,
                      sum(units), sum(tax_minor))
          FROM ledger_taxline WHERE sale_event_id IS NOT NULL GROUP BY sale_event_id, service_id
        HAVING sum(units) < 0 OR sum(tax_minor) < 0
            OR sum(units) = 0 AND sum(tax_minor) <> 0
        """,
    ),
):
    add_check(_check)
