"""What is remembered of a host is what moto finds of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from moto.s3.responses import S3Response

from rolecall.enforcement.s3_hosts import hosts_remembered

HOSTS = (
    "s3.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "s3.dualstack.us-east-1.amazonaws.com",
    "bucket.s3.amazonaws.com",
    "s3.bucket.example.org",
    "bucket.s3.cn-north-1.amazonaws.com.cn",
    "localhost:5000",
    "127.0.0.1:5000",
    "[::1]:5000",
    "",
)


def asked(host: str) -> bool:
    request = SimpleNamespace(headers={"host": host}, url="https://s3.amazonaws.com/bucket/key")
    return bool(S3Response.subdomain_based_buckets(request))


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_read_as_moto_reads_it(host: str) -> None:
    found = asked(host)
    with hosts_remembered(), hosts_remembered():
        assert [asked(host), asked(host)] == [found, found]


def test_an_endpoint_of_ones_own_counts_from_when_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with hosts_remembered():
        assert asked("bucket.s3.example.org")
        monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", "https://bucket.s3.example.org")
        assert not asked("bucket.s3.example.org")
