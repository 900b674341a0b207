"""What keys do to jobs and tubes, from the key to the toast."""
