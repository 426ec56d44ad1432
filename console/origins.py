"""What a desk's address may be: https, or plain http to this machine."""

import ipaddress
from urllib.parse import urlsplit

from console.errors import Mistaken


def origin_of(url: str) -> str:
    """The origin of *url*, as the desk signs it. Raises Mistaken for anything but https, or http
    to this machine.
    """
    parts = urlsplit(url.strip())
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Mistaken("desk.bad_url") from None
    if not host or parts.username or parts.password or parts.scheme not in ("https", "http"):
        raise Mistaken("desk.bad_url")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Mistaken("desk.bad_url")
    if parts.scheme == "http" and not is_loopback(host):
        raise Mistaken("desk.needs_https")
    shown = f"[{host}]" if ":" in host else host
    default = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != default else "")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
