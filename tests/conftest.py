"""What every test shares."""

from __future__ import annotations

import signal

import pytest


def pytest_sessionstart() -> None:
    # A shell that starts the tests in the background has them ignore it, and all they start too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
