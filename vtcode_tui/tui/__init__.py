"""The full-screen app. Sets Textual's maximum frame rate, which Textual reads when it is imported."""

from textual import constants

_PAINTS_PER_SECOND = 120
"""At 60, waiting for the next paint after a key is noticeable."""

setattr(constants, "MAX_FPS", _PAINTS_PER_SECOND)  # noqa: B010 - declared final
