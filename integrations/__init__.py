"""Other systems, one folder each: `client` talks, `errors` says what a retry can mend. Knows the domain, no web."""
