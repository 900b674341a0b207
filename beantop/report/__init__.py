"""The numbers without a screen, for scripts, pipes and bug reports."""
