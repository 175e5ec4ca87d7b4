"""Recording the demo's organisations, people, history, plans and pathway through the public API, once."""
