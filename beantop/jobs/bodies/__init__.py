"""Decoding the body of a job into readable lines.

The format is recognized from the content, layer by layer. Nothing in a body is ever executed, and
time and memory are bounded whatever lengths it claims. Lines may still contain terminal control
characters.
"""
