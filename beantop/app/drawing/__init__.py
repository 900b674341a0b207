"""Lines and graphs, as pure functions of what is known."""
