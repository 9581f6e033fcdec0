"""A campaign is made from a list: the flow and the line exist, and the list has what the flow says."""

from __future__ import annotations

from datetime import datetime

from telephony.lines import Lines, UnknownLine
from telephony.outbound.campaign import Campaign, CampaignError, Plan
from telephony.outbound.campaigns import Campaigns
from telephony.outbound.contact_list import BadList, ContactList, read_contacts

MOST_BYTES = 20 * 1024 * 1024


def text_of(content: bytes) -> str:
    """A list as spreadsheets save it: UTF-8, or what older ones write. Raises BadList."""
    if len(content) > MOST_BYTES:
        raise BadList(f"over {MOST_BYTES // 1024 // 1024} MB: split the file into several campaigns")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadList("the file is neither UTF-8 nor Windows-1252: save it as CSV UTF-8")


async def import_list(
    campaigns: Campaigns, lines: Lines, name: str, plan: Plan, text: str, country: str, now: datetime
) -> tuple[Campaign, ContactList]:
    """The new campaign, ready to be started, and what was read. Raises CampaignError and BadList."""
    try:
        line = lines.get(plan.line)
    except UnknownLine as error:
        raise CampaignError(str(error)) from None
    callable_flows = {flow: known for flow, known in line.book.outgoing.items() if not known.callbacks}
    if plan.flow not in callable_flows:
        there_are = ", ".join(callable_flows) or "none: add one under `outgoing`"
        raise CampaignError(f"no flow {plan.flow!r} can begin a call on line {line.id!r}; there are: {there_are}")
    flow = callable_flows[plan.flow]
    if plan.on_machine == "leave_message" and not flow.message:
        raise CampaignError(f"flow {plan.flow!r} has no message for machines: add outgoing.{plan.flow}.message")
    if not line.number:
        raise CampaignError(f"line {line.id!r} has no number that could be shown to who is called, and called back")
    listed = read_contacts(text, flow.slots, plan.purpose, country)
    if not listed.contacts:
        first = f"; line {listed.bad[0].line}: {listed.bad[0].why}" if listed.bad else ""
        raise CampaignError(f"nobody in the list can be called{first}")
    return await campaigns.create(name, plan, listed, now), listed
