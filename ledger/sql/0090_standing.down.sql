DROP TRIGGER poster_only ON ledger_standing;
DROP TRIGGER never_deleted ON ledger_standing;

-- Deltas that wait by day are folded: what comes before knows months.
ALTER TABLE ledger_balance DISABLE TRIGGER poster_only;
ALTER TABLE ledger_balancedelta DISABLE TRIGGER poster_only;
INSERT INTO ledger_balance AS balance (
    network_id, account_id, month, organization_id, counterparty_id, code, currency, debit_minor, credit_minor)
SELECT account.network_id, account.id, date_trunc('month', delta.effective_on::timestamp)::date, account.organization_id,
       account.counterparty_id, account.code, account.currency, sum(delta.debit_minor), sum(delta.credit_minor)
  FROM ledger_balancedelta delta JOIN ledger_account account ON account.id = delta.account_id
 GROUP BY 1, 2, 3
ON CONFLICT (account_id, month) DO UPDATE
   SET debit_minor = balance.debit_minor + excluded.debit_minor,
       credit_minor = balance.credit_minor + excluded.credit_minor;
DELETE FROM ledger_balancedelta;
ALTER TABLE ledger_balancedelta ENABLE TRIGGER poster_only;
ALTER TABLE ledger_balance ENABLE TRIGGER poster_only;
