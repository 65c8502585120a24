-- What stands on an account at the end of each day on which it moved.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_standing
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- What is there already: deltas that wait, which know no day, are folded, and every account stands as its lines say.
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
INSERT INTO ledger_standing (network_id, account_id, effective_on, debit_minor, credit_minor)
SELECT network_id, account_id, effective_on, sum(sum(greatest(amount_minor, 0))) OVER days,
       sum(sum(greatest(-amount_minor, 0))) OVER days
  FROM ledger_journalline GROUP BY network_id, account_id, effective_on
WINDOW days AS (PARTITION BY account_id ORDER BY effective_on)
ON CONFLICT DO NOTHING;

CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_standing
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
