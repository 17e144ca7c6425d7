"""Where articles come from: one module a format, each yielding articles and problems."""
