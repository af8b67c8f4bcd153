"""What fault_layer.c does to one program: its disk, and its clock."""

import mmap
import pathlib
import struct
import time

# struct layer of fault_layer.c.
LAYOUT = struct.Struct("=7q40s40s16s")
KILL_BEFORE, KILL_AFTER, KILL_HALFWAY, DELAY, FAIL = range(1, 6)
ALWAYS = 1 << 40


class FaultLayer:
    """`environment` makes a program run over it; it may be started many times."""

    def __init__(self, library, path):
        path = pathlib.Path(path)
        path.write_bytes(bytes(LAYOUT.size))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), LAYOUT.size)
        self.environment = {"LD_PRELOAD": str(library), "CALLBRAID_FAULT_LAYER": str(path)}

    def _put(self, index, value):
        struct.pack_into("=q", self.memory, 8 * index, value)

    def _get(self, index):
        return struct.unpack_from("=q", self.memory, 8 * index)[0]

    def set_clock(self, ahead_s):
        self._put(0, int(ahead_s * 1e9))

    def strike(self, action, calls, path, first=1, count=1, argument=0, thread=""):
        """Calls `first` to `first` + `count` - 1 from now on meet `action`."""
        self.clear()
        LAYOUT.pack_into(self.memory, 0, self._get(0), 0, count, action, argument, 0, 0,
                         calls.encode(), path.encode(), thread.encode())
        self._put(1, first)

    def fail(self, errno, calls, path, **which):
        self.strike(FAIL, calls, path, argument=errno, **{"count": ALWAYS, **which})

    def clear(self):
        self._put(1, 0)

    @property
    def seen(self):
        return self._get(5)

    @property
    def hit(self):
        return self._get(6)

    def wait_for_hit(self, timeout, count=1):
        deadline = time.monotonic() + timeout
        while self.hit < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.hit >= count
