"""A job's body as lines that a person can read.

It is recognized by its content, layer by layer. Nothing in it is ever run; time and memory are
bounded whatever it says of itself. Characters that a terminal would obey are still in the lines.
"""
