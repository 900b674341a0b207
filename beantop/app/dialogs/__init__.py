"""Boxes over a screen that ask a question, show information or show progress."""
