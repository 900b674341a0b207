"""What the screens show, as values: lines, columns, filters and rows. Pure functions, no screen."""
