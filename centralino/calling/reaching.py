"""Where a server is reached that phone systems know by another address."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def reachable(url: str, public_url: str, server_url: str) -> str:
    """The URL to use for a public one: the same, but on `server_url` where it leads to the server."""
    public, server, parts = urlsplit(public_url), urlsplit(server_url), urlsplit(url)
    if public_url == server_url or parts.netloc != public.netloc:
        return url
    scheme = server.scheme if parts.scheme.startswith("http") else server.scheme.replace("http", "ws")
    return urlunsplit(parts._replace(scheme=scheme, netloc=server.netloc))
