"""What is sent again by itself, how often and when; what never is; and what the user can do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import repeat

import pytest

from tests.fakes.ollama_server import FakeOllama, Reply, reply
from tests.unit.agent.conftest import Bench, MakeBench
from tests.unit.agent.turns import ALLOW_ALL, WRITE, assert_laws, wire_messages
from vtcode_tui.agent.retries import waits_after
from vtcode_tui.conversation.events import Event, RetryScheduled, TurnEnd, TurnFinished, TurnStarted
from vtcode_tui.conversation.messages import UserMessage
from vtcode_tui.errors import ServerError
from vtcode_tui.ollama import advice, faults
from vtcode_tui.ollama.address import parse_address

HERE = parse_address("http://127.0.0.1:11434")
ASKED = advice.Asked(HERE, "qwen3:1.7b")
BUSY = "server busy, please try again.  maximum pending requests exceeded"


@dataclass
class Waits:
    """Stands for time that passes at once."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def refusal(status: int, text: str = "no", retry_after: str = "") -> ServerError:
    body = b'{"error": "%s"}' % text.encode()
    return advice.refusal(status, body, ASKED, retry_after=retry_after)


# One row for each row of the policy: what failed, and the waits before further tries, far and near.
POLICY: list[tuple[ServerError, tuple[float, ...], tuple[float, ...]]] = [
    *(
        (faults.unreachable(HERE, reason), (0.5, 1.0, 2.0), (0.5,))
        for reason in (
            faults.Unreachable.REFUSED,
            faults.Unreachable.UNKNOWN_HOST,
            faults.Unreachable.CONNECT_TIMEOUT,
        )
    ),
    *((refusal(status), (1.0, 2.0, 4.0, 8.0), (1.0, 2.0, 4.0, 8.0)) for status in (502, 503, 504)),
    (refusal(503, BUSY), (1.0, 2.0, 4.0, 8.0), (1.0, 2.0, 4.0, 8.0)),
    (refusal(429, retry_after="7"), (7.0, 7.0), (7.0, 7.0)),
    (refusal(429, retry_after="60"), (60.0, 60.0), (60.0, 60.0)),
    (refusal(429, retry_after="61"), (), ()),
    (refusal(429), (), ()),
    *((refusal(status), (), ()) for status in (400, 401, 403, 404, 405, 413, 500)),
    (faults.unreachable(HERE, faults.Unreachable.CERTIFICATE), (), ()),
    (faults.no_answer(HERE, 600), (), ()),
    (faults.stalled(120), (), ()),
    (faults.cut_off(HERE, "", had_head=False), (), ()),
    (faults.cut_off(HERE, "", had_head=True), (), ()),
]


@pytest.mark.parametrize(("error", "far", "near"), POLICY, ids=lambda each: str(each)[:40])
def test_the_policy(error: ServerError, far: tuple[float, ...], near: tuple[float, ...]) -> None:
    assert waits_after(error, is_loopback=False) == far
    assert waits_after(error, is_loopback=True) == near


async def patient(make_bench: MakeBench, settings: str = "") -> tuple[Bench, Waits]:
    bench, waits = await make_bench(settings), Waits()
    bench.agent.exchange.pause = waits
    return bench, waits


def tries(events: list[Event]) -> list[RetryScheduled]:
    return [event for event in events if isinstance(event, RetryScheduled)]


def busy(status: int = 503, **fields: object) -> Reply:
    return reply(status=status, error=BUSY, **fields)  # type: ignore[arg-type]


@pytest.mark.anyio
@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_busy_server_is_asked_again_with_exactly_the_same_bytes(
    make_bench: MakeBench, status: int
) -> None:
    bench, waits = await patient(make_bench)
    bench.server.script(*repeat(busy(status), 4), reply("At last."))
    events = await bench.turn()
    assert assert_laws(bench, events).end is TurnEnd.DONE
    assert [each.attempt for each in tries(events)] == [1, 2, 3, 4]
    assert waits.seconds == [each.delay_s for each in tries(events)]
    for waited, least in zip(waits.seconds, (1, 2, 4, 8), strict=True):
        assert least <= waited <= least * 1.25
    assert len({request.raw_body for request in bench.server.chats}) == 1
    assert len({tuple(sorted(request.headers)) for request in bench.server.chats}) == 1
    assert [m["role"] for m in wire_messages(bench, -1)] == ["system", "user"]


@pytest.mark.anyio
async def test_after_the_last_try_the_server_is_left_alone(make_bench: MakeBench) -> None:
    bench, waits = await patient(make_bench)
    bench.server.script(*repeat(busy(), 9))
    last = assert_laws(bench, await bench.turn())
    assert last.end is TurnEnd.FAILED
    assert len(bench.server.chats) == 5
    assert len(waits.seconds) == 4


@pytest.mark.anyio
async def test_a_limit_is_waited_for_as_long_as_the_server_says(make_bench: MakeBench) -> None:
    bench, waits = await patient(make_bench)
    limited = busy(429, headers={"Retry-After": "30"})
    bench.server.script(limited, limited, limited, reply("never"))
    last = assert_laws(bench, await bench.turn())
    assert last.end is TurnEnd.FAILED
    assert len(bench.server.chats) == 3
    assert all(30 <= waited <= 37.5 for waited in waits.seconds)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 429, 500])
async def test_a_refusal_is_final(make_bench: MakeBench, status: int) -> None:
    bench, waits = await patient(make_bench)
    bench.server.script(reply(status=status, error="no"), reply("never"))
    last = assert_laws(bench, await bench.turn())
    assert last.end is TurnEnd.FAILED
    assert len(bench.server.chats) == 1
    assert waits.seconds == []


