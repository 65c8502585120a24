-- The roles and the database of Caretree, made once by an administrator (a superuser) on PostgreSQL 15 or later:
--
--     manage.py database_roles | psql -v web_password=... -v migrator_password=... postgres
--
-- Run it again whenever you like: it puts right what differs and changes nothing else. Without the passwords it
-- leaves those of the two logins alone; set them with psql's \password, which sends no clear text. Further variables:
-- -v database=NAME (default caretree), and -v tests=1 on a server where the tests are to make their databases.
--
-- Nobody but the administrator is a superuser, and who serves pages owns nothing: row-level security binds it.

\set ON_ERROR_STOP on
\if :{?database}
\else
    \set database caretree
\endif

SET client_min_messages = warning;

DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('caretree_owner',    'NOLOGIN INHERIT   NOBYPASSRLS'),  -- owns every table, function and schema
            ('caretree_poster',   'NOLOGIN INHERIT   NOBYPASSRLS'),  -- the ledger's posting functions run as it
            ('caretree_lookup',   'NOLOGIN INHERIT   NOBYPASSRLS'),  -- the look-ups before a network is bound
            ('caretree_portal',   'NOLOGIN INHERIT   NOBYPASSRLS'),  -- requests of the vendor portal
            ('caretree_migrator', 'LOGIN   INHERIT   BYPASSRLS'),    -- migrates, backs up, restores
            ('caretree_web',      'LOGIN   NOINHERIT NOBYPASSRLS')   -- web and worker
        ) AS roles (name, attributes)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I', wanted.name);
        END IF;
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEROLE NOREPLICATION %s', wanted.name, wanted.attributes);
    END LOOP;

    -- PostgreSQL 16 moved "inherit" from the member to each membership; 15 reads it from the member alone.
    FOR wanted IN
        SELECT * FROM (VALUES
            ('caretree_owner',  'caretree_migrator', 'TRUE'),
            ('caretree_poster', 'caretree_migrator', 'TRUE'),
            ('caretree_lookup', 'caretree_migrator', 'TRUE'),
            ('caretree_portal', 'caretree_web',      'FALSE')  -- else the portal's policies would apply to web
        ) AS memberships (granted, member, inherits)
    LOOP
        EXECUTE format('GRANT %I TO %I', wanted.granted, wanted.member)
            || CASE WHEN current_setting('server_version_num')::int >= 160000
                    THEN format(' WITH INHERIT %s, SET TRUE', wanted.inherits) ELSE '' END;
    END LOOP;
END
$$;

\if :{?web_password}
    ALTER ROLE caretree_web PASSWORD :'web_password';
\endif
\if :{?migrator_password}
    ALTER ROLE caretree_migrator PASSWORD :'migrator_password';
\endif
\if :{?tests}
    ALTER ROLE caretree_migrator CREATEDB;
\endif

SELECT format('CREATE DATABASE %I OWNER caretree_owner TEMPLATE template0 ENCODING %L', :'database', 'UTF8')
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = :'database') \gexec

\connect :"database"

-- What follows is also run in every database that is made beside this one, so it is plain SQL but for the name.
ALTER DATABASE :"database" OWNER TO caretree_owner;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO caretree_web, caretree_migrator;
ALTER SCHEMA public OWNER TO caretree_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO caretree_web, caretree_portal, caretree_poster, caretree_lookup;
