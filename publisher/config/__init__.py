"""publisher.toml -> Settings: every mistake at once, with its dotted path and line."""
