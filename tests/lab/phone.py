"""Commands the phones of the lab: baresip and linphonec.

A phone has `node`, and `calls`: ids of those that are not over. Its act() takes
hold, resume, accept, hangup, dial NUMBER, transfer NUMBER, attend (transfer the
first call to the second), kill, or one key. Its events() yields what it has to
say by now as (type, call id); types are baresip's. events() raises
ConnectionResetError if the phone is gone.
"""

import ctypes
import json
import os
import pathlib
import re
import signal
import socket
import time

CLONE_NEWNET = 0x40000000
PBX = "10.10.0.10"
STATE = pathlib.Path("/run/cbl-lab")


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


def kill(node):
    """As if the phone's cable were cut: no BYE."""
    os.kill(int((STATE / f"pid/phone-{node}").read_text()), signal.SIGKILL)


class Baresip:
    """Over its ctrl_tcp module: JSON in netstrings."""

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

    def _command(self, command, params=""):
        text = json.dumps({"command": command, "params": params}).encode()
        self._socket.setblocking(True)
        self._socket.sendall(b"%d:%s," % (len(text), text))

    def act(self, action, argument=""):
        if action == "kill":
            kill(self.node)
            self.calls.clear()
        elif len(action) == 1:
            self._command("sndcode", action)
        else:
            self._command(action, argument and f"sip:{argument}@{PBX}")

    def _read(self):
        self._socket.setblocking(False)
        try:
            while True:
                data = self._socket.recv(65536)
                if not data:
                    raise ConnectionResetError(self.node)
                self._buffer += data
        except BlockingIOError:
            pass

    def events(self):
        self._read()
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
            yield message["type"], message["id"]


class Linphone:
    """linphonec, by its standard input and what it prints."""

    PATTERNS = (
        (re.compile(r"Receiving new incoming call .* assigned id (\d+)"), "CALL_INCOMING"),
        (re.compile(r"Call (\d+) to .* ringing"), "CALL_RINGING"),
        (re.compile(r"Call (\d+) with .* connected"), "CALL_ESTABLISHED"),
        (re.compile(r"Call (\d+) with .* (ended|error)"), "CALL_CLOSED"),
    )
    COMMANDS = {
        "dial": "call",
        "accept": "answer",
        "hangup": "terminate all",
        "hold": "pause",
        "attend": "transfer 1 --to-call 2",
    }

    def __init__(self, node):
        self.node = node
        self.calls = set()
        self._output = open(STATE / f"log/phone-{node}")
        self._output.seek(0, os.SEEK_END)

    def act(self, action, argument=""):
        if action == "kill":
            kill(self.node)
            self.calls.clear()
            return
        if action == "dial":
            number, *headers = argument.split("?")
            argument = "?".join([f"sip:{number}@{PBX}", *headers])
        with open(STATE / f"phone-{self.node}/commands", "w") as commands:
            commands.write(f"{self.COMMANDS.get(action, action)} {argument}\n")

    def events(self):
        for line in self._output:
            for pattern, kind in self.PATTERNS:
                if match := pattern.search(line):
                    (self.calls.discard if kind == "CALL_CLOSED" else self.calls.add)(match[1])
                    if kind == "CALL_ESTABLISHED":  # Speak.
                        self.act("play", STATE / f"audio/{self.node}_8000.wav")
                    yield kind, match[1]


KINDS = {"baresip": Baresip, "linphone": Linphone}
