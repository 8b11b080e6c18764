"""From transcript blocks to lines of styled text. Knows widths and styles by name, no widget."""
