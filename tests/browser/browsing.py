"""Headless Chromium on a served page: real keys, a real mouse, and the bytes that the page got."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.e2e.serving import wait_until

_RECORDER = """
window.received = [];
window.sides = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string")
        window.received.push(btoa(String.fromCharCode(...new Uint8Array(event.data))));
    });
  }
  send(text) {
    const [kind, size] = JSON.parse(text);
    if (kind === "resize") window.sides = [size.width, size.height];
    super.send(text);
  }
};
"""
"""The page paints on a canvas, so what is on it is read from the bytes that it was painted from."""


class Browser:
    """One window. The sides of the terminal are those that the page has asked the app for."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self._seen = 0
        self._bytes = b""
        self._screen = pyte.Screen(1, 1)
        self._stream = pyte.ByteStream(self._screen)

    def open(self, url: str) -> None:
        self.driver.get(url)

    def text(self) -> str:
        """The screen as the page has got it."""
        pieces = self.driver.execute_script(
            "return window.received.slice(arguments[0])", self._seen
        )
        self._seen += len(pieces)
        received = b"".join(base64.b64decode(piece) for piece in pieces)
        self._bytes += received
        columns, rows = self._sides()
        if (columns, rows) != (self._screen.columns, self._screen.lines):
            self._screen = pyte.Screen(columns, rows)
            self._stream = pyte.ByteStream(self._screen)
            received = self._bytes
        self._stream.feed(received)
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, wanted: str) -> str:
        wait_until(lambda: wanted in self.text(), self.text)
        return self.text()

    def type(self, text: str) -> None:
        ActionChains(self.driver).send_keys(text).perform()

    def click(self, text: str) -> None:
        """The left button, in the middle of ``text`` on the screen."""
        terminal = self.driver.find_element(By.CSS_SELECTOR, ".xterm-screen")
        columns, rows = self._sides()
        for row, line in enumerate(self.text().split("\n")):
            column = line.find(text)
            if column >= 0:
                size = terminal.size
                x = (column + len(text) / 2) * size["width"] / columns - size["width"] / 2
                y = (row + 0.5) * size["height"] / rows - size["height"] / 2
                move = ActionChains(self.driver)
                move.move_to_element_with_offset(terminal, int(x), int(y)).click().perform()
                return
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text()}")

    def complaints(self) -> list[str]:
        """What the browser has logged as an error, such as a breach of the page's policy."""
        log: list[dict[str, Any]] = self.driver.get_log("browser")
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def requested(self) -> set[str]:
        """The addresses of all that the page has fetched."""
        events = (
            json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")
        )
        return {
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        }

    def _sides(self) -> tuple[int, int]:
        sides = self.driver.execute_script("return window.sides")
        return (sides[0], sides[1]) if sides else (80, 24)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A window of its own profile. Raises where there is no Chromium: who asks for it has one."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1200,800"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _RECORDER})
        yield Browser(driver)
    finally:
        driver.quit()
