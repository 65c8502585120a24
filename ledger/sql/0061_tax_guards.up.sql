-- The tax of each event is written with it, from the inputs that are kept for ever, and is what its lines say.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_taxline
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER poster_only BEFORE INSERT ON ledger_taxline
    FOR EACH STATEMENT WHEN (current_user <> 'caretree_poster') EXECUTE FUNCTION app.refuse_writer();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_taxrate
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- What an event makes due is its rate's share of the base: the tax of a code is rounded over all its lines and then
-- split, so a line may be a unit and a half away. What is given back or kept of a sale follows the sale.
ALTER TABLE ledger_taxline ADD CONSTRAINT taxline_is_its_rate CHECK (
    units = 0 OR sale_event_id IS DISTINCT FROM event_id AND sale_event_id IS NOT NULL
    OR abs(tax_minor * 100 - base_minor * percent) <= 2 * (100 + percent));

CREATE FUNCTION app.keep_tax() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.ledger_taxline (
        network_id, event_id, line_no, organization_id, sale_event_id, service_id, tax_code_id, method, percent, units,
        base_minor, tax_minor, currency, effective_on)
    SELECT NEW.network_id, NEW.id, one.n, (one.said ->> 'organization')::bigint,
           coalesce((one.said ->> 'sale_event')::bigint,
                    CASE WHEN NEW.kind IN ('sale', 'upgrade') THEN NEW.id END),
           (one.said ->> 'service')::bigint, (one.said ->> 'tax_code')::bigint, one.said ->> 'method',
           (one.said ->> 'percent')::numeric, (one.said ->> 'units')::bigint, (one.said ->> 'base_minor')::bigint,
           (one.said ->> 'tax_minor')::bigint, one.said ->> 'currency', NEW.effective_on
      FROM jsonb_array_elements(NEW.inputs -> 'tax') WITH ORDINALITY AS one (said, n);
    RETURN NULL;
END $$;
CREATE TRIGGER keeps_tax AFTER INSERT ON ledger_ledgerevent
    FOR EACH ROW WHEN (NEW.inputs ? 'tax') EXECUTE FUNCTION app.keep_tax();

-- At the end of its transaction: the tax that an event says it owes is what it posts as owed, and a void takes back
-- exactly what it voids.
CREATE FUNCTION posting.check_tax() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    unbound boolean := coalesce(current_setting('app.network', true), '') = '';
BEGIN
    IF unbound THEN
        PERFORM set_config('app.network', NEW.network_id::text, true);
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT line.organization_id, line.currency, -line.amount_minor AS minor
                       FROM public.ledger_journalline line JOIN public.ledger_account account ON account.id = line.account_id
                      WHERE line.event_id = NEW.id AND account.code = 'tax_payable'
                        AND (NEW.inputs ? 'tax' OR NEW.voids_id IS NULL)
                     UNION ALL
                     SELECT organization_id, currency, -tax_minor
                       FROM public.ledger_taxline WHERE event_id = NEW.id) part
         GROUP BY organization_id, currency HAVING sum(minor) <> 0) THEN
        RAISE EXCEPTION 'The tax that is posted is not the tax that the event says it owes.'
            USING ERRCODE = 'CT001', DETAIL = 'unbalanced';
    END IF;
    IF NEW.voids_id IS NOT NULL AND EXISTS (
        SELECT FROM (SELECT * FROM public.ledger_taxline WHERE event_id = NEW.voids_id) original
          FULL JOIN (SELECT * FROM public.ledger_taxline WHERE event_id = NEW.id) opposite USING (line_no)
         WHERE (original.organization_id, original.service_id, original.tax_code_id, original.method, original.percent,
                original.units, original.base_minor, original.tax_minor, original.currency)
            IS DISTINCT FROM
               (opposite.organization_id, opposite.service_id, opposite.tax_code_id, opposite.method, opposite.percent,
                -opposite.units, -opposite.base_minor, -opposite.tax_minor, opposite.currency)
            OR original.sale_event_id IS DISTINCT FROM opposite.sale_event_id) THEN
        RAISE EXCEPTION 'A void takes back exactly the tax of the event that it voids.'
            USING ERRCODE = 'CT001', DETAIL = 'not_permitted';
    END IF;
    IF unbound THEN
        PERFORM set_config('app.network', '', true);
    END IF;
    RETURN NULL;
END $$;
ALTER FUNCTION posting.check_tax() OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.check_tax() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER tax_is_posted AFTER INSERT ON ledger_ledgerevent DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.inputs ? 'tax' OR NEW.voids_id IS NOT NULL) EXECUTE FUNCTION posting.check_tax();

-- A sale asks for what its entitlement is worth and the tax that it takes.
CREATE FUNCTION app.check_sale_tax() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    worth bigint;
    tax bigint;
    lines integer;
BEGIN
    SELECT price_minor INTO worth FROM public.ledger_entitlement
     WHERE network_id = NEW.network_id AND id = NEW.entitlement_id;
    SELECT coalesce(sum(tax_minor), 0), count(*) INTO tax, lines FROM public.ledger_taxline
     WHERE event_id = NEW.event_id AND sale_event_id = NEW.event_id;
    IF NEW.total_minor <> worth + tax OR NEW.tax_point = 'redemption' AND lines > 0 THEN
        RAISE EXCEPTION 'A sale asks for what its entitlement is worth and the tax that is due at the sale.'
            USING ERRCODE = 'CT001', DETAIL = 'unbalanced';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER asks_with_tax AFTER INSERT ON ledger_sale
    FOR EACH ROW EXECUTE FUNCTION app.check_sale_tax();
