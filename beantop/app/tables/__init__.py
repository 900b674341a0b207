"""The columns, rows and filters of the tables."""