@pytest.mark.anyio
async def test_a_server_on_this_machine_that_is_not_there_is_tried_once_more(
    make_bench: MakeBench,
) -> None:
    bench, waits = await patient(make_bench)
    bench.server.stop()
    events = await bench.turn("kept")
    assert assert_laws(bench, events).end is TurnEnd.FAILED
    assert len(waits.seconds) == 1
    bench.server.start()


@pytest.mark.anyio
async def test_a_server_that_comes_back_in_the_wait_answers(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.stop()

    async def start(_: float) -> None:
        bench.server.start()

    bench.agent.exchange.pause = start
    bench.server.script(reply("back"))
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.DONE


@pytest.mark.anyio
@pytest.mark.parametrize(
    "broken",
    [
        reply("one two three", cut_after=1),
        reply(thinking="hm hm", cut_after=1),
        reply("one two three", error=BUSY),
    ],
)
async def test_an_answer_that_broke_off_is_kept_and_not_asked_for_again(
    make_bench: MakeBench, broken: Reply
) -> None:
    bench, waits = await patient(make_bench)
    bench.server.script(broken, reply("never"))
    last = assert_laws(bench, await bench.turn())
    assert last.end is TurnEnd.FAILED
    assert len(bench.server.chats) == 1
    assert waits.seconds == []
    assert len(bench.agent.history.messages) == 2


@pytest.mark.anyio
async def test_after_an_effect_nothing_is_sent_again_without_the_user(
    make_bench: MakeBench,
) -> None:
    bench, waits = await patient(make_bench, ALLOW_ALL)
    bench.server.script(reply(calls=[WRITE]), busy(), reply("Written."))
    last = assert_laws(bench, await bench.turn("write it"))
    assert last.end is TurnEnd.FAILED
    assert waits.seconds == []
    (bench.workspace / "new.txt").unlink()
    last = assert_laws(bench, await retry(bench))
    assert last.end is TurnEnd.DONE
    assert not (bench.workspace / "new.txt").exists(), "the call ran again"
    assert [m["role"] for m in wire_messages(bench, -1)] == ["system", "user", "assistant", "tool"]


@pytest.mark.anyio
async def test_an_effect_of_an_earlier_turn_does_not_forbid_a_retry(make_bench: MakeBench) -> None:
    bench, waits = await patient(make_bench, ALLOW_ALL)
    bench.server.script(reply(calls=[WRITE]), reply("Written."), busy(), reply("At last."))
    assert assert_laws(bench, await bench.turn("write it")).end is TurnEnd.DONE
    assert assert_laws(bench, await bench.turn("and now?")).end is TurnEnd.DONE
    assert len(waits.seconds) == 1


@pytest.mark.anyio
async def test_there_is_nothing_to_retry_while_a_turn_runs(make_bench: MakeBench) -> None:
    bench = await make_bench()
    async for event in bench.agent.run_turn("go"):
        if not isinstance(event, TurnFinished):
            assert bench.agent.retryable_prompt is None


@pytest.mark.anyio
async def test_after_a_look_a_busy_server_is_asked_again(make_bench: MakeBench) -> None:
    bench, waits = await patient(make_bench)
    (bench.workspace / "a.txt").write_text("a")
    bench.server.script(reply(calls=[("read_file", {"path": "a.txt"})]), busy(), reply("Seen."))
    assert assert_laws(bench, await bench.turn()).end is TurnEnd.DONE
    assert len(waits.seconds) == 1


@pytest.mark.anyio
async def test_the_wait_is_ended_by_an_interrupt(make_bench: MakeBench) -> None:
    bench = await make_bench()
    bench.server.script(busy(429, headers={"Retry-After": "60"}), reply("never"))
    events = await asyncio.wait_for(bench.turn_until("go", RetryScheduled), 20)
    assert assert_laws(bench, events).end is TurnEnd.CANCELLED
    assert len(bench.server.chats) == 1


async def retry(bench: Bench) -> list[Event]:
    prompt = bench.agent.retryable_prompt
    assert prompt is not None
    return [event async for event in bench.agent.run_turn(prompt, is_retry=True)]


@pytest.mark.anyio
async def test_the_user_tries_again_what_a_restart_of_the_server_broke(
    make_bench: MakeBench,
) -> None:
    bench = await make_bench()
    bench.server.script(reply("one two three", cut_after=2))
    assert assert_laws(bench, await bench.turn("count")).end is TurnEnd.FAILED
    bench.server.stop()
    bench.server.start()
    bench.server.script(reply("one two three"))
    events = await retry(bench)
    assert events[0] == TurnStarted(1, "count", (), is_retry=True)
    assert assert_laws(bench, events).end is TurnEnd.DONE
    first, second = (request.raw_body for request in bench.server.chats)
    assert first == second
    prompts = [m for m in bench.agent.history.messages if isinstance(m, UserMessage)]
    assert prompts == [UserMessage("count")]
    assert bench.agent.history.messages[-1].content == "one two three"
    assert bench.agent.retryable_prompt is None


@pytest.mark.anyio
async def test_there_is_nothing_to_try_again_after_an_answer(
    make_bench: MakeBench, server: FakeOllama
) -> None:
    bench = await make_bench()
    assert bench.agent.retryable_prompt is None
    server.script(reply("Fine."))
    await bench.turn()
    assert bench.agent.retryable_prompt is None
