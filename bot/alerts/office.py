"""What the desk asks about alerts: which ways there are, links and codes, an officer's wishes.

The officer's half of `bot.alerts`, behind one doorway. Everything is the signed-in officer's own:
no call takes another officer's id from a request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.alerts.alerting import Alerting
from bot.alerts.binding import CODE_S, Bindings, Codes
from bot.alerts.counting import Rules, Wishes
from bot.alerts.email import EmailAlerts
from bot.alerts.links import LinkOf
from bot.errors import BotError, Unavailable


class NotOffered(BotError):
    """This deployment has no such way."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place where an officer is told; *shown* tells its owner which it is."""

    binding_id: str
    channel: str
    shown: str


class AlertOffice:
    """Serves officers."""

    def __init__(
        self,
        bindings: Bindings,
        codes: Codes,
        alerting: Alerting,
        *,
        links: Mapping[str, LinkOf],
        email: EmailAlerts | None,
        rules: Rules,
        new_id: Callable[[], str],
    ) -> None:
        self._bindings = bindings
        self._codes = codes
        self._alerting = alerting
        self._links = links
        self._email = email
        self._new_id = new_id
        self.rules = rules

    @property
    def channels(self) -> tuple[str, ...]:
        """The ways that are switched on."""
        return (*sorted(self._links), *(() if self._email is None else ("email",)))

    async def places(self, officer: str) -> tuple[Place, ...]:
        """Where *officer* is told."""
        return tuple(
            Place(row.binding_id, row.channel, _shown(address) if row.channel == "email" else "")
            for row, address in await self._bindings.of_officer(officer)
        )

    async def wishes(self, officer: str) -> Wishes:
        return await self._bindings.wishes(officer)

    async def set_wishes(self, officer: str, wishes: Wishes) -> bool:
        """Whether there is a place to which they apply."""
        return await self._bindings.set_wishes(officer, wishes)

    async def link(self, officer: str, channel: str, language: str) -> tuple[str, int]:
        """A link that binds the chat which opens it first, and for how long (seconds). Raises
        NotOffered, TooMany, Unavailable."""
        link_of = self._links.get(channel)
        if link_of is None:
            raise NotOffered(channel)
        return await link_of(self._codes.link(officer, channel, language)), CODE_S

    async def mail_code(self, officer: str, address: str, language: str) -> int:
        """Mail a code to *address*; for how long it is good. Raises NotOffered, TooMany,
        Unavailable."""
        if self._email is None:
            raise NotOffered("email")
        code, failure = self._codes.mail(officer, address, language), ""
        try:
            minutes = CODE_S // 60
            await self._email.send_code(address, code, minutes, language, self._new_id())
        except BotError as error:
            failure = type(error).__name__
        if failure:
            raise Unavailable("the mail server did not take the code")
        return CODE_S

    async def confirm(self, officer: str, code: str) -> bool:
        """Bind the address that *code* was mailed to; whether it was right. Raises TooMany."""
        return await self._bindings.bind_mail(officer, code) is not None

    async def remove(self, officer: str, binding_id: str) -> bool:
        """End one of *officer*'s bindings; whether it was theirs."""
        rows = [row for row, _ in await self._bindings.of_officer(officer)]
        mine = [row for row in rows if row.binding_id == binding_id]
        await self._bindings.unbind(*mine)
        return bool(mine)

    async def test(self, officer: str) -> int:
        """Send a test wherever *officer* is told; to how many places. Raises TooMany."""
        self._codes.sends(officer)
        return await self._alerting.test(officer)


def _shown(address: str) -> str:
    """Enough of an address for its owner: "s…@example.go.th"."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}"
