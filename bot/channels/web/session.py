"""The one cookie: a random session id, and nothing else about anybody.

Laws: 192 random bits, made here and never stored as they are; gone when the browser closes; no
other site can send it with a form (Lax), and no neighbour host can set it (`__Host-`). Lax, not
Strict: a person who comes back through a link in another app must find their conversation, and no
GET of ours changes anything.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_SESSION = re.compile(r"[A-Za-z0-9_-]{32}")
_BYTES = 24


def new_session() -> str:
    """A session id that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses this app answers under, and what follows from them for one request.

    Which one a request came to is read from its Host header. A false one deceives its sender only:
    it decides about the cookie and the headers of that one answer.
    """

    public_url: str
    onion_url: str | None = None

    def is_onion(self, headers: Mapping[str, str]) -> bool:
        """Whether the request came over Tor: that is private without https, and has no `Secure`."""
        if self.onion_url is None:
            return False
        return headers.get("host", "").lower() == urlsplit(self.onion_url).netloc.lower()

    def is_https(self, headers: Mapping[str, str]) -> bool:
        here = self.onion_url if self.is_onion(headers) else self.public_url
        return (here or "").startswith("https:")

    def session(self, headers: Mapping[str, str]) -> str | None:
        """The session id that the request carries, if it is one of ours by its look."""
        name = self._cookie_name(headers)
        for pair in headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name and _SESSION.fullmatch(value):
                return value
        return None

    def cookie(self, headers: Mapping[str, str], session: str) -> str:
        """The Set-Cookie that gives *session* for as long as the browser is open."""
        return f"{self._cookie_name(headers)}={session}; {self._attributes(headers)}"

    def no_cookie(self, headers: Mapping[str, str]) -> str:
        """The Set-Cookie that takes the session away."""
        return f"{self._cookie_name(headers)}=; Max-Age=0; {self._attributes(headers)}"

    def is_from_elsewhere(self, headers: Mapping[str, str]) -> bool:
        """Whether another site's page sent this form.

        Browsers say so in Sec-Fetch-Site. Older ones send Origin, which our own Referrer-Policy
        turns into "null" for our own forms; for those the Lax cookie is the guard.
        """
        fetched = headers.get("sec-fetch-site")
        if fetched is not None:
            return fetched not in ("same-origin", "none")
        origin = headers.get("origin", "null")
        return origin != "null" and origin not in (self.public_url, self.onion_url)

    def _cookie_name(self, headers: Mapping[str, str]) -> str:
        return "__Host-saisaat" if self.is_https(headers) else "saisaat"

    def _attributes(self, headers: Mapping[str, str]) -> str:
        always = "Path=/; HttpOnly; SameSite=Lax"
        return f"{always}; Secure" if self.is_https(headers) else always
