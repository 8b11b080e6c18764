"""An agent on a fake server, a real workspace and an approver that a test scripts."""

from __future__ import annotations

import datetime
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from tests.fakes.ollama_server import FakeOllama
from vtcode_tui.agent.agent import Agent
from vtcode_tui.agent.workbench import Workbench
from vtcode_tui.config.launch import Launch
from vtcode_tui.config.load import load_config
from vtcode_tui.conversation.approvals import ApprovalDecision, ApprovalRequest, Verdict
from vtcode_tui.conversation.events import Event

MODEL = "qwen3:1.7b"


@dataclass
class ScriptedApprover:
    """Answers with ``decisions`` in turn; ``before_answer`` runs while the question is open."""

    decisions: list[ApprovalDecision] = field(default_factory=list)
    requests: list[ApprovalRequest] = field(default_factory=list)
    before_answer: Callable[[ApprovalRequest], None] = lambda _: None

    async def __call__(self, request: ApprovalRequest) -> ApprovalDecision:
        self.requests.append(request)
        self.before_answer(request)
        return self.decisions.pop(0) if self.decisions else ApprovalDecision(Verdict.DENY)


@dataclass
class Bench:
    server: FakeOllama
    workspace: Path
    approver: ScriptedApprover
    agent: Agent
    workbench: Workbench

    async def turn(self, prompt: str = "go") -> list[Event]:
        async with aclosing(self.agent.run_turn(prompt)) as events:
            return [event async for event in events]

    async def turn_until(self, prompt: str, wanted: type[Event]) -> list[Event]:
        """Run a turn, interrupting it at the first event of a kind; all its events."""
        seen: list[Event] = []
        async with aclosing(self.agent.run_turn(prompt)) as events:
            async for event in events:
                seen.append(event)
                if isinstance(event, wanted):
                    self.agent.interrupt()
        return seen


def make_launch(workspace: Path, url: str, vtcode_toml: str = "") -> Launch:
    """``vtcode_toml`` is the user's own file: one of the project would need the user's trust."""
    user_config_dir = workspace.parent / "config"
    user_config_dir.mkdir(exist_ok=True)
    (user_config_dir / "vtcode.toml").write_text(vtcode_toml)
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(workspace)}
    return Launch(
        loaded=load_config(
            cli={"base_url": url},
            environ=environ,
            workspace=workspace,
            user_config_dir=user_config_dir,
        ),
        workspace=workspace,
        environ=environ,
        cache_dir=workspace.parent / "cache",
        state_dir=workspace.parent / "state",
        platform="Linux",
        use_embedded=False,
        clock=time.monotonic,
        today=lambda: datetime.date(2026, 1, 2),
    )


class MakeBench(Protocol):
    """``await make_bench()`` gives a Bench on a model that has tools and thinks."""

    def __call__(self, vtcode_toml: str = "", model: str = MODEL) -> Awaitable[Bench]: ...


@pytest.fixture
async def make_bench(
    server: FakeOllama, tmp_path: Path, anyio_backend: str
) -> AsyncIterator[MakeBench]:
    benches: list[Workbench] = []

    async def make(vtcode_toml: str = "", model: str = MODEL) -> Bench:
        approver = ScriptedApprover()
        workspace = tmp_path / "project"
        workspace.mkdir(exist_ok=True)
        bench = Workbench(make_launch(workspace, server.url, vtcode_toml), approver)
        benches.append(bench)
        await bench.connect()
        return Bench(server, workspace, approver, await bench.choose(model, bench.effort), bench)

    yield make
    for bench in benches:
        await bench.close()
