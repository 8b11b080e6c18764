"""Imports in advance what httpx imports with its first client and first request."""

import anyio._backends._asyncio
import httpcore

__all__ = ["anyio", "httpcore"]
