"""A collector with users of every kind, two calls that have nothing in common, and a way to
send it what no gRPC library sends."""

import json
import re
import subprocess
import time

import harness
import span_captures as span

OK, INVALID, NOT_FOUND, DENIED, EXHAUSTED, UNAUTHENTICATED = 0, 3, 5, 7, 8, 16
NO_CONNECTION = "no connection"
# What only the call in Bonn has: none of it may reach who sees Berlin.
SECRETS = ("4922801", "4922802", "bonn", "s2")

CONFIG = """
access:
  bad_tokens_per_minute: 30
  clients:
    - {name: callbraid-client, role: admin}
    - {name: ann, role: viewer, sites: [berlin]}
    - {name: bob, role: viewer, numbers: ["+4930*"]}
    - {name: olga, role: operator, sites: [berlin]}
    - {name: audrey, role: auditor}
"""


def make_calls(folder):
    """One call in Berlin, one in Bonn; they have nothing in common."""
    files = {}
    for site, prefix, network, start in (("berlin", "+4930", 1, 0), ("bonn", "+49228", 2, 60_000)):
        hosts = [span.Host(f"{prefix}0{n}", f"10.{network}.0.{n}", f"02:10:00:00:0{network}:0{n}",
                           4000 + 2 * n) for n in (1, 2, 9)]
        capture = span.Capture()
        span.Call(capture, site, hosts[0], hosts[1], start, pbx=hosts[2]).signalling().both_speak()
        files[site] = capture.write(folder / f"{site}.pcap")
    return files


class Site(harness.System):
    """With users of every kind, and the two calls."""

    def __init__(self, bin_dir):
        super().__init__(bin_dir, tls=True)
        (self.dir / "collector.yaml").write_text(CONFIG)
        self.collector_flags = ["--config", self.dir / "collector.yaml"]

    def __enter__(self):
        super().__enter__()
        self.certs = self.dir / "certs"
        make_certs(self.certs, "user:ann", "user:bob", "user:olga", "user:audrey", "user:stranger",
                   "user:s3")
        make_certs(self.dir / "foreign", "user:ann", "s1")
        files = make_calls(self.dir)
        for sensor, site in (("s1", "berlin"), ("s2", "bonn")):
            self.replay({sensor: [files[site]]}, site=site)
        calls = self.calls()
        self.ids = {call["legs"][0]["observations"][0]["site"]: call["id"] for call in calls}
        self.total = len(calls)
        return self

    def identity(self, name, folder="certs"):
        ca = ["--tls-ca", self.certs / "ca.pem"]
        if name is None:
            return ca
        return ca + ["--tls-cert", self.dir / folder / f"{name}.pem",
                     "--tls-key", self.dir / folder / f"{name}.key"]

    def run_as(self, name, *command, token=None, folder="certs"):
        return run(self.bin / "callbraid", "--collector", self.address, *self.identity(name, folder),
                   *self.with_token(token), *command)

    def with_token(self, token):
        if token is None:
            return []
        file = self.dir / "token"
        file.write_text(token + "\n")
        return ["--token-file", file]

    def make_token(self, name, *flags):
        """(id, token)."""
        made = json.loads(self.cli("tokens", "create", name, *flags, "--json").stdout)
        return made["token"]["id"], made["secret"]

    def audit(self, *flags):
        """Newest first, once what waits to be noted was."""
        time.sleep(1.5)
        return self.json_lines("audit", "list", "--limit", "0", *flags)


def make_certs(folder, *names):
    # The names are added to an authority that is there.
    subprocess.run([harness.ROOT / "deploy/make_certs.sh", folder, *names], check=True,
                   stdout=subprocess.DEVNULL)


def run(*command, timeout=60):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=timeout)


def field(number, value):
    """One field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3]) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def varint(value):
    out = b""
    while value > 0x7f:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def raw(system, method, message=b"", name=None, headers=(), folder="certs", scheme="https"):
    """One gRPC request with the headers given, by curl: (status, all that came).

    For what no gRPC library sends. curl takes an answer that comes before the request was sent to
    its end for none, and is asked again.
    """
    for _ in range(5):
        status, text = send(system, method, message, name, headers, folder, scheme)
        if status != NO_CONNECTION:
            break
    return status, text


def send(system, method, message, name, headers, folder, scheme, times=1):
    """`times` in a row, by one curl; the status is the last one's."""
    body = system.dir / "request"
    body.write_bytes(b"\0" + len(message).to_bytes(4, "big") + message)
    identity = []
    if name is not None:
        identity = ["--cert", system.dir / folder / f"{name}.pem",
                    "--key", system.dir / folder / f"{name}.key"]
    result = subprocess.run(
        ["curl", "-s", "-i", "--max-time", "10",
         "--http2" if scheme == "https" else "--http2-prior-knowledge",
         "--cacert", system.certs / "ca.pem", *identity,
         "-H", "content-type: application/grpc", "-H", "te: trailers",
         *(part for header in headers for part in ("-H", header)),
         "--data-binary", f"@{body}",
         *[f"{scheme}://{system.address}/callbraid.v1.{method}"] * times],
        capture_output=True, timeout=30)
    text = result.stdout.decode(errors="replace")
    status = re.findall(r"grpc-status: (\d+)", text)
    return (int(status[-1]) if status else NO_CONNECTION), text


def expect_nothing_leaked(report, text, what):
    for secret in SECRETS:
        report.expect(secret not in text, f"{what} does not tell {secret!r}: {text[:300]!r}")
