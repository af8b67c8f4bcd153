"""A cable in a network namespace, whose one end a sensor captures from."""

import contextlib
import os
import subprocess
import time

import harness


@contextlib.contextmanager
def wire():
    """The ends `wire0` and `span0` of one cable; the words that run a command there."""
    if os.geteuid() != 0:
        harness.skip("capturing in a network namespace needs root")
    name = f"cb-faults-{os.getpid()}"

    def ip(*words, check=True):
        subprocess.run(["ip", *words], check=check, stderr=subprocess.DEVNULL)
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError):
        harness.skip("no network namespace can be made here")
    try:
        ip("-n", name, "link", "add", "wire0", "type", "veth", "peer", "span0")
        for interface in ("lo", "wire0", "span0"):
            ip("-n", name, "link", "set", interface, "up")
        yield ["ip", "netns", "exec", name]
    finally:
        ip("netns", "del", name, check=False)


def start_sensor(system, sensor, *options, collector=None):
    """Returns when its socket is bound and gets packets."""
    others = bound_sockets(system)
    process = system.start_live_sensor(sensor, "span0", *options, collector=collector)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if bound_sockets(system) > others:
            return process
        time.sleep(0.02)
    raise RuntimeError(f"the sensor does not capture: {system.log(sensor)}")


def bound_sockets(system):
    """How many there are that get packets."""
    sockets = subprocess.run([*system.prefix, "cat", "/proc/net/packet"], text=True,
                             capture_output=True, check=True).stdout.splitlines()[1:]
    # sk RefCnt Type Proto Iface Running ...; type 3 is SOCK_RAW.
    fields = [line.split() for line in sockets]
    return sum(field[2] == "3" and field[4] != "0" and field[5] == "1" for field in fields)
