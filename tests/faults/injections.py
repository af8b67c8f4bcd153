"""Runs injections of faults, and compares what they leave with an undisturbed run.

A kind is a function of a `Run` and a random.Random that returns how many faults
it injected; when it returns all sensors are done. Each has a system of its own
and plays the same known media.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import fault_layer  # noqa: E402  (after its path is known)
import harness  # noqa: E402
import known_media  # noqa: E402

Outcome = collections.namedtuple("Outcome", "calls recordings packets")


class Run(harness.System):
    """A system, its media, and the layers below its programs."""

    def __init__(self, options, captures):
        super().__init__(options.bin, tls=True)
        self.captures = dict(captures)  # Of this run alone.
        self.layer_path = options.layer
        self.running = {}
        self.facts = []  # What does not hold.
        self.compared = True  # With the undisturbed run, afterwards.
        self.at_end = []

    def __exit__(self, *unused):
        for end in self.at_end:
            end()
        super().__exit__()

    def layer(self, program):
        """Below a program from its next start on."""
        layer = fault_layer.FaultLayer(self.layer_path, self.dir / f"layer-{program}")
        self.environment[program] = layer.environment
        return layer

    def expect(self, holds, fact):
        if not holds:
            self.facts.append(fact)

    def play(self, speed, sensors=None, collector=None):
        for sensor in sensors or self.captures:
            files = [argument for file in self.captures[sensor] for argument in ("--read", file)]
            self.running[sensor] = self.run_sensor(sensor, "test", *files, "--speed", str(speed),
                                                   collector=collector)

    def play_on(self, speed, sensor):
        """Starts the sensor again if it died; a file can be read from its start."""
        if self.running[sensor].poll() not in (None, 0):
            self.play(speed, [sensor])

    def finish(self, timeout=300):
        deadline = time.monotonic() + timeout
        for sensor, process in self.running.items():
            try:
                code = process.wait(timeout=max(1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                code = "none: it still runs"
            self.expect(code == 0, f"exit code of {sensor}: {code}: {self.log(sensor)[-1500:]}")

    def restart_collector(self, stop=False):
        if stop:
            self.expect(self.stop_collector() == 0, "exit code of the collector")
        elif self.collector.poll() is None:
            self.kill_collector()
        self.start_collector()

    def wait_for_log(self, program, *words, timeout=20):
        found = wait_for(lambda: all(word in self.log(program) for word in words), timeout)
        self.expect(found, f"the log of {program} says {words}: {self.log(program)[-1500:]}")
        return found

    def outcome(self):
        calls, recordings = self.results()
        packets = collections.Counter(
            (point, time_ns, hashlib.sha1(comparable(frame)).digest())
            for point, time_ns, frame in self.packets(call["id"] for call in calls))
        return Outcome({call["id"]: call for call in calls}, recordings, packets)

    def packets(self, calls):
        """What the store has of them: (capture point, time, bytes)."""
        path = self.dir / "packets.pcapng"
        for call in calls:
            self.cli("calls", "packets", call, "-o", path)
            yield from known_media.packets(path)


def wait_for(holds, timeout=20):
    deadline = time.monotonic() + timeout
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def comparable(frame):
    """Without the numbers of TCP, which the export counts anew."""
    is_tcp = frame[12:14] == b"\x08\x00" and frame[23] == 6
    return frame[26:34] + frame[54:] if is_tcp else frame


Row = collections.namedtuple("Row", "kind injected lost repeated differing facts seconds")


def run_kind(options, kind, captures, want, seed):
    begin = time.monotonic()
    injected, lost, repeated, differing = 0, 0, 0, 0
    with Run(options, captures) as run:
        try:
            injected = kind(run, random.Random(f"{seed} {kind.__name__}"))
            run.expect(injected > 0, "something was injected")
            if run.compared:
                got = run.outcome()
                lost = (want.packets - got.packets).total()
                repeated = (got.packets - want.packets).total()
                ids = want.calls.keys() | got.calls.keys()
                differing = sum(want.calls.get(i) != got.calls.get(i) or
                                want.recordings.get(i) != got.recordings.get(i) for i in ids)
                for i in ids:
                    tell_difference(run, want.calls.get(i), got.calls.get(i))
        except Skipped:
            raise
        except Exception:
            run.expect(False, f"{traceback.format_exc()}{run.log('collector')[-1500:]}")
        return Row(kind.__name__, injected, lost, repeated, differing, run.facts,
                   time.monotonic() - begin)


class Skipped(Exception):
    pass


def tell_difference(run, want, got):
    if want is None or got is None:
        run.expect(want is got, f"a call {'too many' if want is None else 'is missing'}")
        return
    for key in want.keys() | got.keys():
        run.expect(want.get(key) == got.get(key),
                   f"{key}: got {str(got.get(key))[:700]}, expected {str(want.get(key))[:700]}")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--layer", type=pathlib.Path, help="the library of fault_layer.c")
    parser.add_argument("--only", default="", help="only kinds whose name contains this")
    parser.add_argument("--seed", default=time.time_ns() & 0xffff, type=int)
    parser.add_argument("--kills", default=0, type=int, help="go on until there were so many")
    parser.add_argument("--workers", default=4, type=int, help="kinds at a time")
    return parser.parse_args()


def totals(rows):
    """Rows of one kind put together."""
    for kind in dict.fromkeys(row.kind for row in rows):
        of = [row for row in rows if row.kind == kind]
        yield kind, [sum(row[i] for row in of) for i in range(1, 5)] + [sum(map(len, (
            row.facts for row in of)))], sum(row.seconds for row in of)


def print_table(rows):
    print(f"\n{'kind':<32}{'injected':>9}{'lost':>7}{'repeated':>9}{'calls that differ':>18}"
          f"{'facts':>7}{'s':>7}")
    sums = [0] * 5
    for kind, numbers, seconds in totals(rows):
        injected, lost, repeated, differing, facts = numbers
        print(f"{kind:<32}{injected:>9}{lost:>7}{repeated:>9}{differing:>18}{facts:>7}{seconds:>7.0f}")
        sums = [a + b for a, b in zip(sums, numbers)]
    injected, lost, repeated, differing, facts = sums
    print(f"{'in all':<32}{injected:>9}{lost:>7}{repeated:>9}{differing:>18}{facts:>7}")
    return not any(sums[1:])


def main(*kinds, media=known_media.captures):
    options = arguments()
    kinds = [kind for kind in kinds if options.only in kind.__name__]
    print(f"--seed {options.seed}", flush=True)
    rows = []
    with tempfile.TemporaryDirectory(prefix="callbraid-media-") as folder:
        captures = media(pathlib.Path(folder))
        with Run(options, captures) as run:
            run.replay(captures, timeout=400)
            want = run.outcome()
        print(f"without a fault: {len(want.calls)} calls, {want.packets.total()} packets", flush=True)
        with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
            for round_ in range(10_000):
                jobs = {kind: pool.submit(run_kind, options, kind, captures, want,
                                          f"{options.seed} {round_}") for kind in kinds}
                for kind, job in jobs.items():
                    collect(rows, kind, job)
                if sum(row.injected for row in rows) >= options.kills:
                    break
    sys.exit(0 if print_table(rows) and rows else harness.SKIP if not rows else 1)


def collect(rows, kind, job):
    try:
        row = job.result()
    except Skipped as skipped:
        print(f"{kind.__name__}: not checked: {skipped}")
        return
    rows.append(row)
    print(f"{row.kind}: {row.injected} injected, {row.seconds:.1f} s", flush=True)
    for fact in row.facts:
        print(f"  NOT SO: {fact}", flush=True)
