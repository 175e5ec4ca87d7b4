"""What the commands' exit codes mean to whoever calls them."""

from __future__ import annotations

OK = 0
FAILED = 1
REFUSED = 2  # wrong arguments or settings: nothing was done
ALREADY_THERE = 3  # what was asked for exists: nothing was done
