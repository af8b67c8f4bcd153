"""Commands a baresip in a node of the lab, over its ctrl_tcp module.

JSON in netstrings, on a loopback socket of the phone's own namespace.
"""

import ctypes
import json
import os
import pathlib
import signal
import socket
import time

CLONE_NEWNET = 0x40000000
PBX = "10.10.0.10"
PIDS = pathlib.Path("/run/cbl-lab/pid")


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
    """One baresip. `calls` are the Call-IDs that are not over there."""

    def __init__(self, node):
        self.node = node
        self.calls = set()
        self._buffer = b""
        deadline = time.monotonic() + 10
        while True:
            try:
                self._socket = connect_in(node, 4444)
                break
            except ConnectionRefusedError:  # Still starting.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def fileno(self):
        return self._socket.fileno()

    def command(self, command, params=""):
        text = json.dumps({"command": command, "params": params}).encode()
        self._socket.sendall(b"%d:%s," % (len(text), text))

    def act(self, action, argument=""):
        """hold, resume, accept, hangup, dial NUMBER, transfer NUMBER, kill, or
        one key."""
        if action == "kill":  # As if its cable were cut: no BYE.
            os.kill(int((PIDS / f"phone-{self.node}").read_text()), signal.SIGKILL)
            self.calls.clear()
        elif len(action) == 1:
            self.command("sndcode", action)
        else:
            self.command(action, argument and f"sip:{argument}@{PBX}")

    def events(self):
        """What it has to say by now; blocks if that is nothing.

        Raises ConnectionResetError if it is gone.
        """
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError(self.node)
        self._buffer += data
        while True:
            head, colon, rest = self._buffer.partition(b":")
            if not colon or len(rest) <= int(head):
                return
            message = json.loads(rest[: int(head)])
            self._buffer = rest[int(head) + 1 :]
            if message.get("class") != "call":
                continue
            if message["type"] == "CALL_CLOSED":
                self.calls.discard(message["id"])
            else:
                self.calls.add(message["id"])
            yield message
