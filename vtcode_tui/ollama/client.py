"""The HTTP client for an Ollama server. Raises ServerError; importing it imports httpx.

A separate task reads each stream. So everything that one network read returns becomes one part, and
closing the generator or cancelling its consumer closes the connection at once: an Ollama server
then stops loading or generating.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import httpx

from vtcode_tui.conversation.messages import JsonValue
from vtcode_tui.errors import ServerError
from vtcode_tui.ollama import advice, faults, replies
from vtcode_tui.ollama.address import ServerAddress
from vtcode_tui.ollama.bodies import TooLong, encoded, read_body
from vtcode_tui.ollama.catalogue import name_at_cloud
from vtcode_tui.ollama.inbox import Inbox, stop
from vtcode_tui.ollama.secret import usable_key, without_secret
from vtcode_tui.ollama.stream import ChatParser, NdjsonSplitter
from vtcode_tui.ollama.timeouts import Timeouts, Watch
from vtcode_tui.ollama.transport import fault_of, http_for, pieces_of, responding
from vtcode_tui.ollama.types import (
    ChatPart,
    ChatRequest,
    HeadReceived,
    InstalledModel,
    ModelDetails,
    PullProgress,
    RunningModel,
)

__all__ = ["OllamaClient", "Timeouts"]

_T = TypeVar("_T")

_BODY_CAP_BYTES = 32 * 1024 * 1024
_ERROR_CAP_BYTES = 64 * 1024
_LAST_BYTES_S = 0.05
_PULLED = "success"


class OllamaClient:
    """Talks to one server; an async context manager.

    The key is sent with every request to this address and nowhere else: redirects are errors. It
    appears in no error and no repr. ``notices`` are what the user should know about the connection.
    Raises ConfigError for a key that no HTTP header can hold.
    """

    def __init__(
        self, address: ServerAddress, api_key: str | None, *, timeouts: Timeouts | None = None
    ) -> None:
        self.address = address
        self.timeouts = timeouts or Timeouts()
        self._key = usable_key(api_key)
        self._installed: tuple[str, ...] = ()
        self._call_numbers = itertools.count(1)
        self._http: httpx.AsyncClient | None = None
        self._http_lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"OllamaClient({self.address.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close idle connections; a stream closes its own."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    @property
    def notices(self) -> tuple[str, ...]:
        if self._key is None or self.address.is_loopback or self.address.is_encrypted:
            return ()
        where = f"The API key goes to {self.address.url} unencrypted"
        return (f"{where}: anyone on the way can read it. Use https if the server has it.",)

    async def version(self) -> str:
        """The server's version, such as ``0.33.0``."""
        return await self._ask("GET", "/api/version", replies.read_version)

    async def tags(self) -> tuple[InstalledModel, ...]:
        """The installed models."""
        models = await self._ask("GET", "/api/tags", replies.read_tags)
        self._installed = tuple(model.name for model in models)
        return models

    async def ps(self) -> tuple[RunningModel, ...]:
        """The models in memory."""
        return await self._ask("GET", "/api/ps", replies.read_ps)

    async def show(self, model: str) -> ModelDetails:
        """Details of ``model``. Raises ModelNotFound."""
        return await self._ask("POST", "/api/show", replies.read_show, model)

    async def whoami(self) -> str:
        """The account that the server is signed in with, or empty if it names none.

        Raises NotAuthorised if it is not signed in; older servers lack this endpoint.
        """
        return await self._ask("POST", "/api/me", replies.read_account)

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPart, None]:
        """The reply part by part: HeadReceived first, DonePart last.

        Everything received before a failure is yielded before its ServerError is raised. Close the
        generator (``aclosing``) or cancel its consumer to close the connection.
        """
        asked = self._asked(request.model)
        parser = ChatParser(
            explain=lambda error: advice.stream_error(error, asked),
            new_call_id=lambda: f"call_{next(self._call_numbers)}",
        )
        body = {**request.to_json(), "model": self._wire_name(request.model)}
        inbox = Inbox()
        limits = self.timeouts
        watch = Watch(
            lambda: parser.progress, limits.call_idle_s if request.tools else limits.idle_s
        )
        reading = self._read("/api/chat", body, asked, inbox, watch)
        broken: ServerError | None = None
        async with aclosing(reading) as pieces:
            await anext(pieces)
            yield HeadReceived()
            try:
                async for piece in pieces:
                    for part in parser.feed(piece):
                        yield part
                    if parser.is_over:
                        inbox.is_complete = parser.is_done
                        break
            except ServerError as error:
                broken = error
        for part in parser.finish(broken):
            yield part
        if parser.fault is not None:
            raise self._without_key(parser.fault)

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Have the server download ``model``; ends after ``success``. A later pull resumes a
        cancelled one. Repeated lines are skipped. There is no idle limit, since a server is
        silent while it verifies files."""
        asked = self._asked(model)
        splitter = NdjsonSplitter()
        inbox = Inbox()
        last: PullProgress | None = None
        body: dict[str, JsonValue] = {"model": model, "stream": True}
        reading = self._read(
            "/api/pull", body, asked, inbox, Watch(lambda: splitter.progress, None)
        )
        async with aclosing(reading) as pieces:
            async for piece in pieces:
                for line in splitter.feed(piece):
                    progress = self._pulled(line, asked)
                    if progress != last:
                        yield progress
                    last = progress
                if last is not None and last.status == _PULLED:
                    inbox.is_complete = True
                    return
        for line in splitter.finish():
            last = self._pulled(line, asked)
            yield last
        if last is None or last.status != _PULLED:
            raise faults.pull_broken(model)

    def _pulled(self, line: bytes, asked: advice.Asked) -> PullProgress:
        try:
            record = json.loads(line)
            if isinstance(record, dict) and record.get("error") is not None:
                raise self._without_key(advice.pull_error(record["error"], asked))
            return replies.read_pull(record)
        except (ValueError, RecursionError):
            raise self._strange(line) from None

    def _asked(self, model: str = "") -> advice.Asked:
        return advice.Asked(self.address, model, self._key is not None, self._installed)

    def _wire_name(self, model: str) -> str:
        return name_at_cloud(model) if self.address.is_cloud else model

    async def _ask(
        self, method: str, path: str, read: Callable[[object], _T], model: str = ""
    ) -> _T:
        """One short request; ``read`` parses the JSON value or raises ValueError."""
        http = await self._connected()
        body = encoded({"model": self._wire_name(model)}) if model else None
        try:
            async with (
                asyncio.timeout(self.timeouts.answer_s),
                responding(http, method, self.address.url + path, body) as response,
            ):
                await self._check(response, self._asked(model))
                content = await read_body(pieces_of(response), _BODY_CAP_BYTES)
        except TimeoutError:
            raise faults.no_answer(self.address, self.timeouts.answer_s) from None
        except httpx.HTTPError as error:
            raise self._without_key(fault_of(error, self.address, had_head=False)) from None
        except TooLong:
            raise faults.not_ollama(self.address, "Its answer is too long.") from None
        try:
            return read(json.loads(content))
        except (ValueError, RecursionError):
            raise self._strange(content) from None

    async def _read(
        self,
        path: str,
        body: Mapping[str, JsonValue],
        asked: advice.Asked,
        inbox: Inbox,
        watch: Watch,
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a streamed answer, after an empty piece when its head has arrived.

        The idle limit counts until ``watch.progress`` changes: bytes alone are not progress.
        """
        reader = asyncio.create_task(self._fill(inbox, path, body, asked))
        try:
            await self._wait_for_head(inbox)
            if not inbox.has_head:
                await reader
            yield b""
            waited_s, mark = 0.0, watch.progress()
            clock = asyncio.get_running_loop().time
            while True:
                started = clock()
                limit_s = watch.limit_s
                try:
                    async with asyncio.timeout(None if limit_s is None else limit_s - waited_s):
                        piece = await inbox.take()
                except TimeoutError:
                    raise faults.stalled(limit_s or 0.0) from None
                if not piece:
                    break
                yield piece
                waited_s += clock() - started
                if watch.progress() != mark:
                    waited_s, mark = 0.0, watch.progress()
            await reader
        finally:
            await stop(reader, _LAST_BYTES_S if inbox.is_complete else 0)

    async def _wait_for_head(self, inbox: Inbox) -> None:
        """Wait as long as the model loads, provided the server answers other requests meanwhile."""
        limit_s = self.timeouts.first_byte_s
        while True:
            try:
                async with asyncio.timeout(limit_s):
                    return await inbox.wait_for_head()
            except TimeoutError:
                if not await self._is_alive():
                    raise faults.no_answer(self.address, limit_s) from None

    async def _is_alive(self) -> bool:
        try:
            await self.version()
        except ServerError as error:
            return error.status is not None
        return True

    async def _fill(
        self, inbox: Inbox, path: str, body: Mapping[str, JsonValue], asked: advice.Asked
    ) -> None:
        """Send the request and read the answer into ``inbox``; raises ServerError."""
        try:
            http = await self._connected()
            url = self.address.url + path
            async with responding(http, "POST", url, encoded(body)) as response:
                await self._check(response, asked)
                inbox.open()
                async for piece in pieces_of(response):
                    await inbox.put(piece)
        except TimeoutError:
            raise faults.no_answer(self.address, self.timeouts.answer_s) from None
        except httpx.HTTPError as error:
            raise self._without_key(
                fault_of(error, self.address, had_head=inbox.has_head)
            ) from None
        finally:
            inbox.close()

    async def _connected(self) -> httpx.AsyncClient:
        async with self._http_lock:
            if self._http is None:
                made = partial(
                    http_for, self.address, self._key, self.timeouts, self._refuse_redirect
                )
                is_slow = self.address.is_encrypted  # It reads the certificates of the system.
                self._http = await asyncio.to_thread(made) if is_slow else made()
            return self._http

    async def _refuse_redirect(self, response: httpx.Response) -> None:
        if 300 <= (status := response.status_code) < 400:
            target = response.headers.get("location", "")
            raise self._without_key(faults.redirected(self.address, status, target))

    async def _check(self, response: httpx.Response, asked: advice.Asked) -> None:
        """Raise the error for a response that is not a successful answer."""
        status = response.status_code
        if status >= 400:
            async with asyncio.timeout(self.timeouts.answer_s):
                content = await read_body(pieces_of(response), _ERROR_CAP_BYTES, cuts=True)
            retry_after = response.headers.get("retry-after", "")
            if status == 404 and asked.model and not asked.installed:
                asked = await self._with_names(asked)
            raise self._without_key(advice.refusal(status, content, asked, retry_after=retry_after))
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            why = "It answered with a web page (HTML), such as a login page."
            raise faults.not_ollama(self.address, why, status)

    async def _with_names(self, asked: advice.Asked) -> advice.Asked:
        """``asked`` with the installed models, so that the advice can name one."""
        with suppress(ServerError):
            await self.tags()
        return replace(asked, installed=self._installed)

    def _strange(self, content: bytes) -> ServerError:
        excerpt = " ".join(content[:200].decode("utf-8", "replace").split())
        why = f"It answered with something unexpected: {excerpt or 'nothing'}"
        return self._without_key(faults.not_ollama(self.address, why))

    def _without_key(self, error: ServerError) -> ServerError:
        """``error`` with the key masked in all its texts, since a server can echo requests."""
        if self._key is not None:
            error.what, error.why, error.advice = (
                without_secret(text, self._key) for text in (error.what, error.why, error.advice)
            )
            error.args = (error.what,)
        return error
