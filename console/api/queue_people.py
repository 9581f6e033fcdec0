"""How many operators answer which queue: whoever gives a queue another name sees whom that leaves behind."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from console.accounts import Accounts
from console.sessions import Session

# Dependencies are closures here, so annotations must not be postponed: FastAPI could not look their names up.


class QueuePeopleView(BaseModel):
    """all_queues: operators who answer every queue. by_queue: those who answer some, by the queue's name, which their
    accounts hold: whatever flowbook it belongs to."""

    all_queues: int
    by_queue: dict[str, int]


def queue_people(accounts: Accounts, flow_admin: Callable[[Request], Awaitable[Session]]) -> APIRouter:
    """Counts alone: who they are is for sysadmins. flow_admin: the session of who may edit flowbooks."""
    router = APIRouter(prefix="/api/queue-people", tags=["flowbooks"])
    writer = Annotated[Session, Depends(flow_admin)]

    @router.get("")
    async def counted(session: writer) -> QueuePeopleView:
        """Accounts that may sign in as operators; phones of the settings' list are not among them."""
        people = [one for one in await accounts.list_accounts() if not one.disabled and one.has("operator")]
        of_some = Counter(queue for one in people for queue in one.queues)
        return QueuePeopleView(all_queues=sum(not one.queues for one in people), by_queue=dict(of_some))

    return router
