"""The WAN is cut for a while, with calls in progress: nothing is lost, and what is
captured afterwards comes at once, though much is still to be delivered.

    wan_cut_test.py --bin DIR [--calls 20] [--cut 15] [--rate 3]

--cut: for so many seconds; --rate: of the WAN afterwards, as a multiple of what the
calls need.
"""

import argparse
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import around  # noqa: E402  (after its path is known)
import harness  # noqa: E402
import live_wire  # noqa: E402

# What a stream needs on the WAN, about: payloads, times, and a chunk's head.
BYTES_PER_STREAM_S = 50 * 175
CHUNKS_PER_STREAM_S = 2


def media_spools(system):
    """Frames that wait in each media spool of the sensor, the newest spool first."""
    [sensor] = system.json_lines("sensors", "list")
    return [int(spool["nextSequence"]) - int(spool["firstSequence"])
            for spool in sensor["spools"] if spool["lane"] == "SPOOL_LANE_MEDIA"]


def watch_replay(system, streams):
    """How long it takes to catch up, and how long new media took meanwhile: [seconds]."""
    begin = time.monotonic()
    waits, most = [], 0
    while time.monotonic() < begin + 900:
        newest, *older = media_spools(system)
        most = max(most, sum(older))
        if most and not sum(older):
            return time.monotonic() - begin, waits, most
        if most:
            waits.append(newest / (streams * CHUNKS_PER_STREAM_S))
        time.sleep(0.25)
    raise RuntimeError("it does not catch up")


def check(report, system, sent):
    calls = system.calls(settle=3, timeout=120)
    report.equal(len(calls), len(sent) // 2, "calls")
    report.equal({call["state"] for call in calls}, {"CALL_STATE_COMPLETED"}, "states")
    got = around.recorded(calls)
    report.equal(got.keys(), sent.keys(), "streams")
    wrong = {ssrc: counts for ssrc, counts in got.items() if sum(counts) != sent.get(ssrc)}
    report.expect(not wrong, f"recorded and lost packets are those sent: not {dict(list(wrong.items())[:3])}")
    # On a busy machine the kernel may drop some before the sensor has them.
    [sensor] = system.json_lines("sensors", "list")
    drops = sum(int(point["report"][name]) for point in sensor["capturePoints"]
                for name in ("kernelDrops", "interfaceDrops"))
    lost = sum(lost for _, lost in got.values())
    print(f"{sum(sent.values())} packets sent, {sum(packets for packets, _ in got.values())} recorded, "
          f"{lost} lost; dropped by the kernel: {drops}")
    report.expect(lost <= drops, "nothing is lost but what the kernel dropped")
    return sum(packets for packets, _ in got.values())


def run(options, report, prefix):
    streams = 2 * options.calls
    with harness.System(options.bin, tls=True, prefix=prefix) as system, \
            around.Wan(system.address, prefix) as wan:
        sensor = live_wire.start_sensor(system, "s1", collector=wan.address)
        phones = around.Phones(options.calls, prefix)
        time.sleep(3)
        report.equal(len(media_spools(system)), 1, "media spools before the cut")
        wan("cut")
        time.sleep(options.cut)
        wan("rate", options.rate * streams * BYTES_PER_STREAM_S)
        wan("join")
        catch_up_s, waits, most = watch_replay(system, streams)
        waits.sort()
        print(f"{options.calls} calls, cut for {options.cut:g} s, then {options.rate:g} times the rate "
              f"needed: {most} frames waited; caught up after {catch_up_s:.1f} s; new media waited "
              f"{waits[len(waits) // 2]:.2f} s (median), {waits[-1]:.2f} s (most)")
        time.sleep(2)
        report.expect(waits[len(waits) // 2] < 1.5, "new media comes at once during the replay")
        sent = phones.hang_up()
        time.sleep(1.5)
        sensor.terminate()
        report.equal(sensor.wait(timeout=30), 0, "exit code of the sensor")
        check(report, system, sent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--calls", default=20, type=int)
    parser.add_argument("--cut", default=15, type=float)
    parser.add_argument("--rate", default=3, type=float)
    options = parser.parse_args()
    report = harness.Report()
    report.case = "WAN cut"
    with live_wire.wire() as prefix:
        run(options, report, prefix)
    report.finish()


main()
