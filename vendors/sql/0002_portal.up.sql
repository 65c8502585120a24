-- The transition table once more, for whatever writes the requests; a test holds it equal to vendors/rules/transitions.py.
CREATE FUNCTION app.request_step_known(before text, after text, by_vendor boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM (VALUES
            ('draft',       'requested',        false),
            ('draft',       'cancelled',        false),
            ('requested',   'received',         NULL),  -- either side
            ('requested',   'accepted',         true),
            ('requested',   'rejected',         true),
            ('requested',   'cancelled',        false),
            ('requested',   'entered-in-error', false),
            ('received',    'accepted',         true),
            ('received',    'rejected',         true),
            ('received',    'cancelled',        false),
            ('received',    'entered-in-error', false),
            ('accepted',    'in-progress',      true),
            ('accepted',    'on-hold',          true),
            ('accepted',    'completed',        true),
            ('accepted',    'failed',           true),
            ('accepted',    'cancelled',        NULL),
            ('in-progress', 'on-hold',          true),
            ('in-progress', 'completed',        true),
            ('in-progress', 'failed',           true),
            ('in-progress', 'cancelled',        true),  -- the vendor agrees to what was asked
            ('on-hold',     'in-progress',      NULL),
            ('on-hold',     'cancelled',        true),
            ('on-hold',     'failed',           true),
            ('rejected',    'entered-in-error', false),
            ('cancelled',   'entered-in-error', false)
        ) AS step (before, after, vendor)
        WHERE step.before = request_step_known.before AND step.after = request_step_known.after
          AND (step.vendor IS NULL OR step.vendor = by_vendor)
    )
$$;

-- After the row, so that the policies of the table have spoken first.
CREATE FUNCTION app.check_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.network_id, NEW.id, NEW.number, NEW.vendor_id, NEW.organization_id, NEW.patient_id, NEW.service_id,
        NEW.vendor_service_id, NEW.key)
       IS DISTINCT FROM
       (OLD.network_id, OLD.id, OLD.number, OLD.vendor_id, OLD.organization_id, OLD.patient_id, OLD.service_id,
        OLD.vendor_service_id, OLD.key) THEN
        RAISE EXCEPTION 'what a request asks, for whom and of whom never changes' USING ERRCODE = '23514';
    END IF;
    IF OLD.status <> 'draft' AND (NEW.buy_minor, NEW.sell_minor, NEW.currency, NEW.clinical_note, NEW.target_at)
       IS DISTINCT FROM (OLD.buy_minor, OLD.sell_minor, OLD.currency, OLD.clinical_note, OLD.target_at) THEN
        RAISE EXCEPTION 'a request that was sent keeps its prices, note and target' USING ERRCODE = '23514';
    END IF;
    IF NEW.status <> OLD.status
       AND NOT app.request_step_known(OLD.status, NEW.status, current_user = 'caretree_portal') THEN
        RAISE EXCEPTION 'Request % is % and can''t become %.', OLD.number, OLD.status, NEW.status
            USING ERRCODE = 'CT001', DETAIL = 'transition';
    END IF;
    IF current_user = 'caretree_portal' AND NEW.status = OLD.status THEN
        RAISE EXCEPTION 'an answer of a vendor is a transition' USING ERRCODE = '23514';
    END IF;
    IF current_user = 'caretree_portal' AND NEW.status = 'cancelled' AND NOT EXISTS (
        SELECT FROM public.vendors_requestmessage asked
         WHERE asked.network_id = NEW.network_id AND asked.request_id = NEW.id AND asked.kind = 'cancellation'
           AND asked.answer = 'agreed') THEN
        RAISE EXCEPTION 'a vendor cancels only what it was asked to cancel' USING ERRCODE = '23514';
    END IF;
    -- The net clock stands still from one step to the next, and only while it is on hold.
    IF NEW.held_for <> OLD.held_for
       AND (OLD.status <> 'on-hold' OR NEW.status = 'on-hold' OR NEW.held_for < OLD.held_for
            OR NEW.held_for > OLD.held_for + (clock_timestamp() - OLD.held_at) + '1 minute') THEN
        RAISE EXCEPTION 'a request is held for as long as it is on hold' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER transitions AFTER UPDATE ON vendors_servicerequest
    FOR EACH ROW EXECUTE FUNCTION app.check_request();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vendors_requesttransition
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vendors_result
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vendors_taskpatient
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- What a part names as its request must be the same vendor's. A patient is disclosed when the request was accepted
-- and at no other time, whoever writes; a result needs a request that was accepted; a contact signs as itself.
CREATE FUNCTION app.check_request_part() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    state text;
BEGIN
    SELECT r.status INTO state FROM public.vendors_servicerequest r
     WHERE r.network_id = NEW.network_id AND r.id = NEW.request_id AND r.vendor_id = NEW.vendor_id;
    IF state IS NULL THEN
        RAISE EXCEPTION 'this request is not of this vendor' USING ERRCODE = '42501';
    END IF;
    IF TG_TABLE_NAME = 'vendors_taskpatient' AND state <> 'accepted' THEN
        RAISE EXCEPTION 'the patient of a % request is not disclosed', state USING ERRCODE = '42501';
    END IF;
    IF TG_TABLE_NAME = 'vendors_result' THEN
        IF state NOT IN ('accepted', 'in-progress', 'completed') THEN
            RAISE EXCEPTION 'a % request takes no result', state USING ERRCODE = '23514';
        END IF;
        IF current_user = 'caretree_portal' AND NEW.entered_by_id <> app.contact_id() THEN
            RAISE EXCEPTION 'a contact signs as itself' USING ERRCODE = '42501';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER same_vendor AFTER INSERT ON vendors_requesttransition
    FOR EACH ROW EXECUTE FUNCTION app.check_request_part();
