"""The doctor live: a Linux bridge as the switch, and one fault after the other.

In a network namespace of its own: ports with phones and a PBX (frames of
span_captures.py, sent by them), and one with a sensor. First the sensor's port
is a port like any other, then it gets the mirror that `switch-config` wrote; two
phones are forgotten and found by the commands that the doctor gives; then the
sensor is stalled, cut off, unplugged and killed. Needs root.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import harness
import span_captures as span
from span_captures import A, B, C, D, PBX, START_NS

INSIDE = "CALLBRAID_TEST_NAMESPACE"
PORTS = {"p-a": A, "p-b": B, "p-c": C, "p-d": D, "p-pbx": PBX}
# The smallest spool, so that little is too much for it.
SETTINGS = "spool: {media_mib: 4, signalling_mib: 4}\n"


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


def enter_namespace():
    """Starts this test again inside a new namespace, which goes away with it."""
    name = f"doctor-{os.getpid()}"
    try:
        run("ip", "netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        harness.skip(f"no network namespace: {error}")
    try:
        result = subprocess.run(["ip", "netns", "exec", name, sys.executable, *sys.argv],
                                env={**os.environ, INSIDE: name})
        return result.returncode
    finally:
        subprocess.run(["ip", "netns", "del", name])


def build_switch():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
    run("ip", "link", "set", "br0", "up")
    for port in [*PORTS, "span0"]:
        run("ip", "link", "add", port, "type", "veth", "peer", "name", f"h{port}")
        run("ip", "link", "set", port, "master", "br0", "up")
        run("ip", "link", "set", f"h{port}", "up")
    for interface in os.listdir("/sys/class/net"):
        path = f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6"
        if os.path.exists(path):
            open(path, "w").write("1")


class Hosts:
    """Sends frames from whoever they are from."""

    def __init__(self):
        self.sockets = {}
        for port, host in PORTS.items():
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            sender.bind((f"h{port}", 0))
            self.sockets[host.mac] = sender

    def send(self, capture, speed=4.0):
        start = time.monotonic()
        for time_ns, frame, _ in sorted(capture.frames, key=lambda entry: entry[0]):
            due = start + (time_ns - START_NS) / 1e9 / speed
            time.sleep(max(0, due - time.monotonic()))
            if frame[6:12] in self.sockets:
                self.sockets[frame[6:12]].send(frame)


class Live:
    """One sensor at the switch, and what the doctor says of it."""

    def __init__(self, report, system, options):
        self.report = report
        self.system = system
        self.options = options
        self.hosts = Hosts()
        settings = system.dir / "sensor.yaml"
        settings.write_text(SETTINGS)
        self.sensor = system.run_sensor("s1", "test", "--interface", "hspan0",
                                        "--config", settings)

    def wait_for_reports(self):
        deadline = time.monotonic() + 20
        while not self.diagnose().get("capturePoints"):
            if self.sensor.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the sensor does not report: {self.system.log('s1')}")
            time.sleep(0.2)

    def diagnose(self, *flags):
        (diagnosis,) = self.system.json_lines("sensors", "doctor", "--switch", "linux", *flags)
        return diagnosis

    def expect(self, case, *kinds, seconds=20, summary=""):
        """What the doctor says within the time that reports and calls take to come.

        `summary`: how that of the capture point begins then.
        """
        self.report.case = case
        deadline = time.monotonic() + seconds
        while True:
            time.sleep(1)
            diagnosis = self.diagnose()
            found = sorted(verdict["kind"].removeprefix("VERDICT_KIND_")
                           for verdict in diagnosis.get("verdicts", []))
            has_come = found == sorted(kinds) and all(
                point["summary"].startswith(summary) for point in diagnosis.get("capturePoints", []))
            if has_come or time.monotonic() > deadline:
                break
        print(f"{case}: {', '.join(found) or 'nothing is wrong'}", flush=True)
        if not self.report.equal(found, sorted(kinds), "verdicts") or self.options.verbose:
            print(self.system.cli("sensors", "doctor", "--switch", "linux").stdout)
            print(self.system.cli("sensors", "list", "--json").stdout)
        return diagnosis

    def shell(self, commands):
        subprocess.run(["sh", "-e", "-c", "\n".join(commands)], check=True)


def call(name, caller, callee):
    """Four seconds of talk at the speed at which it is sent."""
    capture = span.Capture()
    span.Call(capture, name, caller, callee, seconds=16).signalling().both_speak()
    return capture


def before_and_after(live):
    # Everybody has been heard, so the bridge floods no more.
    live.hosts.send(span.chatter(span.Capture(), 10, (A, B, C, D, PBX)).keep(
        lambda frame: frame[:6] == span.BROADCAST))
    live.hosts.send(call("unseen", A, B))
    live.expect("a port like any other", "NO_SPAN_SESSION")

    commands = live.system.cli("switch-config", "--family", "linux", "--source", "p-a,p-b,p-pbx",
                               "--destination", "span0").stdout
    print(commands, end="")
    # Whoever pastes them twice still gets one mirror.
    live.shell([commands, commands])
    live.hosts.send(call("first", A, B))
    summary = "PBX 10.0.0.10, 2 phones, both directions"
    diagnosis = live.expect("mirrored", summary=summary)
    (point,) = diagnosis["capturePoints"]
    live.report.equal(point.get("mirrorCopies", "0"), "0", "copies")
    live.report.expect(point["summary"].startswith(summary), point["summary"])


def forgotten_phones(live):
    """C and D call each other: the PBX is mirrored, they are not."""
    live.hosts.send(call("forgotten", C, D))
    diagnosis = live.expect("forgotten phones", "MEDIA_NEVER_SEEN", "MEDIA_NEVER_SEEN")
    for verdict, host in zip(diagnosis.get("verdicts", []), (C, D)):
        live.report.equal((verdict.get("address"), verdict.get("number")),
                          (host.address, host.number), "whose media are never seen")
        # As an operator does: find the port, then put it into what follows.
        find, *cure = verdict["commands"]
        found = subprocess.run(["sh", "-c", find], capture_output=True, text=True).stdout
        port = re.search(r"dev (\S+)", found)
        if not live.report.expect(port, f"a port in {found!r}"):
            continue
        live.report.equal(PORTS.get(port[1]), host, "port that the command finds")
        live.shell([line.replace(f"<port of {host.address}>", port[1])
                    .replace("<port of the sensor>", "span0") for line in cure])
    live.hosts.send(call("found", C, D))
    live.expect("found phones")


def stalled(live):
    """More than the ring holds comes while the sensor stands still."""
    live.sensor.send_signal(signal.SIGSTOP)
    frame = span.Capture()
    frame.udp(START_NS, A, 9, B, 9, b"x" * 1400)
    sender = live.hosts.sockets[A.mac]
    for _ in range(60_000):  # 84 MB, and the ring has 64 MiB.
        sender.send(frame.frames[0][1])
    live.sensor.send_signal(signal.SIGCONT)
    live.expect("a sensor that was stalled", "KERNEL_DROPS")


def cut_off(live):
    """More than the spool holds comes while there is no collector."""
    live.system.kill_collector()
    capture = span.Capture()
    span.Call(capture, "long", A, B, seconds=400).signalling().both_speak()
    live.hosts.send(capture, speed=60)
    live.system.start_collector()
    # The collector has no reports of before, so what the kernel dropped counts
    # from the sensor's start.
    live.expect("a sensor that was cut off", "KERNEL_DROPS", "SPOOL_OVERFLOW", seconds=60)


def unplugged(live):
    run("ip", "link", "set", "span0", "down")
    live.expect("unplugged", "KERNEL_DROPS", "LINK_DOWN", "SPOOL_OVERFLOW")
    run("ip", "link", "set", "span0", "up")
    live.expect("plugged in", "KERNEL_DROPS", "SPOOL_OVERFLOW")


def killed(live):
    live.sensor.kill()
    live.sensor.wait()
    live.expect("killed", "KERNEL_DROPS", "SENSOR_AWAY", "SPOOL_OVERFLOW")


def main():
    options = harness.arguments()
    if INSIDE not in os.environ:
        if os.geteuid() != 0:
            harness.skip("needs root")
        sys.exit(enter_namespace())
    report = harness.Report()
    build_switch()
    with harness.System(options.bin) as system:
        live = Live(report, system, options)
        live.wait_for_reports()
        for step in (before_and_after, forgotten_phones, stalled, cut_off, unplugged, killed):
            if options.only in step.__name__:
                step(live)
        if report.failures or options.verbose:
            print(system.log("s1"))
    report.finish()


main()
