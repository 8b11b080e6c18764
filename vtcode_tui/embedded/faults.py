"""A refusal in the form of an Ollama server: a status and ``{"error": ...}``."""

from __future__ import annotations


class ApiFault(Exception):
    """Ends one request. ``status`` counts only while no head has been sent."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
