"""Which IP addresses may be connected to: the public internet's, and what a setting names."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)

from index.web.urls import host_name

Address = IPv4Address | IPv6Address

# ``is_global`` is True for all IPv6 addresses that nothing was assigned to, so this goes before.
_ASSIGNED = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_REFUSED = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("168.63.129.16/32"),  # Azure's service for its own machines, within each of them
    IPv6Network("2001::/23"),  # protocol assignments; Teredo, which embeds an IPv4 address
    IPv6Network("2002::/16"),  # 6to4, which embeds one, too
    IPv6Network("3fff::/20"),  # documentation
)


def is_public(address: Address) -> bool:
    """Whether an address belongs to some machine on the internet, and to nothing nearer."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _ASSIGNED:
            return False
    special = address.is_multicast or any(address in network for network in _REFUSED)
    return address.is_global and not special


@dataclass(frozen=True, slots=True)
class Allowed:
    """Hosts that are fetched from although they are not on the internet.

    ``text`` has names, addresses and networks (``10.1.0.0/16``), separated by commas; a name
    stands for itself alone. Raises ValueError for anything else in it.
    """

    text: str = ""

    def __post_init__(self) -> None:
        list(self._entries())

    def covers(self, host: str, address: Address) -> bool:
        """Whether the host is named, or its address or a network around that."""
        return any(
            entry == host if isinstance(entry, str) else address in entry
            for entry in self._entries()
        )

    def __str__(self) -> str:
        return self.text

    def _entries(self) -> Iterator[str | IPv4Network | IPv6Network]:
        for entry in filter(None, (part.strip() for part in self.text.split(","))):
            try:
                yield ip_network(entry.removeprefix("[").removesuffix("]"))
            except ValueError:
                yield host_name(entry)
