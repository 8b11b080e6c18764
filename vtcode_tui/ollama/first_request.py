"""What httpx imports with its first client and its first request, for it to be there before."""

import anyio._backends._asyncio
import httpcore

__all__ = ["anyio", "httpcore"]
