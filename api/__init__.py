"""HTTP, websocket and wiring. No SQL, no clinical rule."""
