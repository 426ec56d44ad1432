"""One session at the desk: its token, its key, and the proof that goes with every request.

The key is made when the console signs in and lives in memory only; it is never the officer's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from console.http import httpx
from sealing import SigningKey
from sealing.proofs import HEADER, Proof, request_statement


@dataclass(frozen=True, slots=True, eq=False)
class Session(httpx.Auth):
    """Signs each request that it is given to as `auth`: every one with a number of its own."""

    requires_request_body = True

    origin: str
    token: str = field(repr=False)
    key: SigningKey = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]  # httpx says Generator, and sends nothing into it that we need
        number = next(self._numbers)
        statement = request_statement(
            desk_origin=self.origin,
            token=self.token,
            method=request.method,
            target=request.url.raw_path.decode("ascii"),
            body=request.content,
            counter=number,
        )
        request.headers["Authorization"] = f"Bearer {self.token}"
        request.headers[HEADER] = str(Proof(number, self.key.sign(statement)))
        yield request
