-- What expires to unclaimed property is held item by item, until one payment gives it away.

INSERT INTO ledger_unclaimeditem (network_id, event_id, entitlement_id, holder_id, currency, amount_minor, dormant_on)
SELECT event.network_id, event.id, entitlement.id, entitlement.holder_id, line.currency, -sum(line.amount_minor),
       coalesce(entitlement.expires_on, event.effective_on)
  FROM ledger_ledgerevent event
  JOIN ledger_entitlement entitlement ON entitlement.id = (event.inputs ->> 'entitlement')::bigint
  JOIN ledger_journalline line ON line.event_id = event.id
  JOIN ledger_account account ON account.id = line.account_id AND account.code = 'unclaimed_property'
 WHERE event.kind = 'expiry'
 GROUP BY event.network_id, event.id, entitlement.id, line.currency
ON CONFLICT DO NOTHING;
SET CONSTRAINTS ALL IMMEDIATE;

CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_unclaimeditem
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT OR UPDATE ON ledger_unclaimeditem
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();

-- An expiry makes an item, a payment takes those that it names, and its void gives them back.
CREATE FUNCTION app.keep_unclaimed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    named bigint[];
    taken integer;
BEGIN
    IF NEW.kind = 'expiry' THEN
        INSERT INTO public.ledger_unclaimeditem (
            network_id, event_id, entitlement_id, holder_id, currency, amount_minor, dormant_on)
        SELECT NEW.network_id, NEW.id, entitlement.id, entitlement.holder_id, entitlement.currency, said.minor,
               coalesce(entitlement.expires_on, NEW.effective_on)
          FROM public.ledger_entitlement entitlement,
               (SELECT sum((unit ->> 'amount_minor')::bigint) AS minor
                  FROM jsonb_array_elements(NEW.inputs -> 'units') unit) said
         WHERE entitlement.network_id = NEW.network_id AND entitlement.id = (NEW.inputs ->> 'entitlement')::bigint
           AND said.minor > 0;
    ELSIF NEW.kind = 'unclaimed_payment' THEN
        SELECT array_agg((item ->> 'event')::bigint) INTO named FROM jsonb_array_elements(NEW.inputs -> 'items') item;
        -- Always in the same order, so that nobody waits in a circle.
        PERFORM FROM public.ledger_unclaimeditem WHERE network_id = NEW.network_id AND event_id = ANY (named)
          ORDER BY id FOR NO KEY UPDATE;
        UPDATE public.ledger_unclaimeditem SET payment_id = NEW.id
         WHERE network_id = NEW.network_id AND event_id = ANY (named) AND holder_id = NEW.organization_id
           AND payment_id IS NULL;
        GET DIAGNOSTICS taken = ROW_COUNT;
        IF taken IS DISTINCT FROM cardinality(named) THEN
            RAISE EXCEPTION 'Some of this unclaimed property was paid in the meantime. Look again at what is held.'
                USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
        END IF;
    ELSE
        UPDATE public.ledger_unclaimeditem SET payment_id = NULL
         WHERE network_id = NEW.network_id AND payment_id = NEW.voids_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keeps_unclaimed AFTER INSERT ON ledger_ledgerevent FOR EACH ROW
    WHEN (NEW.kind = 'expiry' AND NEW.inputs ->> 'account' = 'unclaimed_property'
          OR NEW.kind IN ('unclaimed_payment', 'void'))
    EXECUTE FUNCTION app.keep_unclaimed();

-- At the end of its transaction: what an expiry or a payment posts as unclaimed property is what its items are worth.
CREATE FUNCTION posting.check_unclaimed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    unbound boolean := coalesce(current_setting('app.network', true), '') = '';
BEGIN
    IF unbound THEN
        PERFORM set_config('app.network', NEW.network_id::text, true);
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT line.organization_id, line.currency, line.amount_minor AS minor
                       FROM public.ledger_journalline line JOIN public.ledger_account account ON account.id = line.account_id
                      WHERE line.event_id = NEW.id AND account.code = 'unclaimed_property'
                     UNION ALL
                     SELECT holder_id, currency, amount_minor FROM public.ledger_unclaimeditem WHERE event_id = NEW.id
                     UNION ALL
                     SELECT item.holder_id, item.currency, -item.amount_minor
                       FROM jsonb_array_elements(NEW.inputs -> 'items') said
                       JOIN public.ledger_unclaimeditem item ON item.event_id = (said ->> 'event')::bigint
                      WHERE NEW.kind = 'unclaimed_payment') part
         GROUP BY organization_id, currency HAVING sum(minor) <> 0) THEN
        RAISE EXCEPTION 'The unclaimed property that is posted is not what its items are worth.'
            USING ERRCODE = 'CT001', DETAIL = 'unbalanced';
    END IF;
    IF unbound THEN
        PERFORM set_config('app.network', '', true);
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION posting.check_unclaimed() OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.check_unclaimed() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER unclaimed_is_posted AFTER INSERT ON ledger_ledgerevent DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind IN ('expiry', 'unclaimed_payment')) EXECUTE FUNCTION posting.check_unclaimed();