CREATE TRIGGER same_vendor AFTER INSERT ON vendors_result
    FOR EACH ROW EXECUTE FUNCTION app.check_request_part();
CREATE TRIGGER same_vendor AFTER INSERT ON vendors_taskpatient
    FOR EACH ROW EXECUTE FUNCTION app.check_request_part();

-- Tries only grow and a used code stays used, even for a wrong statement of the portal.
CREATE FUNCTION app.check_portal_code() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.tries < OLD.tries OR (OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at) THEN
        RAISE EXCEPTION 'a one-time code is not made fresh again' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_way BEFORE UPDATE ON vendors_portalcode
    FOR EACH ROW EXECUTE FUNCTION app.check_portal_code();

CREATE FUNCTION app.check_portal_session() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'a session that ended stays ended' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER one_way BEFORE UPDATE ON vendors_portalsession
    FOR EACH ROW EXECUTE FUNCTION app.check_portal_session();

-- Look-ups before a network is bound: ids only.
GRANT SELECT (network_id, secret_sha256) ON vendors_portallink TO caretree_lookup;
GRANT SELECT (network_id, token_sha256) ON vendors_portalsession TO caretree_lookup;
CREATE POLICY lookup ON vendors_portallink FOR SELECT TO caretree_lookup USING (true);
CREATE POLICY lookup ON vendors_portalsession FOR SELECT TO caretree_lookup USING (true);

CREATE FUNCTION lookup.network_of_portal_link(the_secret_sha256 text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT network_id FROM public.vendors_portallink WHERE secret_sha256 = the_secret_sha256
$$;
ALTER FUNCTION lookup.network_of_portal_link(text) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.network_of_portal_link(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.network_of_portal_link(text) TO caretree_web;

CREATE FUNCTION lookup.network_of_portal_session(the_token_sha256 text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT network_id FROM public.vendors_portalsession WHERE token_sha256 = the_token_sha256
$$;
ALTER FUNCTION lookup.network_of_portal_session(text) OWNER TO caretree_lookup;
REVOKE ALL ON FUNCTION lookup.network_of_portal_session(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.network_of_portal_session(text) TO caretree_web;
