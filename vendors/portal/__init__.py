"""The vendor portal: its own addresses, middleware, views and forms. Contacts are no users."""
