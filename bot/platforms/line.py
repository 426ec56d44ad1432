"""A LINE Official Account's own settings: who it is, its rich menus, its webhook, its quota.

Refuses to know conversations: it asks for no profile and sends no message.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from bot.config_sections import Line
from bot.platforms.errors import Declined, PlatformError, TokenRefused, Unreachable
from bot.platforms.wire import Answer, Wire, platform_words

WEBHOOK_PATH = "/line/webhook"
_NOT_FOUND = 404


class LineAccount:
    """The account whose token is in *section*, which must be on. Use as a context manager.

    Every method raises PlatformError.
    """

    def __init__(self, section: Line) -> None:
        if section.channel_access_token is None or section.channel_secret is None:
            raise ValueError("the LINE channel is off")
        token = section.channel_access_token.get_secret_value()
        self._hidden = (token, section.channel_secret.get_secret_value())
        headers = {"authorization": f"Bearer {token}"}
        self._api = Wire(section.api_url, headers)
        self._data = Wire(section.data_api_url, headers)
        self.skew_s: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._api.__exit__(kind, error, trace)
        self._data.__exit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"LineAccount({self._api.host})"

    # --- the account

    def info(self) -> Mapping[str, Any]:
        """Who the bot is: basicId, displayName, chatMode."""
        return self._facts("GET", "/v2/bot/info")

    def quota(self) -> int | None:
        """How many messages may be pushed this month; None: without a limit."""
        facts = self._facts("GET", "/v2/bot/message/quota")
        value = facts.get("value")
        return value if facts.get("type") == "limited" and isinstance(value, int) else None

    def pushed(self) -> int:
        """How many messages of this month's quota are used."""
        used = self._facts("GET", "/v2/bot/message/quota/consumption").get("totalUsage")
        return used if isinstance(used, int) else 0

    # --- the webhook

    def webhook(self) -> Mapping[str, Any] | None:
        """Where events go (endpoint, active); None when no address was ever set."""
        return self._facts_or_none("GET", "/v2/bot/channel/webhook/endpoint")

    def set_webhook(self, url: str) -> None:
        """Let events go to *url*."""
        self._ask(self._api, "PUT", "/v2/bot/channel/webhook/endpoint", {"endpoint": url})

    def test_webhook(self) -> Mapping[str, Any]:
        """Let LINE send a signed test to the webhook: success, statusCode, reason, detail."""
        return self._facts("POST", "/v2/bot/channel/webhook/test", {})

    # --- rich menus

    def menus(self) -> list[Mapping[str, Any]]:
        """Every rich menu that was made by the API."""
        return self._list("/v2/bot/richmenu/list", "richmenus")

    def has_picture(self, menu_id: str) -> bool:
        """Tell whether the picture of the menu was uploaded: without one it cannot be shown."""
        path = f"/v2/bot/richmenu/{quote(menu_id, safe='')}/content"
        return self._ask(self._data, "GET", path, may_lack=True).status == 200

    def create_menu(self, menu: Mapping[str, object]) -> str:
        """Make a menu (still without picture) and return its id."""
        made = self._facts("POST", "/v2/bot/richmenu", menu).get("richMenuId")
        if isinstance(made, str) and made:
            return made
        raise self._strange()

    def upload_picture(self, menu_id: str, png: bytes) -> None:
        """Give the menu its picture."""
        path = f"/v2/bot/richmenu/{quote(menu_id, safe='')}/content"
        self._ask(self._data, "POST", path, content=png, kind="image/png")

    def delete_menu(self, menu_id: str) -> None:
        """Remove a menu; one that is gone already is fine."""
        path = f"/v2/bot/richmenu/{quote(menu_id, safe='')}"
        self._ask(self._api, "DELETE", path, may_lack=True)

    def aliases(self) -> dict[str, str]:
        """The names that a switch may call a menu by: alias → menu id."""
        found = self._list("/v2/bot/richmenu/alias/list", "aliases")
        return {str(each.get("richMenuAliasId")): str(each.get("richMenuId")) for each in found}

    def set_alias(self, alias: str, menu_id: str, *, is_new: bool) -> None:
        """Let *alias* name the menu."""
        if is_new:
            both = {"richMenuAliasId": alias, "richMenuId": menu_id}
            self._ask(self._api, "POST", "/v2/bot/richmenu/alias", both)
        else:
            path = f"/v2/bot/richmenu/alias/{quote(alias, safe='')}"
            self._ask(self._api, "POST", path, {"richMenuId": menu_id})

    def default_menu(self) -> str | None:
        """The menu that everybody sees, if one was set by the API."""
        facts = self._facts_or_none("GET", "/v2/bot/user/all/richmenu")
        found = facts.get("richMenuId") if facts is not None else None
        return found if isinstance(found, str) else None

    def set_default_menu(self, menu_id: str) -> None:
        """Let everybody see the menu."""
        self._ask(self._api, "POST", f"/v2/bot/user/all/richmenu/{quote(menu_id, safe='')}")

    def words(self, text: object) -> str:
        """What LINE says, without our secrets."""
        return platform_words(text, *self._hidden)

    # --- asking

    def _list(self, path: str, name: str) -> list[Mapping[str, Any]]:
        found = self._facts("GET", path).get(name)
        if isinstance(found, list) and all(isinstance(each, Mapping) for each in found):
            return found
        raise self._strange()

    def _facts(self, method: str, path: str, json: object = None) -> Mapping[str, Any]:
        answer = self._ask(self._api, method, path, json)
        if isinstance(answer.json, Mapping):
            return answer.json
        raise self._strange()

    def _facts_or_none(self, method: str, path: str) -> Mapping[str, Any] | None:
        answer = self._ask(self._api, method, path, may_lack=True)
        if answer.status == _NOT_FOUND:
            return None
        if isinstance(answer.json, Mapping):
            return answer.json
        raise self._strange()

    def _ask(
        self, wire: Wire, method: str, path: str, json: object = None, *,
        content: bytes | None = None, kind: str | None = None, may_lack: bool = False,
    ) -> Answer:  # fmt: skip
        answer = wire.send(method, path, json, content=content, kind=kind)
        self.skew_s = self.skew_s if answer.skew_s is None else answer.skew_s
        if answer.status == 200 or (may_lack and answer.status == _NOT_FOUND):
            return answer
        raise self._refusal(method, path, answer)

    def _refusal(self, method: str, path: str, answer: Answer) -> PlatformError:
        if answer.status == 401:
            return TokenRefused(
                "LINE does not accept the channel access token.",
                "Issue a long-lived one in the LINE Developers console (Messaging API tab) and put "
                "it into the file line-access-token.",
            )
        if answer.status == 429 or answer.status >= 500:
            return Unreachable("LINE asks for a pause.", "Try again in a few minutes.")
        if not isinstance(answer.field("message"), str):
            return self._strange()
        said = "; ".join([answer.field("message"), *_details(answer)])
        what = f"{method} {path.split('?')[0]}"
        return Declined(
            f"LINE refused {what}: {self.words(said)}", "Put that right, then run it again."
        )

    def _strange(self) -> Unreachable:
        return Unreachable(
            f"{self._api.host} gave an answer that LINE would not give.",
            "See that [line] api_url and data_api_url are right and no proxy stands in between.",
        )


def _details(answer: Answer) -> list[str]:
    found = answer.field("details")
    found = found if isinstance(found, list) else []
    return [
        str(each["message"]) for each in found if isinstance(each, Mapping) and "message" in each
    ]
