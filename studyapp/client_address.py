"""Where a request comes from, for the lock on guessed passwords. It is kept for the lock only."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address: the connection's, or what the outermost of TRUSTED_PROXIES proxies saw.

    Each proxy adds to the right of X-Forwarded-For the address that it was asked from. What stands further to the left
    came with the request and may be forged. None where it is no address, as behind a socket file. Of IPv6 the network
    of 64 bits: one household has all of its addresses.
    """
    given = request.headers.get("X-Forwarded-For", "") if settings.TRUSTED_PROXIES else ""
    hops = [hop.strip() for hop in given.split(",") if hop.strip()] + [request.META.get("REMOTE_ADDR", "")]
    asked = hops[max(0, len(hops) - 1 - settings.TRUSTED_PROXIES)]
    try:
        address = ip_address(asked)
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False).network_address)
