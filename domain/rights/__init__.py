"""What people may ask about their record: who looked, all that is kept, having it put right, closed or restricted."""
