"""The large parts of screens: tables of tubes and of jobs, with their keys."""
