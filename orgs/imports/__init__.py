"""Organizations in files: reading them into rows, comparing rows with a network, and writing them. No ORM."""
