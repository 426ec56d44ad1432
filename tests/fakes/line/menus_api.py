"""The rich menu calls of both hosts."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.line.calls import Calls, fields_of, invalid, json_of, refused
from tests.fakes.line.rich_menus import MENUS_AT_MOST, check_image, check_menu, is_alias

if TYPE_CHECKING:
    from tests.fakes.line.platform import FakeLine

NO_IMAGE = "must upload richmenu image before applying it to user"


def calls(line: "FakeLine") -> Calls:
    """The calls of api.line.me, the fixed paths before those with an id."""
    menu, user, menus = "/v2/bot/richmenu", "/v2/bot/user", _Menus(line)
    return [
        ("POST", menu, menus.create),
        ("POST", f"{menu}/validate", menus.validate),
        ("GET", f"{menu}/list", menus.every),
        ("POST", f"{menu}/alias", menus.create_alias),
        ("GET", f"{menu}/alias/list", menus.aliases),
        ("GET", f"{menu}/alias/{{alias}}", menus.one_alias),
        ("POST", f"{menu}/alias/{{alias}}", menus.move_alias),
        ("DELETE", f"{menu}/alias/{{alias}}", menus.delete_alias),
        ("GET", f"{menu}/{{menu_id}}", menus.one),
        ("DELETE", f"{menu}/{{menu_id}}", menus.delete),
        ("GET", f"{user}/all/richmenu", menus.default),
        ("DELETE", f"{user}/all/richmenu", menus.no_default),
        ("POST", f"{user}/all/richmenu/{{menu_id}}", menus.set_default),
        ("GET", f"{user}/{{user_id}}/richmenu", menus.of_user),
        ("DELETE", f"{user}/{{user_id}}/richmenu", menus.unlink),
        ("POST", f"{user}/{{user_id}}/richmenu/{{menu_id}}", menus.link),
    ]


def data_calls(line: "FakeLine") -> Calls:
    """The calls of api-data.line.me."""
    content, menus = "/v2/bot/richmenu/{menu_id}/content", _Menus(line)
    return [("GET", content, menus.image), ("POST", content, menus.upload)]


def _not_found() -> Response:
    return refused("Not found", 404)


class _Menus:
    """Answers; what is kept is in `line.menus`."""

    def __init__(self, line: "FakeLine") -> None:
        self._line = line

    async def create(self, request: Request) -> Response:
        menus, body = self._line.menus, await json_of(request)
        if findings := check_menu(body):
            return invalid(findings)
        if len(menus.menus) >= MENUS_AT_MOST:
            return refused("The number of rich menus exceeds the limit")
        return JSONResponse({"richMenuId": menus.create(body)})

    async def validate(self, request: Request) -> Response:
        findings = check_menu(await json_of(request))
        return invalid(findings) if findings else JSONResponse({})

    async def every(self, request: Request) -> Response:
        return JSONResponse({"richmenus": list(self._line.menus.menus.values())})

    async def one(self, request: Request) -> Response:
        menu = self._line.menus.menus.get(request.path_params["menu_id"])
        return _not_found() if menu is None else JSONResponse(menu)

    async def delete(self, request: Request) -> Response:
        menus, menu_id = self._line.menus, request.path_params["menu_id"]
        if menu_id not in menus.menus:
            return _not_found()
        menus.delete(menu_id)
        return JSONResponse({})

    async def image(self, request: Request) -> Response:
        kept = self._line.menus.images.get(request.path_params["menu_id"])
        return _not_found() if kept is None else Response(kept[1], media_type=kept[0])

    async def upload(self, request: Request) -> Response:
        menus, menu_id = self._line.menus, request.path_params["menu_id"]
        if menu_id not in menus.menus:
            return _not_found()
        if menu_id in menus.images:
            return refused("An image has already been uploaded to the richmenu")
        mime, raw = request.headers.get("content-type", ""), await request.body()
        if (why := check_image(mime, raw)) is not None:
            return refused(why)
        menus.images[menu_id] = (mime, raw)
        return JSONResponse({})

    async def default(self, request: Request) -> Response:
        default = self._line.menus.default
        return _not_found() if default is None else JSONResponse({"richMenuId": default})

    async def no_default(self, request: Request) -> Response:
        self._line.menus.default = None
        return JSONResponse({})

    async def set_default(self, request: Request) -> Response:
        menu_id = request.path_params["menu_id"]
        if (no := self._not_ready(menu_id)) is not None:
            return no
        self._line.menus.default = menu_id
        return JSONResponse({})

    async def of_user(self, request: Request) -> Response:
        person = self._line.people.get(request.path_params["user_id"])
        if person is None or person.rich_menu_id is None:
            return _not_found()
        return JSONResponse({"richMenuId": person.rich_menu_id})

    async def unlink(self, request: Request) -> Response:
        person = self._line.people.get(request.path_params["user_id"])
        if person is None:
            return _not_found()
        person.rich_menu_id = None
        return JSONResponse({})

    async def link(self, request: Request) -> Response:
        person = self._line.people.get(request.path_params["user_id"])
        menu_id = request.path_params["menu_id"]
        if (no := self._not_ready(menu_id)) is not None or person is None:
            return no or _not_found()
        person.rich_menu_id = menu_id
        return JSONResponse({})

    def _not_ready(self, menu_id: str) -> Response | None:
        if menu_id not in self._line.menus.menus:
            return _not_found()
        return None if menu_id in self._line.menus.images else refused(NO_IMAGE)

    async def create_alias(self, request: Request) -> Response:
        menus, body = self._line.menus, await fields_of(request)
        alias, menu_id = body.get("richMenuAliasId"), body.get("richMenuId")
        if not is_alias(alias):
            return refused("invalid richMenuAliasId")
        if menu_id not in menus.images:
            return refused("richmenu not found")
        if alias in menus.aliases:
            return refused("conflict richmenu alias id")
        menus.aliases[str(alias)] = str(menu_id)
        return JSONResponse({})

    async def one_alias(self, request: Request) -> Response:
        alias = request.path_params["alias"]
        menu_id = self._line.menus.aliases.get(alias)
        found = {"richMenuAliasId": alias, "richMenuId": menu_id}
        return _not_found() if menu_id is None else JSONResponse(found)

    async def move_alias(self, request: Request) -> Response:
        menus, alias = self._line.menus, request.path_params["alias"]
        menu_id = (await fields_of(request)).get("richMenuId")
        if alias not in menus.aliases:
            return _not_found()
        if menu_id not in menus.images:
            return refused("richmenu not found")
        menus.aliases[alias] = str(menu_id)
        return JSONResponse({})

    async def delete_alias(self, request: Request) -> Response:
        gone = self._line.menus.aliases.pop(request.path_params["alias"], None)
        return _not_found() if gone is None else JSONResponse({})

    async def aliases(self, request: Request) -> Response:
        found = [
            {"richMenuAliasId": alias, "richMenuId": menu_id}
            for alias, menu_id in self._line.menus.aliases.items()
        ]
        return JSONResponse({"aliases": found})
