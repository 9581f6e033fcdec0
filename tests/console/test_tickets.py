from __future__ import annotations

from typing import Any

from console.tickets import Tickets


def test_a_ticket_opens_one_socket_once(clock: Any) -> None:
    tickets = Tickets(now=clock)
    ticket = tickets.issue("operator", {"id": "acc_1", "queues": ["ordini"]})
    assert tickets.redeem(ticket, "operator") == {"id": "acc_1", "queues": ["ordini"]}
    assert tickets.redeem(ticket, "operator") is None


def test_a_ticket_of_another_kind_is_spent(clock: Any) -> None:
    tickets = Tickets(now=clock)
    ticket = tickets.issue("browser", {"line": "it"})
    assert tickets.redeem(ticket, "operator") is None
    assert tickets.redeem(ticket, "browser") is None


def test_a_ticket_expires(clock: Any) -> None:
    tickets = Tickets(now=clock, lifetime_s=60)
    early, late = tickets.issue("browser", {}), tickets.issue("browser", {})
    clock.pass_by(59.9)
    assert tickets.redeem(early, "browser") == {}
    clock.pass_by(0.1)
    assert tickets.redeem(late, "browser") is None


def test_a_flood_of_requests_drops_the_oldest(clock: Any) -> None:
    tickets = Tickets(now=clock, at_most=3)
    issued = [tickets.issue("browser", {"n": n}) for n in range(5)]
    assert [tickets.redeem(ticket, "browser") for ticket in issued] == [None, None, {"n": 2}, {"n": 3}, {"n": 4}]
