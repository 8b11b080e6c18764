"""The chat screen's commands about models, their window and their server."""

from __future__ import annotations

from vtcode_tui.transcript.clean import clean_line, clean_text
from vtcode_tui.tui import loading
from vtcode_tui.tui.chat_flows import ChatFlows


class ModelCommands(ChatFlows):
    """Declares what it needs of the screen here and in ChatFlows; the screen provides it."""

    def action_pick_model(self) -> None:
        self.in_worker(self.pick_model)

    def action_pick_effort(self) -> None:
        self.in_worker(self.pick_effort)

    async def warm_up(self) -> None:
        """Load what the first answer and the first dialogs need, while the user types."""
        await loading.warm_up(self.app)
        await self.is_there["model"].wait()
        from vtcode_tui.tui.model_choosing import prepare_picker

        prepare_picker(self.app, self.bench)

    async def pick_model(self) -> None:
        async with self.flow_lock:
            await self.choose_model()
        self.in_worker(self.prove_sandbox)

    async def choose_model(self) -> None:
        from vtcode_tui.tui.model_choosing import choose_model

        await choose_model(self.app, self.bench, self.notice, self.keep_typed)
        self.show_status()

    def action_next_model(self) -> None:
        self.in_worker(self._next_model)

    async def _next_model(self) -> None:
        """Switch switch to the next model used in this run, with its effort."""
        async with self.flow_lock:
            agent, used = self.bench.agent, self.bench.used
            names = list(used)
            if agent is None or len(names) < 2:
                self.notice("No other model was used in this run yet: Ctrl+O opens the list.")
                return
            name = names[(names.index(agent.model.name) + 1) % len(names)]
            await self.bench.choose(name, used[name])
        self.show_status()

    async def pick_effort(self) -> None:
        from vtcode_tui.tui.model_choosing import choose_effort

        async with self.flow_lock:
            await choose_effort(self.app, self.bench, self.notice, self.keep_typed)
        self.show_status()

    async def prove_sandbox(self) -> None:
        """Probe the sandbox before the first command needs it, for the status line."""
        agent = self.bench.agent
        if agent is not None and agent.sandbox is not None and agent.sandbox.known_state is None:
            state = await agent.sandbox.state()
            if not state.proved:
                self.notice(f"Commands run in {state.words}.")
            self.show_status()

    def action_pull(self, name: str = "") -> None:
        if name:
            self.in_worker(lambda: self._pull(name))
        else:
            self.action_pick_model()

    async def _pull(self, name: str) -> None:
        from vtcode_tui.tui.model_choosing import use_model
        from vtcode_tui.tui.pulling import pull_model

        pulled = await pull_model(self.app, self.bench, name, self.notice)
        if pulled is None:
            return
        if self.bench.agent is None:
            await use_model(self.app, self.bench, pulled, self.keep_typed)
            self.show_status()
        self.notice(f"{clean_line(pulled, 80)} is on the server now. /model picks it.")

    def action_show_context(self, size: str = "") -> None:
        from vtcode_tui.tui.context_report import context_report

        if size:
            self.between_turns(lambda: self._set_window(size))
        else:
            self.notice(context_report(self.bench))

    async def _set_window(self, size: str) -> None:
        """Set the window to ``size`` as typed; ``auto`` restores the automatic choice."""
        from vtcode_tui.tui.context_report import window_from

        agent = self.bench.agent
        if agent is None:
            self.notice("No model is chosen yet: Ctrl+O opens the list.")
            return
        window = await self.bench.set_window(window_from(size))
        chosen = f"{window.num_ctx:,} tokens" if window.num_ctx else "not sent"
        self.notice(
            f"Context window: {chosen} ({window.reason}). The server loads the model anew for it."
        )

    def action_show_prompt(self) -> None:
        """Show the system prompt and the tools as the current model receives them."""
        from vtcode_tui.tui.prompt_report import prompt_report

        agent = self.bench.agent
        if agent is None:
            self.notice("No model is chosen yet: Ctrl+O opens the list.")
        else:
            self.notice(clean_text(prompt_report(agent)))

    def action_run_doctor(self) -> None:
        self.in_worker(self._run_doctor)

    async def _run_doctor(self) -> None:
        from vtcode_tui.agent.checkup import check_up
        from vtcode_tui.agent.findings import TerminalFacts, report_lines

        self.notice("Checking server, models, settings and this machine…")
        terminal = TerminalFacts(
            self.app.size.width, self.app.size.height, self.app.console.encoding
        )
        agent = self.bench.agent
        model = agent.model.name if agent is not None else None
        findings = await check_up(self.launch, terminal, url=self.bench.url, model=model)
        self.notice(clean_text("\n".join(report_lines(findings))))
