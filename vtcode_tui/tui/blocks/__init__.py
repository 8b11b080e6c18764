"""Renders transcript blocks as lines of styled text. Knows widths and style names, but no widget."""
