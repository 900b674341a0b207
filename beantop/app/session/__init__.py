"""The state of the running program, without any drawing."""
