"""What people say of a service: anonymously, and tied to no record and no account."""
