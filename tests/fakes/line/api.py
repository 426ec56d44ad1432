"""LINE's two hosts over HTTP: api (messages, menus, settings) and api-data (contents).

Owns paths, statuses and the words of refusals, as the Messaging API reference has them. A path that
LINE does not have is a 404, so that a misspelt call is found here.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.line import menus_api
from tests.fakes.line.calls import Calls, invalid, json_of, refused
from tests.fakes.line.faults import Fault
from tests.fakes.line.limits import check_messages
from tests.fakes.line.platform import Call, Content, FakeLine, is_uuid
from tests.fakes.line.server import Hangups, hang_up

RATE_LIMITED = "The API rate limit has been exceeded. Try again later."
UNAUTHORISED = (
    "Authentication failed. Confirm that the access token in the authorization header is valid."
)
BAD_TO = "The property, 'to', in the request body is invalid (line: -, column: -)"
ENDPOINT_AT_MOST = 500


def api_app(line: FakeLine, open_now: Hangups) -> ASGIApp:
    api, bot = _Api(line), "/v2/bot"
    calls: Calls = [
        ("POST", f"{bot}/message/reply", api.reply),
        ("POST", f"{bot}/message/push", api.push),
        ("POST", f"{bot}/message/validate/{{kind}}", api.validate),
        ("GET", f"{bot}/message/quota", api.quota),
        ("GET", f"{bot}/message/quota/consumption", api.consumption),
        ("POST", f"{bot}/chat/loading/start", api.loading),
        ("GET", f"{bot}/profile/{{user_id}}", api.profile),
        ("GET", f"{bot}/info", api.info),
        ("GET", f"{bot}/channel/webhook/endpoint", api.endpoint),
        ("PUT", f"{bot}/channel/webhook/endpoint", api.set_endpoint),
        ("POST", f"{bot}/channel/webhook/test", api.test_endpoint),
        *menus_api.calls(line),
    ]
    return _Host(line, calls, open_now)


def data_app(line: FakeLine, open_now: Hangups) -> ASGIApp:
    data, content = _Data(line, open_now), "/v2/bot/message/{message_id}/content"
    calls: Calls = [
        ("GET", content, data.content),
        ("GET", f"{content}/preview", data.content),
        ("GET", f"{content}/transcoding", data.transcoding),
        *menus_api.data_calls(line),
    ]
    return _Host(line, calls, open_now)


class _Host:
    """One host: what stands before every call, and then the call."""

    def __init__(self, line: FakeLine, calls: Calls, open_now: Hangups) -> None:
        self._line, self._open = line, open_now
        self._calls = [(method, compile_path(path)[0], call) for method, path, call in calls]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await request.body()
        except ClientDisconnect:
            return
        path, client = request.url.path, scope["client"]
        fault = self._line.faults.take(path)
        if fault is Fault.RESET_BEFORE:
            await hang_up(self._open, client)
            return
        if fault is Fault.SLOW:
            await asyncio.sleep(self._line.faults.slow_s)
        response = self._refused(request, fault) or await self._answered(request)
        await self._note(request, response.status_code)
        if fault is Fault.RESET_AFTER:
            await hang_up(self._open, client)
            return
        if fault is Fault.SLOW_AFTER:
            await asyncio.sleep(self._line.faults.slow_s)
        if fault is Fault.SERVER_ERROR_AFTER:
            response = JSONResponse({"message": "Internal error"}, 500)
        if fault is Fault.ODD_ANSWER:
            response = JSONResponse({}, 200)
        response.headers["x-line-request-id"] = secrets.token_hex(16)
        await response(scope, receive, send)

    def _refused(self, request: Request, fault: Fault | None) -> Response | None:
        if fault is Fault.SERVER_ERROR:
            return refused("Internal error", 500)
        if fault is Fault.RATE_LIMIT:
            return refused(RATE_LIMITED, 429)
        if request.headers.get("authorization") == f"Bearer {self._line.access_token}":
            return None
        return refused(UNAUTHORISED, 401)

    async def _answered(self, request: Request) -> Response:
        for method, pattern, call in self._calls:
            match = pattern.match(request.url.path)
            if match is not None and method == request.method:
                request.scope["path_params"] = match.groupdict()
                return await call(request)
        return refused("Not found", 404)

    async def _note(self, request: Request, status: int) -> None:
        read = await json_of(request)
        key = request.headers.get("x-line-retry-key")
        self._line.calls.append(Call(request.method, request.url.path, status, read, key))


class _Api:
    """The host api.line.me."""

    def __init__(self, line: FakeLine) -> None:
        self._line = line

    async def reply(self, request: Request) -> Response:
        body = await json_of(request)
        if "x-line-retry-key" in request.headers:
            return refused("The retry key is not supported on this endpoint")
        if not isinstance(body, dict):
            return refused("The request body could not be parsed as JSON")
        if findings := check_messages(body.get("messages")):
            return invalid(findings)
        person = self._line.take_token(body.get("replyToken"))
        if person is None:
            return refused("Invalid reply token")
        sent = self._line.deliver(person, body["messages"], is_pushed=False)
        return JSONResponse({"sentMessages": sent})

    async def push(self, request: Request) -> Response:
        line, body = self._line, await json_of(request)
        key = request.headers.get("x-line-retry-key")
        if key is not None and not is_uuid(key):
            return refused("The value of X-Line-Retry-Key is not a UUID")
        if key in line.accepted:
            request_id, sent = line.accepted[key]
            said = {"message": "The retry key is already accepted", "sentMessages": sent}
            return JSONResponse(said, 409, {"x-line-accepted-request-id": request_id})
        if not isinstance(body, dict) or body.get("to") not in line.people:
            return refused(BAD_TO)
        if findings := check_messages(body.get("messages")):
            return invalid(findings)
        if line.is_rate_limited():
            return refused(RATE_LIMITED, 429)
        if line.quota.is_gone:
            return refused("You have reached your monthly limit.", 429)
        line.quota.used += 1
        sent = line.deliver(line.people[body["to"]], body["messages"], is_pushed=True)
        if key is not None:
            line.accepted[key] = (secrets.token_hex(16), sent)
        return JSONResponse({"sentMessages": sent})

    async def validate(self, request: Request) -> Response:
        body = await json_of(request)
        findings = check_messages(body.get("messages") if isinstance(body, dict) else None)
        return invalid(findings) if findings else JSONResponse({})

    async def quota(self, request: Request) -> Response:
        at_most = self._line.quota.at_most
        if at_most is None:
            return JSONResponse({"type": "none"})
        return JSONResponse({"type": "limited", "value": at_most})

    async def consumption(self, request: Request) -> Response:
        return JSONResponse({"totalUsage": self._line.quota.used})

    async def loading(self, request: Request) -> Response:
        body = await json_of(request)
        chat_id = body.get("chatId") if isinstance(body, dict) else None
        if chat_id not in self._line.people:
            return refused("The property, chatId, must be the user id of a one-on-one chat")
        seconds = body.get("loadingSeconds", 20)
        if not isinstance(seconds, int) or seconds not in range(5, 61, 5):
            return refused("loadingSeconds must be a multiple of 5 from 5 to 60")
        self._line.loading.append((chat_id, seconds))
        self._line.people[chat_id].is_waiting_shown = True
        return JSONResponse({}, 202)

    async def profile(self, request: Request) -> Response:
        person = self._line.people.get(request.path_params["user_id"])
        if person is None:
            return refused("Not found", 404)
        profile = {"userId": person.user_id, "displayName": person.name, "language": "th"}
        return JSONResponse(profile)

    async def info(self, request: Request) -> Response:
        info = {"userId": self._line.bot_user_id, "basicId": "@canary", "displayName": "ใสสะอาด"}
        return JSONResponse({**info, "chatMode": "bot", "markAsReadMode": "auto"})

    async def endpoint(self, request: Request) -> Response:
        line = self._line
        if not line.webhook_url:
            return refused("Not found", 404)
        return JSONResponse({"endpoint": line.webhook_url, "active": line.is_webhook_active})

    async def set_endpoint(self, request: Request) -> Response:
        line, body = self._line, await json_of(request)
        url = body.get("endpoint") if isinstance(body, dict) else None
        if not _is_endpoint(url):
            return refused("Invalid webhook endpoint URL")
        line.webhook_url = str(url)
        return JSONResponse({})

    async def test_endpoint(self, request: Request) -> Response:
        line, body = self._line, await json_of(request)
        url = body.get("endpoint", line.webhook_url) if isinstance(body, dict) else None
        if not _is_endpoint(url):
            return refused("Invalid webhook endpoint URL")
        before, line.webhook_url = line.webhook_url, str(url)
        status = await line.ping()
        line.webhook_url = before
        reason = "OK" if status == 200 else "ERROR_STATUS_CODE" if status else "REQUEST_TIMEOUT"
        result = {"success": status == 200, "statusCode": status or 0, "reason": reason}
        result |= {"detail": str(status or "timeout"), "timestamp": "2026-11-26T00:00:00Z"}
        return JSONResponse(result)


class _Data:
    """The host api-data.line.me."""

    def __init__(self, line: FakeLine, open_now: Hangups) -> None:
        self._line, self._open = line, open_now

    async def content(self, request: Request) -> Response:
        held = self._line.contents.get(request.path_params["message_id"])
        if held is None:
            return refused("Not found", 404)
        if held.is_unsent:
            return JSONResponse({"message": "The message was unsent"}, 410)
        if not held.is_ready:
            return JSONResponse({}, 202)
        headers = {"content-length": str(len(held.data))} if held.has_length else {}
        chunks = self._chunks(held, request.scope["client"])
        return StreamingResponse(chunks, media_type=held.mime, headers=headers)

    async def _chunks(self, held: Content, client: tuple[str, int]) -> AsyncIterator[bytes]:
        for at in range(0, len(held.data), held.chunk_bytes):
            if held.pause_s and at:
                await asyncio.sleep(held.pause_s)
            if held.cut_after is not None and at >= held.cut_after:
                held.cuts += 1
                await hang_up(self._open, client)
                return
            if held.stalls_after is not None and at >= held.stalls_after:
                await asyncio.sleep(3600)
            yield held.data[at : at + held.chunk_bytes]

    async def transcoding(self, request: Request) -> Response:
        held = self._line.contents.get(request.path_params["message_id"])
        if held is None:
            return refused("Not found", 404)
        if held.is_unsent:
            return JSONResponse({"message": "The message was unsent"}, 410)
        status = "failed" if held.is_failed else "succeeded" if held.is_ready else "processing"
        return JSONResponse({"status": status})


def _is_endpoint(url: object) -> bool:
    """LINE takes https only; the fake lives on 127.0.0.1 and takes http from there."""
    if not isinstance(url, str) or len(url) > ENDPOINT_AT_MOST:
        return False
    return url.startswith(("https://", "http://127.0.0.1:"))
