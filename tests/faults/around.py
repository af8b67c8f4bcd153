"""What is around sensors and collector: the WAN between them, and phones on the wire."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Wan:
    """wan.py; called with its commands. `address` is where sensors dial."""

    def __init__(self, target, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, HERE / "wan.py", target.rsplit(":", 1)[1]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = f"127.0.0.1:{self.process.stdout.readline().split()[1]}"

    def __call__(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "ok\n"

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()


class Phones:
    """phones.py; begins its calls at once. `seconds`: of a call, else it has no end."""

    def __init__(self, calls, prefix, interface="wire0", seconds=None):
        self.process = subprocess.Popen(
            [*prefix, sys.executable, HERE / "phones.py", interface, str(calls),
             *([str(seconds)] if seconds else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def hang_up(self):
        """{SSRC: packets sent}."""
        output = self.process.communicate(timeout=120)[0]
        return dict(map(int, line.split()) for line in output.splitlines())


def recorded(calls):
    """{SSRC: (packets, lost ones)} of what is in the store."""
    return {stream["ssrc"]: (stream["packets"], stream.get("lost", 0))
            for call in calls for stream in call["streams"]}
