"""A list as an office keeps it, read as it is: pure functions, no database, no clock."""
