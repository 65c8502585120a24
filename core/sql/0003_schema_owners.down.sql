ALTER SCHEMA posting OWNER TO caretree_owner;
ALTER SCHEMA lookup OWNER TO caretree_owner;
GRANT USAGE, CREATE ON SCHEMA posting TO caretree_poster;
GRANT USAGE, CREATE ON SCHEMA lookup TO caretree_lookup;
