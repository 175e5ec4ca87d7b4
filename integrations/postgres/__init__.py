"""PostgreSQL: `client` opens transactions on any server, `embedded` runs one from a wheel on this machine."""
