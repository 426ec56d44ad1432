"""A mail server on this machine: real SMTP, real TLS under a certificate made for the test."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class Mailbox:
    """What the server took, and how it behaves."""

    port: int = 0
    certificate: Path = Path()
    got: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuses: str = ""
    says: str = "250 OK"
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    def trusting(self) -> ssl.SSLContext:
        """A context that trusts this server's certificate, as a machine's own trusts others."""
        return ssl.create_default_context(cafile=str(self.certificate))

    async def handle_RCPT(  # the library's name
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # as above
        if not self.says.startswith("250"):
            return self.says
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        return self.says

    def authenticate(
        self, server: SMTP, session: Any, envelope: Any, how: str, said: Any
    ) -> AuthResult:
        assert isinstance(said, LoginPassword)
        self.logins.append((said.login, said.password))
        # Not "handled": the library says 535 itself, as a real server does; else it says nothing.
        return AuthResult(success=said.password == b"canary password", handled=False)


def certificate_for(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
            f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key


@contextmanager
def mail_server(folder: Path, *, is_tls: bool, name: str = "localhost") -> Iterator[Mailbox]:
    """Serve: TLS from the first byte, or STARTTLS demanded."""
    certificate, key = certificate_for(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    box = Mailbox(certificate=certificate)
    how: dict[str, Any] = {
        "hostname": "127.0.0.1",
        "port": 0,
        "authenticator": box.authenticate,
    }
    if is_tls:
        # The library does not count TLS from the first byte as TLS when it offers a login.
        server = Anywhere(box, ssl_context=context, auth_require_tls=False, **how)
    else:
        server = Anywhere(
            box, tls_context=context, require_starttls=True, auth_require_tls=True, **how
        )
    server.start()
    try:
        box.port = server.server.sockets[0].getsockname()[1]
        yield box
    finally:
        server.stop()


class Anywhere(Controller):
    """On a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
