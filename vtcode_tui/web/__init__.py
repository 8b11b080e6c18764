"""Serves the app to a browser, from a small HTTP server on loopback."""
