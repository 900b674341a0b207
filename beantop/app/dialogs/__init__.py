"""Boxes over a screen that ask, tell, or show how far something is."""
