"""The doors of the web listener: a webhook's path leads to its channel, all else to the chat."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


def doors(web: ASGIApp, webhooks: Mapping[str, ASGIApp]) -> ASGIApp:
    """*web*, with each of *webhooks* at its exact path."""
    if not webhooks:
        return web

    async def open_door(scope: Scope, receive: Receive, send: Send) -> None:
        app = webhooks.get(scope["path"], web) if scope["type"] == "http" else web
        await app(scope, receive, send)

    return open_door
