"""Watching servers: what they looked like, what changed, what is wrong. No screen."""
