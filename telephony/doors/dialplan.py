"""What a dialplan asks over HTTP, with CURL(): plain words, and a name and a password."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from telephony.doors.credentials import is_basic
from telephony.doors.forms import form_of
from telephony.doors.house import House


async def fields(house: House, request: Request, door: str, username: str, password: str) -> dict[str, str] | Response:
    """The fields of the form that was sent; an answer that turns away who did not prove to be the dialplan."""
    if not is_basic(request.headers, username, password):
        house.count_refused(door, "wrong username or password in the dialplan's CURLOPT(userpwd)", "password")
        return PlainTextResponse("wrong username or password", 401, {"WWW-Authenticate": "Basic"})
    form = await form_of(request)
    return dict(form.fields) if form else PlainTextResponse("no form that can be read", 400)


async def after(house: House, request: Request, door: str, username: str, password: str) -> Response:
    """'done' when the call `ref` came to its own end; 'failed' when its caller still needs somebody."""
    sent = await fields(house, request, door, username, password)
    if isinstance(sent, Response):
        return sent
    return PlainTextResponse("done" if house.reception.ended_properly(sent.get("ref", "")) else "failed")
