"""Looking at jobs and acting on them. No screen."""
