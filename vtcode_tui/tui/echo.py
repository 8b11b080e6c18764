"""A typed letter is painted where it was typed, at once: not with the next frame of all the rest."""

from __future__ import annotations

from textual.widget import Widget


def paint_now(widget: Widget) -> None:
    """Paint what of ``widget`` is to be painted, and nothing else.

    Textual paints when a message to the screen and a timer have come round; while text streams,
    each turn of the loop on that way takes as long as its work. Left to it is whatever moves
    something: then the place of the widget is not known yet.
    """
    screen, app = widget.screen, widget.app
    moves = widget._layout_required or widget._scroll_required or widget._refresh_styles_required
    moves |= screen._layout_required or screen._scroll_required or screen._repaint_required
    if moves or not widget._repaint_required or app._batch_count or screen is not app.screen:
        return
    widget._repaint_required = False
    compositor = screen._compositor
    compositor.update_widgets({widget})
    app._display(screen, compositor.render_update(screen_stack=app._background_screens))
