"""Who is calling, and what their roles allow."""
