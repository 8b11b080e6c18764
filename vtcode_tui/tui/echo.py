"""Paints a typed letter at once instead of with the next frame."""

from __future__ import annotations

from textual.widget import Widget


def paint_now(widget: Widget) -> None:
    """Paint the pending region of ``widget``, and nothing else.

    Textual paints only after a message to the screen and a timer; while text streams, each
    iteration of the loop on that way is as long as its work. Does nothing if a layout, scroll or
    style update is pending: then the widget's position is not known yet, and Textual's own paint
    follows.
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
