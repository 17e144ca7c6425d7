"""Pages for browsers: so far the author's own, on this machine alone."""
