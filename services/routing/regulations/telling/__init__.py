"""What people ask about sets: why a report goes where, named cases, what a change does to whom."""
