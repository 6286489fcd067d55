"""Which IP addresses are the internet's, and which a setting adds."""

from ipaddress import ip_address

import pytest

from index.web.addresses import Allowed, is_public


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::e000:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_all_others_are_not(address: str) -> None:
    assert not is_public(ip_address(address))


def test_a_setting_names_hosts_addresses_and_networks() -> None:
    allowed = Allowed(" Wiki.Intern , 10.1.0.0/16,[fd00::1], bücher.intern")
    assert allowed.covers("wiki.intern", ip_address("192.168.0.1"))
    assert allowed.covers("xn--bcher-kva.intern", ip_address("192.168.0.1"))
    assert allowed.covers("other.intern", ip_address("10.1.255.255"))
    assert allowed.covers("other.intern", ip_address("fd00::1"))
    assert not allowed.covers("other.intern", ip_address("10.2.0.0"))
    assert not allowed.covers("sub.wiki.intern", ip_address("192.168.0.1"))
    assert not Allowed().covers("", ip_address("127.0.0.1"))


@pytest.mark.parametrize(
    "text", ["http://wiki.intern", "wiki.intern:80", "10.0.0.1/8", "127.1", "*"]
)
def test_nothing_else_is_a_setting(text: str) -> None:
    with pytest.raises(ValueError):
        Allowed(text)
