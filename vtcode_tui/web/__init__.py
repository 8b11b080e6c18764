"""The door to a browser: the app behind a small HTTP server on loopback."""
