"""The live feed: protocol, subscriptions, feed and socket, each testable without the next."""
