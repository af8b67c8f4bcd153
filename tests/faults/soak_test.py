"""Hours of calls while sensors come and go: memory and descriptors stay where they are.

    soak_test.py --bin DIR [--seconds 7200] [--calls 20] [--talk 15] [--seed N] [--out FILE]

One sensor is there all the time; of the others one or two see the same wire, and every
few seconds one of them is stopped or killed and another one started. Prints a row for
every sixth of an hour; --out gets all samples.
"""

import argparse
import json
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import around  # noqa: E402  (after its path is known)
import harness  # noqa: E402
import live_wire  # noqa: E402

SAMPLE_S = 5
ROW_S = 600
GUESTS = [f"guest{n}" for n in range(1, 13)]
# What the allocator and the store's block cache may still come to use.
MORE_MEMORY = 1.10
MORE_DESCRIPTORS = 32


def descriptors_of(pid, data):
    """Without the store's own files, which are as many as there is data (at most 512)."""
    names = []
    for path in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(str(path.readlink()))
        except OSError:  # Closed meanwhile.
            pass
    return sum(not name.startswith(str(data)) for name in names)


def sample_of(pid, data):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    return {"rss_mib": int(fields["VmRSS"].split()[0]) / 1024,
            "threads": int(fields["Threads"]),
            "descriptors": descriptors_of(pid, data)}


class Guests:
    """Sensors that come and go."""

    def __init__(self, system, choice):
        self.system, self.random = system, choice
        self.running = {}
        self.came = self.killed = 0

    def change(self):
        """One goes, or comes."""
        if len(self.running) == 2 or self.running and self.random.random() < 0.5:
            name = self.random.choice(sorted(self.running))
            process = self.running.pop(name)
            self.system.sensors.remove(process)
            if self.random.random() < 0.5:
                process.kill()
                self.killed += 1
            else:
                process.terminate()
            process.wait(timeout=60)
            return
        name = self.random.choice([guest for guest in GUESTS if guest not in self.running])
        self.running[name] = self.system.start_live_sensor(name, "span0")
        self.came += 1


class Watch:
    """Samples of the collector and the sensor that stays."""

    def __init__(self, pids, data):
        self.data = data
        self.begin = time.monotonic()
        self.pids = pids
        self.samples = []
        print("| minutes | " + " | ".join(f"{name}: RSS, descriptors, threads" for name in pids) + " |",
              flush=True)
        print("|---" * (1 + len(pids)) + "|", flush=True)

    def take(self):
        at_s = time.monotonic() - self.begin
        self.samples.append({"at_s": at_s, **{name: sample_of(pid, self.data)
                                              for name, pid in self.pids.items()}})
        if len(self.samples) < 2 or at_s // ROW_S > self.samples[-2]["at_s"] // ROW_S:
            print(f"| {at_s / 60:.0f} | " + " | ".join(
                f"{it['rss_mib']:.0f} MiB, {it['descriptors']}, {it['threads']}"
                for it in (self.samples[-1][name] for name in self.pids)) + " |", flush=True)

    def check(self, report):
        """From the second third on: what fills up once has done so by then."""
        part = len(self.samples) // 6
        for name in self.pids:
            early = [sample[name] for sample in self.samples[2 * part:3 * part]]
            late = [sample[name] for sample in self.samples[-part:]]
            before, after = (statistics.median(it["rss_mib"] for it in them) for them in (early, late))
            report.expect(after <= before * MORE_MEMORY, f"{name}: {before:.0f} MiB, later {after:.0f} MiB")
            before, after = (max(it["descriptors"] for it in them) for them in (early, late))
            report.expect(after <= before + MORE_DESCRIPTORS, f"{name}: {before} descriptors, later {after}")


def check_calls(report, system, sent):
    """By the sensor that was there all the time, nothing is lost that the kernel gave it."""
    deadline = time.monotonic() + 300
    calls = []
    while time.monotonic() < deadline and (
            len(calls) < len(sent) // 2 or {call["state"] for call in calls} != {"CALL_STATE_COMPLETED"}):
        time.sleep(5)
        calls = system.list_calls()
    report.equal(len(calls), len(sent) // 2, "calls")
    got = around.recorded(calls)
    wrong = {ssrc: (got.get(ssrc), count) for ssrc, count in sent.items()
             if sum(got.get(ssrc, (0, 0))) != count}
    report.expect(not wrong, f"each stream is there: not {dict(list(wrong.items())[:3])}")
    [sensor] = [it for it in system.json_lines("sensors", "list") if it["id"] == "s1"]
    drops = sum(int(point["report"][name]) for point in sensor["capturePoints"]
                for name in ("kernelDrops", "interfaceDrops"))
    lost = sum(lost for _, lost in got.values())
    report.expect(lost <= drops, f"{lost} packets lost, {drops} dropped by the kernel")
    print(f"{len(calls)} calls, {sum(sent.values())} packets, {lost} lost, {drops} dropped by the kernel")


def soak(options, report, prefix):
    system = harness.System(options.bin, tls=True, prefix=prefix)
    system.certified = ["s1", *GUESTS]
    choice = random.Random(options.seed)
    with system:
        sensor = live_wire.start_sensor(system, "s1")
        # `ip netns exec` becomes the program.
        watch = Watch({"collector": system.collector.pid, "sensor": sensor.pid}, system.dir / "data")
        phones = around.Phones(options.calls, prefix, seconds=options.talk)
        guests = Guests(system, choice)
        while time.monotonic() < watch.begin + options.seconds:
            watch.take()
            guests.change()
            time.sleep(SAMPLE_S)
        print(f"{guests.came} sensors came, {guests.killed} were killed")
        if options.out:
            options.out.write_text(json.dumps(watch.samples))
        watch.check(report)
        sent = phones.hang_up()
        time.sleep(1.5)
        for process in [*guests.running.values(), sensor]:
            process.terminate()
            report.equal(process.wait(timeout=60), 0, "exit code of a sensor")
        check_calls(report, system, sent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--seconds", default=7200, type=float)
    parser.add_argument("--calls", default=20, type=int)
    parser.add_argument("--talk", default=15, type=float)
    parser.add_argument("--seed", default=time.time_ns() & 0xffff, type=int)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    report = harness.Report()
    report.case = "soak"
    with live_wire.wire() as prefix:
        soak(options, report, prefix)
    report.finish()


main()
