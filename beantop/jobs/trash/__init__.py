"""Deleted jobs on the disk: every job is saved before it is deleted."""
