"""The project: settings, URLs, the console's shell, the run and demo commands."""
