"""The full-screen app. Sets Textual's maximum frame rate, which Textual reads when it is imported."""

from textual import constants

_PAINTS_PER_SECOND = 120
"""A key that comes just after a paint waits for the next one: at 60 that is felt."""

setattr(constants, "MAX_FPS", _PAINTS_PER_SECOND)  # noqa: B010 - declared final
