DROP FUNCTION lookup.networks_with_schedules();
DROP POLICY lookup ON ledger_reportschedule;
REVOKE ALL ON ledger_reportschedule FROM caretree_lookup;
