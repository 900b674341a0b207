"""What the screens show, without a screen: for scripts, pipes and bug reports."""
