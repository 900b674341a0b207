"""What the screens show, as values: lines, columns, filters and rows. All functions are pure."""
