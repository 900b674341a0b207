"""Actions on many jobs, carried out in batches, with a tally that accounts for every job."""
