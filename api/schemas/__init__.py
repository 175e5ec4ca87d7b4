"""What clients send and get: In forbids extra fields, Out has no defaults."""
