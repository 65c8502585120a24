-- Closed months open again by a request that somebody else approved, and in no other way.

-- A closed period stays closed, but for what a request that was approved in this very transaction opens.
CREATE OR REPLACE FUNCTION app.refuse_reopening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.organization_id = OLD.organization_id AND NEW.network_id = OLD.network_id AND EXISTS (
        SELECT FROM public.ledger_periodreopening request
         WHERE request.network_id = NEW.network_id AND request.status = 'approved'
           AND request.decided_at >= transaction_timestamp()
           AND NEW.organization_id = ANY (request.books) AND NEW.closed_through = request.month - 1) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a closed period is not opened again without an approved request' USING ERRCODE = '23001';
END $$;

-- A request is made open, decided once, and changed in nothing else; only posting.reopen_period approves one.
CREATE FUNCTION app.check_reopening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    decided text[] := '{status,decided_at,decided_kind,decided_id,decided_label,note,books}';
BEGIN
    IF TG_OP = 'INSERT' AND NEW.status = 'requested' AND NEW.books = '{}' THEN
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' AND OLD.status = 'requested'
          AND (NEW.status = 'declined' AND NEW.books = '{}'
               OR NEW.status = 'approved' AND current_user = 'caretree_poster')
          AND to_jsonb(NEW) - decided = to_jsonb(OLD) - decided THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a request to reopen is decided once, and approved by posting.reopen_period'
        USING ERRCODE = '23001';
END $$;
CREATE TRIGGER decided_once BEFORE INSERT OR UPDATE ON ledger_periodreopening
    FOR EACH ROW EXECUTE FUNCTION app.check_reopening();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger_periodreopening
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_closedstatement
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();

-- Opens what a request asks for, in some books; waits for postings and closings in flight. Returns how many opened.
CREATE FUNCTION posting.reopen_period(
    the_request_id bigint, the_organizations bigint[], the_note text,
    the_actor_kind text, the_actor_id bigint, the_actor_label text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    network bigint := app.network_id();
    request public.ledger_periodreopening;
    opened integer;
BEGIN
    SELECT * INTO request FROM public.ledger_periodreopening
     WHERE network_id = network AND id = the_request_id FOR UPDATE;
    IF request.id IS NULL OR request.status <> 'requested' THEN
        PERFORM posting.refuse('not_permitted', 'This request was decided already.');
    ELSIF request.requested_kind = the_actor_kind AND request.requested_id IS NOT DISTINCT FROM the_actor_id THEN
        PERFORM posting.refuse('not_permitted', 'Somebody else than who asked for it opens a closed period.');
    END IF;
    PERFORM pg_advisory_xact_lock((3::bigint << 56) + book)
       FROM (SELECT DISTINCT unnest(the_organizations) AS book ORDER BY 1) sorted;
    UPDATE public.ledger_periodreopening
       SET status = 'approved', decided_at = clock_timestamp(), decided_kind = the_actor_kind,
           decided_id = the_actor_id, decided_label = the_actor_label, note = the_note, books = the_organizations
     WHERE network_id = network AND id = the_request_id;
    WITH moved AS (
        UPDATE public.ledger_periodclose SET closed_through = request.month - 1
         WHERE network_id = network AND organization_id = ANY (the_organizations)
           AND closed_through >= request.month
        RETURNING organization_id),
    told AS (
        INSERT INTO public.ledger_periodclosing (
            network_id, organization_id, month, what, closed_at, actor_kind, actor_id, actor_label)
        SELECT network, moved.organization_id, request.month, 'reopened', clock_timestamp(), the_actor_kind,
               the_actor_id, the_actor_label FROM moved)
    SELECT count(*) INTO opened FROM moved;
    RETURN opened;
END $$;

-- Marks a month of some organizations as done, which stops nobody: what is posted there afterwards is listed.
CREATE FUNCTION posting.soft_close_period(
    the_organizations bigint[], the_month date, the_actor_kind text, the_actor_id bigint, the_actor_label text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    marked integer;
BEGIN
    WITH told AS (
        INSERT INTO public.ledger_periodclosing (
            network_id, organization_id, month, what, closed_at, actor_kind, actor_id, actor_label)
        SELECT organization.network_id, organization.id, date_trunc('month', the_month::timestamp)::date,
               'soft_closed', clock_timestamp(), the_actor_kind, the_actor_id, the_actor_label
          FROM public.orgs_organization organization
         WHERE organization.network_id = app.network_id() AND organization.id = ANY (the_organizations)
           AND organization.kind <> 'third_party'
         ORDER BY organization.id
        RETURNING 1)
    SELECT count(*) INTO marked FROM told;
    RETURN marked;
END $$;

ALTER FUNCTION posting.reopen_period(bigint, bigint[], text, text, bigint, text) OWNER TO caretree_poster;
ALTER FUNCTION posting.soft_close_period(bigint[], date, text, bigint, text) OWNER TO caretree_poster;
REVOKE ALL ON FUNCTION posting.reopen_period(bigint, bigint[], text, text, bigint, text),
    posting.soft_close_period(bigint[], date, text, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting.reopen_period(bigint, bigint[], text, text, bigint, text),
    posting.soft_close_period(bigint[], date, text, bigint, text) TO caretree_web;
