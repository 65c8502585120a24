-- The rooms of the definer functions belong to whom their functions belong to: a restored dump hands the functions
-- over before it grants anything, and a role takes a function only where it may create one.
ALTER SCHEMA lookup OWNER TO caretree_lookup;
ALTER SCHEMA posting OWNER TO caretree_poster;
