"""Polling servers: their numbers, what changed, what is wrong. No user interface."""
