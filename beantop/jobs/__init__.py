"""Reading jobs and acting on them, without any user interface."""
