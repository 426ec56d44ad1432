"""The web chat: plain HTML that works without JavaScript, on a cheap phone or over Tor.

    app = web_app(WebParts(…))                       the ASGI app
    uvicorn.Config(app, **serving.settings(), …)     serve it with bounded patience

Owns pages, forms, uploads and the one cookie. Refuses to know what a question means, seals, and
tables: events go in through `Turns` and `Evidence`, screens come out of `Screens`.
"""

from bot.channels.web.app import web_app
from bot.channels.web.parts import WebParts

__all__ = ["WebParts", "web_app"]
