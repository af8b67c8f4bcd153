"""Commands a baresip in a node of the lab, over its ctrl_tcp module.

JSON in netstrings, on a loopback socket of the phone's own namespace.
"""

import ctypes
import json
import os
import socket
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
