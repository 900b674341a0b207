"""The large parts of screens: tables of tubes and of jobs, with the keys that look."""
