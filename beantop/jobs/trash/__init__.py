"""What was deleted, on the disk: no job is deleted before it is saved."""
