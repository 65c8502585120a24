"""Pages of the shell: home, network switcher, search, errors, development mail."""
