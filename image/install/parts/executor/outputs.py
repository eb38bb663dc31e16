"""How much of the executions' output the service keeps: what they write is in its own memory, and it
must not end for want of that."""

import contextvars
from collections.abc import Awaitable, Callable

# Octets of each output that are kept; the rest is read and forgotten. The package's client takes no
# message above 4 MiB.
MOST_OUTPUT = 8 << 20
# Octets of all outputs together, each counted until its call is answered.
MOST_KEPT = 64 << 20
# What is kept of an output in any case: a result is at its end, and others must not crowd it out.
ALWAYS_KEPT = 1 << 16

_kept = 0


class Share:
    """What one call keeps."""

    def __init__(self) -> None:
        self._octets = 0
        self._is_answered = False

    def take(self, octets: int, before: int) -> int:
        """How many of so many more octets an output keeps that has kept some `before`."""
        global _kept
        if self._is_answered:
            return 0
        room = max(ALWAYS_KEPT - before, min(MOST_OUTPUT - before, MOST_KEPT - _kept))
        taken = max(0, min(octets, room))
        _kept += taken
        self._octets += taken
        return taken

    def release(self, *_) -> None:
        global _kept
        _kept -= self._octets
        self._octets = 0
        self._is_answered = True


# That of the call which an execution is started for.
share: contextvars.ContextVar[Share] = contextvars.ContextVar("share")


def counted(execute: Callable[..., Awaitable]) -> Callable[..., Awaitable]:
    """A call's method, with a share of its own until the client has the answer, or is gone."""

    async def counting(request, context):
        own = Share()
        share.set(own)
        context.add_done_callback(own.release)
        return await execute(request, context)

    return counting
