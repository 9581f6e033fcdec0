"""People talk in a call: the caller, an operator, guests; every voice carried to all others, the operator's recognised.

The caller's is recognised by the call itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from telephony.carrying import TALK_RATE_HZ, Carrying
from telephony.conference import Conference
from telephony.media import Command
from voice.audio import Resampler
from voice.listening.heard import ListenerEvent
from voice.listening.listener import Listener
from voice.listening.recognizer import Recognizer

CALLER, OPERATOR, SUPERVISOR, BOT = "caller", "operator", "supervisor", "bot"


class Talk:
    """recognizer None: nobody can write down what the operator says; they talk all the same.

    emit: gets the operator's listener events. send: to the caller's far end; to_operator: queues, never blocks; None: a
    guest talks to the caller alone.
    """

    def __init__(
        self,
        recognizer: Recognizer | None,
        caller_rate_hz: int,
        now_ms: Callable[[], int],
        send: Callable[[Command], Awaitable[None]],
        to_operator: Callable[[bytes], None] | None,
        emit: Callable[[ListenerEvent], None],
    ) -> None:
        self._now_ms = now_ms
        self._listener = Listener(recognizer, rate_hz=TALK_RATE_HZ, emit=emit) if recognizer else None
        self._up = Resampler(caller_rate_hz, TALK_RATE_HZ)
        self._carrying = Carrying(send, caller_rate_hz, now_ms)
        self._conference = Conference()
        self._over: Callable[[], Awaitable[None]] | None = None
        self._bot_speaks = False
        self.held = False
        """The operator has put the caller on hold."""
        self._conference.join(CALLER, self._carrying.sound)
        if to_operator:
            self._conference.join(OPERATOR, to_operator)

    @property
    def people(self) -> tuple[str, ...]:
        return self._conference.people

    def caller_sound(self, pcm: bytes) -> None:
        self._conference.said(CALLER, self._up.feed(pcm))

    def operator_sound(self, pcm: bytes) -> None:
        """The operator's microphone, PCM16 at 16 kHz; it rests while the bot speaks."""
        if self._bot_speaks:
            return
        if self._listener:
            self._listener.feed(pcm, self._now_ms())
        self._conference.said(OPERATOR, pcm)

    def guest_sound(self, name: str, pcm: bytes) -> None:
        """A guest's voice, PCM16 at 16 kHz."""
        self._conference.said(name, pcm)

    def bot_sound(self, pcm: bytes) -> bool:
        """The bot's voice, PCM16 at 16 kHz, to everybody; until `bot_done`. False: the caller does not hear it, because
        they are on hold, or who wanted it has left."""
        if self.held or OPERATOR not in self._conference.people:
            return False
        if not self._bot_speaks:
            self._bot_speaks = True
            self._conference.announce(BOT)
        self._conference.said(BOT, pcm)
        return True

    def bot_done(self) -> None:
        self._bot_speaks = False
        self._conference.leave(BOT)

    def join(self, name: str, hears: Callable[[bytes], None]) -> None:
        """A guest comes in. Raises ValueError when nobody else fits."""
        self._conference.join(name, hears)

    def leave(self, name: str) -> None:
        self._conference.leave(name)

    def overhear(self, hears: Callable[[bytes], None], over: Callable[[], Awaitable[None]]) -> None:
        """A supervisor, one at a time, hears everybody, heard by nobody. over: told when the operator leaves, or all is
        over."""
        self._conference.overhear(SUPERVISOR, hears)
        self._over = over

    def supervisor_reaches(self, heard_by: Collection[str] | None) -> None:
        """By whom the supervisor is heard from now on, None for everybody."""
        self._conference.reach(SUPERVISOR, heard_by)

    def supervisor_sound(self, pcm: bytes) -> None:
        """The supervisor's microphone, PCM16 at 16 kHz."""
        self._conference.said(SUPERVISOR, pcm)

    def supervisor_leaves(self) -> None:
        self._over = None
        self._conference.leave(SUPERVISOR)

    async def _overheard_no_more(self) -> None:
        over, self._over = self._over, None
        self._conference.leave(SUPERVISOR)
        if over:
            await over()

    async def operator_leaves(self) -> None:
        """The others go on talking; what the operator was just saying is recognised to its end."""
        self._conference.leave(OPERATOR)
        await self._overheard_no_more()
        await self._hear_to_the_end()

    def hold(self, held: bool) -> None:
        """The caller hears nobody and nobody hears them."""
        self.held = held
        self._conference.mute(CALLER, held)

    def tick(self, at_ms: int) -> None:
        if self._listener:
            self._listener.tick(at_ms)

    async def close(self) -> None:
        """Stop carrying; what the operator was just saying is recognised to its end."""
        self._conference.close()
        self._carrying.close()
        await self._overheard_no_more()
        await self._hear_to_the_end()

    async def _hear_to_the_end(self) -> None:
        listener, self._listener = self._listener, None
        if listener:
            await listener.finish(self._now_ms())
            await listener.close()
