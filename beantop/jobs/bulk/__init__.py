"""One action on many jobs, batch after batch, with a tally whose parts add up."""
