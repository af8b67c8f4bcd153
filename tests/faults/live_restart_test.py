"""Live calls while the collector, then the sensor, is away for some seconds.

    live_restart_test.py --bin DIR [--calls 20]

Nothing that the collector does may cost anything. What passes while a sensor is
away, and what it had in memory, is lost, and no more.
"""

import argparse
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import around  # noqa: E402  (after its path is known)
import harness  # noqa: E402
import live_wire  # noqa: E402

PACKETS_PER_S = 50
IN_MEMORY_S = 0.9  # A chunk (500 ms), the gathering of frames (100 ms), a busy machine.


class Live:
    """A live sensor and calls on its wire."""

    def __init__(self, options, prefix):
        self.system = harness.System(options.bin, tls=True, prefix=prefix)
        self.calls, self.prefix = options.calls, prefix

    def __enter__(self):
        self.system.__enter__()
        self.sensor = live_wire.start_sensor(self.system, "s1")
        self.phones = around.Phones(self.calls, self.prefix)
        time.sleep(3)
        return self

    def __exit__(self, *unused):
        self.phones.process.kill()
        self.phones.process.wait()
        self.system.__exit__()

    def sensor_is_away(self, seconds):
        """Killed; returns for how long it did not capture."""
        begin = time.monotonic()
        self.sensor.kill()
        self.sensor.wait()
        time.sleep(seconds)
        self.sensor = live_wire.start_sensor(self.system, "s1")
        return time.monotonic() - begin


def collector_killed(live):
    live.system.kill_collector()
    time.sleep(3)
    live.system.start_collector()
    return 0


def collector_replaced(live):
    live.system.stop_collector()
    time.sleep(1)
    live.system.start_collector()
    return 0


def both_stand_still(live):
    for process in (live.system.collector, live.sensor):
        process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        process.send_signal(signal.SIGCONT)
    return 0


def sensor_killed(live):
    return live.sensor_is_away(2)


def check(report, live, sent, away_s):
    calls = live.system.calls(settle=3, timeout=120)
    report.equal(len(calls), live.calls, "calls")
    report.equal({call["state"] for call in calls}, {"CALL_STATE_COMPLETED"}, "states")
    got = around.recorded(calls)
    report.equal(got.keys(), sent.keys(), "streams")
    report.equal({ssrc: sum(pair) for ssrc, pair in got.items()}, sent, "recorded and said to be lost")
    lost = sorted((sent[ssrc] - got[ssrc][0]) / PACKETS_PER_S for ssrc in got)
    allowed = away_s + IN_MEMORY_S if away_s else 0
    report.expect(lost[-1] <= allowed, f"no stream lost more than {allowed:.2f} s: {lost[-1]:.2f} s")
    print(f"{report.case}: {len(calls)} of {live.calls} calls, {len(got)} streams, "
          f"{sum(sent.values())} packets; away for {away_s:.2f} s; lost of each stream: "
          f"{lost[0]:.2f} to {lost[-1]:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--calls", default=20, type=int)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    report = harness.Report()
    with live_wire.wire() as prefix:
        for fault in (collector_killed, collector_replaced, both_stand_still, sensor_killed):
            if options.only not in fault.__name__:
                continue
            report.case = fault.__name__
            with Live(options, prefix) as live:
                away_s = fault(live)
                time.sleep(3)
                sent = live.phones.hang_up()
                time.sleep(1.5)
                live.sensor.terminate()
                report.equal(live.sensor.wait(timeout=60), 0, "exit code of the sensor")
                check(report, live, sent, away_s)
    report.finish()


main()
