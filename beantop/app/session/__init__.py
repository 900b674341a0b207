"""What the program knows while it runs; nothing here draws."""
