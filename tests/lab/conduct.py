#!/usr/bin/env python3
"""Makes one call between two phones of the lab and writes down the truth.

    conduct.py TRUTH CALLER CALLEE NUMBER SECONDS [AT:PARTY:ACTION...]

CALLER and CALLEE are nodes (a, b, c, d, ext). NUMBER is what the caller dials;
the callee answers by itself. After SECONDS the caller hangs up. In between,
AT seconds after the answer, PARTY does ACTION: hold, resume, or one key of
0-9*#. The call is added to the JSON file TRUTH.

Phones are baresip, commanded over its ctrl_tcp module: JSON in netstrings on a
loopback socket of the phone's own namespace.
"""

import ctypes
import json
import os
import socket
import sys
import time

CLONE_NEWNET = 0x40000000
PBX = "10.10.0.10"


def connect_in(node, port):
    """A TCP connection to a loopback port inside the node's namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    away = os.open(f"/run/netns/cbl-{node}", os.O_RDONLY)
    try:
        if libc.setns(away, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {node}")
        # A socket stays in the namespace that it was made in.
        return socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(away)


class Phone:
    """One baresip."""

    def __init__(self, node):
        self.node = node
        deadline = time.monotonic() + 10
        while True:
            try:
                self._socket = connect_in(node, 4444)
                break
            except ConnectionRefusedError:  # Still starting.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        self._buffer = b""

    def command(self, command, params=""):
        text = json.dumps({"command": command, "params": params}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))

    def act(self, action):
        if len(action) == 1:
            self.command("sndcode", action)
        else:
            self.command(action)

    def wait_for(self, event_type, seconds):
        """The next event of this type; others are dropped."""
        deadline = time.monotonic() + seconds
        while True:
            head, colon, rest = self._buffer.partition(b":")
            if colon and len(rest) > int(head):
                message = json.loads(rest[: int(head)])
                self._buffer = rest[int(head) + 1 :]
                if message.get("type") == event_type:
                    return message
                if message.get("type") == "CALL_CLOSED":
                    raise RuntimeError(f"{self.node}: {message}")
                continue
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            data = self._socket.recv(65536)
            if not data:
                raise RuntimeError(f"{self.node}: baresip went away")
            self._buffer += data


def conduct(caller, callee, number, seconds, steps):
    phones = {node: Phone(node) for node in (caller, callee)}
    call = {"caller": caller, "callee": callee, "number": number}
    call["start_ns"] = time.time_ns()
    phones[caller].command("dial", f"sip:{number}@{PBX}")
    event = phones[caller].wait_for("CALL_ESTABLISHED", 30)
    call["answer_ns"] = time.time_ns()
    call["call_id"] = event.get("id", "")
    call["events"] = []
    answered = time.monotonic()
    for at, party, action in steps:
        time.sleep(max(0, answered + at - time.monotonic()))
        call["events"].append(
            {"time_ns": time.time_ns(), "party": party, "action": action}
        )
        phones[party].act(action)
    time.sleep(max(0, answered + seconds - time.monotonic()))
    phones[caller].command("hangup")
    call["end_ns"] = time.time_ns()
    phones[callee].wait_for("CALL_CLOSED", 30)
    return call


def main():
    path, caller, callee, number, seconds, *steps = sys.argv[1:]
    steps = [step.split(":", 2) for step in steps]
    call = conduct(
        caller,
        callee,
        number,
        float(seconds),
        sorted((float(at), party, action) for at, party, action in steps),
    )
    with open(path) as file:
        truth = json.load(file)
    truth["calls"].append(call)
    with open(path, "w") as file:
        json.dump(truth, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
