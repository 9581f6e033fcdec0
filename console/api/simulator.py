"""Trying flowbooks out in the console: their tests, a simulated call, a past call against a draft."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from console.api.flow_answers import told
from console.api.flow_graph import shelved
from console.api.guarded_bodies import body_of, described
from console.api.recordings import may_listen
from console.api.simulator_views import BeginGiven, CompareGiven, InputGiven, OpenGiven, ValueGiven, WhichGiven
from console.auditing import Auditing
from console.flow_shelf import FlowShelf, Shelved
from console.guard import refusal
from console.past_calls import book_of, past_call
from console.rehearsing import Open, Rehearsing, Simulations, TooMany, Tried
from console.sessions import Session
from dialogs.events import Request as Asked
from dialogs.rehearsal import run_tests
from dialogs.rehearsal.comparing import compare
from dialogs.rehearsal.doing import Impossible
from dialogs.rehearsal.recorded_test import in_yaml
from dialogs.rehearsal.simulator import Simulator
from history import Timeline, UnknownInteraction
from history.redaction import redact_text
from knowledge.revision import FLOWBOOK, Document
from knowledge.revision_names import body_named

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.

MOST_QUESTIONS = 20
"""To other systems, of one input."""
Id = Annotated[str, Path(max_length=40)]
Name = Annotated[str, Path(max_length=100)]


def simulator(
    shelf: FlowShelf,
    rehearsing: Rehearsing,
    timeline: Timeline,
    simulations: Simulations,
    flow_admin: Callable[[Request], Awaitable[Session]],
    auditing: Auditing,
) -> APIRouter:
    """flow_admin: the session of who may edit flowbooks; refuses everybody else. A simulated call is its owner's."""
    router = APIRouter(prefix="/api", tags=["simulator"])
    writer = Annotated[Session, Depends(flow_admin)]
    one_at_a_time = asyncio.Semaphore(1)  # tests and comparisons take a core for a while, which calls need, too

    async def book(flowbook: Name, session: writer) -> Shelved:
        return await shelved(shelf, flowbook)

    async def mine(simulation: Id, session: writer) -> Open:
        found = simulations.get(simulation, session.account.name)
        if found is None:
            raise refusal(404, "no_such_simulation", "this simulated call is over; open another one")
        return found

    named = Annotated[Shelved, Depends(book)]
    opened = Annotated[Open, Depends(mine)]

    async def tried(one: Shelved, which: WhichGiven) -> Tried:
        text = which.text
        if text is None:
            document = Document(FLOWBOOK, one.id)
            text = (await asyncio.to_thread(body_named, shelf.revisions, document, which.state)).decode()
        return await rehearsing.tried(one.id, text)

    @router.post("/flowbooks/{flowbook}/tests", openapi_extra=described(WhichGiven))
    async def tests(
        one: named, given: Annotated[WhichGiven, Depends(body_of(WhichGiven, flow_admin))]
    ) -> dict[str, Any]:
        """Carries out the flowbook's own tests: which passed, why others did not, what none came by."""
        async with told(shelf.unusable), one_at_a_time:
            found = await tried(one, given)
            report = await asyncio.to_thread(run_tests, found.book, found.finds)
        return report.to_json()

    @router.post("/flowbooks/{flowbook}/comparisons", openapi_extra=described(CompareGiven))
    async def comparison(
        one: named,
        session: writer,
        request: Request,
        given: Annotated[CompareGiven, Depends(body_of(CompareGiven, flow_admin))],
    ) -> dict[str, Any]:
        """Plays a past call against the flowbook: turn by turn what would differ."""
        async with told(shelf.unusable), one_at_a_time:
            found = await tried(one, given)
            try:
                call = await past_call(timeline, given.call)
                original = may_listen(session, await timeline.get(given.call))
            except UnknownInteraction:
                raise refusal(404, "no_such_call", "the history has no call with this id") from None
            past = await asyncio.to_thread(book_of, call, shelf.revisions, found.book)
            compared = await asyncio.to_thread(compare, found.book, found.finds, call.log, call.language, past)
        await auditing.write(session, request, "call.compared", "interaction", call.id, original=original)
        found_so = compared.to_json() if original else await asyncio.to_thread(_redacted, compared.to_json())
        return {"call": call.id, "flowbook": call.flowbook, "revision": call.revision, **found_so}

    @router.post("/flowbooks/{flowbook}/simulations", openapi_extra=described(OpenGiven))
    async def begins(
        one: named, session: writer, given: Annotated[OpenGiven, Depends(body_of(OpenGiven, flow_admin))]
    ) -> JSONResponse:
        """A simulated call begins: its id, what the bot does first, where the call stands."""
        async with told(shelf.unusable), one_at_a_time:
            found = await tried(one, given)
        opening = given.opening.model_copy(update={"at": given.opening.at or _this_minute()})
        async with _possible():
            call = await asyncio.to_thread(Simulator, found.book, found.finds, opening)
            made = simulations.add(session.account.name, call, given.real)
        reply = await went_on(made, call.begin)
        return JSONResponse({"id": made.id, "flowbook": one.id, "revision": found.book.revision, **reply}, 201)

    @router.get("/simulations/{simulation}")
    async def state(one: opened) -> dict[str, Any]:
        """Where the call stands."""
        return {"id": one.id, "exchanges": [], "state": one.simulator.state()}

    @router.delete("/simulations/{simulation}", status_code=204)
    async def ends(one: opened) -> None:
        simulations.end(one.id)

    @router.post("/simulations/{simulation}/inputs")
    async def takes(one: opened, given: InputGiven) -> dict[str, Any]:
        """What the caller does, or what else happens."""
        return await went_on(one, lambda: one.simulator.take(given.turn, finds=given.finds))

    @router.post("/simulations/{simulation}/answer")
    async def answers(one: opened, given: ValueGiven) -> dict[str, Any]:
        """The other system that is being asked answers."""
        return await went_on(one, lambda: one.simulator.answer(given.value))

    @router.put("/simulations/{simulation}/mocks/{step}", status_code=204)
    async def mocks(one: opened, step: Name, given: ValueGiven) -> None:
        """That step's system answers so from now on."""
        async with _possible(), one.busy:
            one.simulator.mock(step, given.value)

    @router.post("/simulations/{simulation}/back")
    async def goes_back(one: opened) -> dict[str, Any]:
        """Before the last input."""
        return await went_on(one, one.simulator.back)

    @router.post("/simulations/{simulation}/begin")
    async def begins_anew(one: opened, given: BeginGiven) -> dict[str, Any]:
        """The call anew, perhaps at another time."""
        return await went_on(one, lambda: one.simulator.begin(given.at))

    @router.get("/simulations/{simulation}/test")
    async def as_test(one: opened, name: str = "a simulated call") -> dict[str, Any]:
        """The call so far as a test: as JSON, and as it is written into the flowbook."""
        async with _possible(), one.busy:
            test = one.simulator.as_test(name[:200] or "a simulated call")
        return {"test": test, "yaml": in_yaml(test)}

    async def went_on(one: Open, does: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Carries it out in a thread; where that is wished, other systems are really asked."""
        async with _possible(), one.busy:
            reply = await asyncio.to_thread(does)
            exchanges = list(reply["exchanges"])
            for _ in range(MOST_QUESTIONS):
                asked = one.simulator.asks
                if not (one.real and isinstance(asked, Asked)):
                    break
                now = one.simulator.call.now
                answer = await rehearsing.ask(asked, now.at_ms, dict(now.state.slots))
                reply = await asyncio.to_thread(one.simulator.responds, answer)
                exchanges += reply["exchanges"]
        return {"id": one.id, "exchanges": exchanges, "state": reply["state"]}

    return router


def _this_minute() -> datetime:
    """As a test would write it, which knows no seconds."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


@asynccontextmanager
async def _possible() -> AsyncIterator[None]:
    """What cannot be done now is 409 `impossible`; one simulated call too many 429 `too_many`."""
    try:
        yield
    except Impossible as error:
        raise refusal(409, "impossible", str(error)) from None
    except TooMany as error:
        raise refusal(429, "too_many", str(error), retry_after_s=60) from None


def _redacted(compared: dict[str, Any]) -> dict[str, Any]:
    """Without the personal data that was said in the call, for who may not listen to it."""
    for turn in compared["turns"]:
        turn["caller"] = redact_text(turn["caller"])
        for side in (turn["then"], turn["now"]):
            side["texts"] = [redact_text(text) for text in side["texts"]]
            side["messages"] = [redact_text(text) for text in side["messages"]]
    return compared
