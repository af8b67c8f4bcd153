"""A collector that tells others what happens to calls, and its metrics of that."""

import re
import time

import harness
import span_captures as span
from web_client import Browser


def make_calls(path, prefix, network, count, first_ms=0):
    """A capture of `count` calls that overlap."""
    capture = span.Capture()
    for n in range(count):
        hosts = [span.Host(f"{prefix}{part}{n:02}", f"10.{network}.{part}.{n + 1}",
                           f"02:10:{network:02x}:00:0{part}:{n:02x}", 4000 + 8 * n)
                 for part in (1, 2, 3)]
        span.Call(capture, f"call{network}-{first_ms}-{n}", hosts[0], hosts[1],
                  first_ms + 300 * n, seconds=2, pbx=hosts[2]).signalling().both_speak()
    return capture.write(path)


class Events(harness.System):
    """A collector with webhooks: `receivers` by name, each with what else is configured for it."""

    def __init__(self, bin_dir, receivers, tls=False, more=()):
        """`more`: of the section `events`; {dir} is this test's folder."""
        super().__init__(bin_dir, tls=tls)
        self.receivers = receivers
        self.more = more
        self.after = []  # Behind that section.
        self.sent = 0

    def start_collector(self):
        lines = ["log: {level: info}"]
        if self.receivers or self.more:
            lines += ["events:", *("  " + line.format(dir=self.dir) for line in self.more)]
        if self.receivers:
            lines.append("  webhooks:")
        for name, (receiver, settings) in self.receivers.items():
            (self.dir / f"{name}.secret").write_bytes(receiver.secret + b"\n")
            lines += [f"    - name: {name}", f"      url: {receiver.url()}",
                      f"      secret_file: {self.dir / name}.secret",
                      *(f"      {key}: {value}" for key, value in settings.items())]
        (self.dir / "collector.yaml").write_text("\n".join(lines + self.after) + "\n")
        self.collector_flags = ["--config", self.dir / "collector.yaml", "--web-listen",
                                "127.0.0.1:0"]
        if self.tls:
            self.collector_flags += ["--admin", "callbraid-client"]
        super().start_collector()
        self.web = self.collector.stdout.readline().split("web on ")[1].strip()

    def restart(self):
        self.kill_collector()
        self.start_collector()

    def add_calls(self, count, site="berlin", sensor="s1"):
        self.sent += 1
        network = {"berlin": 1, "bonn": 2}[site]
        path = make_calls(self.dir / f"calls-{self.sent}.pcap", f"+49{network}", network, count,
                          first_ms=self.sent * 600_000)
        self.replay({sensor: [path]}, site=site)

    def metrics(self):
        """{(name, sink, reason or ""): value}"""
        text = Browser(self.web).ask("GET", "/metrics")[2].decode()
        found = re.findall(r'^(callbraid_events_\w+)\{sink="([^"]*)",type="[^"]*"'
                           r'(?:,reason="([^"]*)")?\} (\S+)$', text, re.MULTILINE)
        return {(name, sink, reason): float(value) for name, sink, reason, value in found}

    def metric_becomes(self, name, sink, wanted, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if wanted(self.metrics()[f"callbraid_events_{name}", sink, ""]):
                return True
            time.sleep(0.1)
        return False
