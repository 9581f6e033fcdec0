"""Campaigns and their contacts on the disk: what is imported, claimed and settled, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, and_, exists, insert, not_, select, update

from history import new_id
from telephony.outbound.campaign import MAY_BECOME, Campaign, CampaignError, Due, Plan, Status
from telephony.outbound.contact_list import ContactList
from telephony.outbound.database import OutboundDatabase
from telephony.outbound.outcomes import REACHED
from telephony.outbound.permission import FOR_GOOD, RegisterCheck, refusal
from telephony.outbound.reports import Reports
from telephony.outbound.tables import attempt, bad_row, campaign, contact, opt_out, register_check

MOST_LOOKED_AT = 200
"""Contacts of one campaign that are looked at in a round."""
HELD_FOR = timedelta(hours=1)
"""Until a contact who must not be called now is looked at again."""


class Campaigns:
    """now: always handed in, with time zone. Raises CampaignError, and HistoryUnavailable for the file."""

    def __init__(self, database: OutboundDatabase) -> None:
        self._database = database
        self.reports = Reports(database)

    # ------------------------------------------------------------------------------------------------- making, changing

    async def create(self, name: str, plan: Plan, listed: ContactList, now: datetime) -> Campaign:
        """A new campaign with these contacts, ready to be started; bad lines are kept with it."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= 80 or not name.isprintable():
            raise CampaignError(f"a campaign's name has 1 to 80 printable characters, {name[:80]!r} has not")
        made = Campaign(new_id(), name, plan, "ready", now)
        async with self._database.transaction() as connection:
            if (await connection.execute(select(campaign.c.id).where(campaign.c.name == name))).first():
                raise CampaignError(f"there is a campaign {name!r} already: choose another name")
            row = {"id": made.id, "name": name, "status": "ready", "plan": plan.to_json(), "created_at": now}
            await connection.execute(insert(campaign).values({**row, "columns": list(listed.columns)}))
            if contacts := [_row_of(made.id, one, now) for one in listed.contacts]:
                await connection.execute(insert(contact), contacts)
            if listed.bad:
                bad = [
                    {"campaign_id": made.id, "row": one.line, "why": one.why, "fields": list(one.fields)}
                    for one in listed.bad
                ]
                await connection.execute(insert(bad_row), bad)
        return made

    async def change(self, name: str, status: Status) -> Campaign:
        """Start, pause or stop it. A campaign that is so already stays so."""
        found = await self.get(name)
        if found.status == status:
            return found
        if status not in MAY_BECOME[found.status]:
            raise CampaignError(f"campaign {found.name!r} is {found.status} and cannot become {status}")
        async with self._database.transaction() as connection:
            where = and_(campaign.c.id == found.id, campaign.c.status == found.status)
            changed = await connection.execute(update(campaign).where(where).values(status=status))
        if changed.rowcount == 0:  # somebody else was faster: what holds now decides
            return await self.change(name, status)
        return await self.get(name)

    # -------------------------------------------------------------------------------------------------------- reading

    async def all(self) -> list[Campaign]:
        """The newest first."""
        return [_campaign(row) for row in await self._rows(select(campaign).order_by(campaign.c.created_at.desc()))]

    async def get(self, name: str) -> Campaign:
        """By its name or id."""
        where = (campaign.c.name == name) | (campaign.c.id == name)
        found = await self._rows(select(campaign).where(where))
        if not found:
            known = ", ".join(repr(one.name) for one in (await self.all())[:20]) or "none"
            raise CampaignError(f"no campaign {name[:80]!r}; there are: {known}")
        return _campaign(found[0])

    # -------------------------------------------------------------------------------------------------------- calling

    async def due(self, one: Campaign, now: datetime) -> list[Due]:
        """Those who may be called now, the longest due first. Whoever must not be is set aside, with the reason."""
        joined = contact.outerjoin(opt_out, opt_out.c.number == contact.c.number)
        joined = joined.outerjoin(register_check, register_check.c.number == contact.c.number)
        query = (
            select(contact, opt_out.c.number.label("opted"), register_check.c.listed, register_check.c.checked_at)
            .select_from(joined)
            .where(contact.c.campaign_id == one.id, contact.c.status == "waiting", contact.c.due_at <= now)
            .order_by(contact.c.due_at, contact.c.row)
            .limit(MOST_LOOKED_AT)
        )
        found = []
        for row in await self._rows(query):
            check = None if row["checked_at"] is None else RegisterCheck(bool(row["listed"]), row["checked_at"])
            opted_out = row["opted"] is not None
            why = refusal(one.plan.purpose, opted_out=opted_out, consent=row["consent"], check=check, now=now)
            if why:
                await self._set_aside(row["id"], why, now)
            else:
                found.append(Due(row["id"], one, row["number"], row["consent"], row["slots"], row["tried"]))
        return found

    async def claim(self, contact_id: str, call_id: str, until: datetime) -> bool:
        """Whether the contact is ours to call: it waits still, its campaign runs, nobody who has its number opted out
        in the meantime or is being called."""
        same = contact.alias()
        number = select(contact.c.number).where(contact.c.id == contact_id).scalar_subquery()
        mine = (
            update(contact)
            .where(
                contact.c.id == contact_id,
                contact.c.status == "waiting",
                exists().where(campaign.c.id == contact.c.campaign_id, campaign.c.status == "running"),
                not_(exists().where(opt_out.c.number == contact.c.number)),
                not_(exists(select(same.c.id).where(same.c.number == number, same.c.status == "calling"))),
            )
            .values(status="calling", interaction_id=call_id, claimed_until=until, held="")
        )
        async with self._database.transaction() as connection:
            return (await connection.execute(mine)).rowcount == 1

    async def renamed(self, claim: str, call_id: str) -> None:
        """The call that was claimed under a provisional id has begun in the history."""
        async with self._database.transaction() as connection:
            where = contact.c.interaction_id == claim
            await connection.execute(update(contact).where(where).values(interaction_id=call_id))

    async def release(self, call_id: str, due_at: datetime) -> None:
        """It was claimed and nothing came of it: as if it had not been."""
        where = and_(contact.c.interaction_id == call_id, contact.c.status == "calling")
        values = {"status": "waiting", "interaction_id": "", "claimed_until": None, "due_at": due_at}
        async with self._database.transaction() as connection:
            await connection.execute(update(contact).where(where).values(values))

    async def extend(self, call_id: str, until: datetime) -> None:
        """The call goes on."""
        where = and_(contact.c.interaction_id == call_id, contact.c.status == "calling")
        async with self._database.transaction() as connection:
            await connection.execute(update(contact).where(where).values(claimed_until=until))

    async def settle(self, call_id: str, outcome: str, next_try: datetime | None, now: datetime) -> None:
        """The try under this call id ended so. A second time for the same call changes nothing."""
        where = and_(contact.c.interaction_id == call_id, contact.c.status == "calling")
        status = "done" if outcome in REACHED else "waiting" if next_try else "given_up"
        async with self._database.transaction() as connection:
            found = (await connection.execute(select(contact.c.id, contact.c.campaign_id).where(where))).first()
            if found is None:
                return
            row = {"interaction_id": call_id, "contact_id": found[0], "campaign_id": found[1]}
            await connection.execute(insert(attempt).values({**row, "outcome": outcome, "ended_at": now}))
            values = {"status": status, "outcome": outcome, "claimed_until": None, "due_at": next_try or now}
            await connection.execute(update(contact).where(where).values(**values, tried=contact.c.tried + 1))

    async def claimed(self, call_id: str) -> Due | None:
        """The contact whom this call is to; None when it is settled."""
        where = (contact.c.interaction_id == call_id, contact.c.status == "calling")
        for row in await self._rows(select(contact).where(*where)):
            one = await self.get(row["campaign_id"])
            return Due(row["id"], one, row["number"], row["consent"], row["slots"], row["tried"])
        return None

    async def abandoned(self, now: datetime, everything: bool = False) -> list[str]:
        """Call ids of claims that have run out; everything: of all, for a server that has just started."""
        where = [contact.c.status == "calling"]
        if not everything:
            where.append(contact.c.claimed_until < now)
        return [row["interaction_id"] for row in await self._rows(select(contact.c.interaction_id).where(*where))]

    async def finish(self, one: Campaign, over: bool) -> bool:
        """Whether it is finished now: nobody waits or is being called; over: its last day has passed."""
        left = ("calling",) if over else ("waiting", "calling")
        waits = exists().where(contact.c.campaign_id == campaign.c.id, contact.c.status.in_(left))
        where = and_(campaign.c.id == one.id, campaign.c.status == "running", not_(waits))
        async with self._database.transaction() as connection:
            return (await connection.execute(update(campaign).where(where).values(status="finished"))).rowcount == 1

    async def _set_aside(self, contact_id: str, why: str, now: datetime) -> None:
        values: dict[str, Any] = {"held": why, "due_at": now + HELD_FOR}
        if why in FOR_GOOD:
            values = {"held": why, "status": "refused", "outcome": why}
        where = and_(contact.c.id == contact_id, contact.c.status == "waiting")
        async with self._database.transaction() as connection:
            await connection.execute(update(contact).where(where).values(values))

    async def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        async with self._database.transaction() as connection:
            rows: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
        return rows


def _row_of(campaign_id: str, one: Any, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "campaign_id": campaign_id,
        "row": one.line,
        "number": one.number,
        "name": one.name,
        "consent": one.consent,
        "slots": dict(one.slots),
        "status": "waiting",
        "held": "",
        "outcome": "",
        "tried": 0,
        "due_at": now,
        "interaction_id": "",
        "claimed_until": None,
    }


def _campaign(row: RowMapping) -> Campaign:
    return Campaign(row["id"], row["name"], Plan.from_json(row["plan"]), row["status"], row["created_at"])
