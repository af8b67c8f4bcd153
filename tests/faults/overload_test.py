"""More is captured than the WAN takes: what is lost then is media of calls that nobody
asks for, then media, never signalling; the calls say so, and it ends by itself.

    overload_test.py --bin DIR [--calls 30] [--seconds 25]

--seconds: how long a call is. Every second call is asked for.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import around  # noqa: E402  (after its path is known)
import harness  # noqa: E402
import live_wire  # noqa: E402

# What a stream needs on the WAN, about: payloads, times, and a chunk's head.
BYTES_PER_STREAM_S = 50 * 175
CHUNKS_PER_STREAM_S = 2
SPOOL_MIB = 4
# Of spare media, at least, may be on its way before what is asked for.
LEAST_WINDOW_BYTES = 256 << 10
LANES = {"SPOOL_LANE_SIGNALLING": "signalling", "SPOOL_LANE_MEDIA": "media",
         "SPOOL_LANE_SPARE_MEDIA": "spare"}
CALLERS = 1000  # The first of phones.py; its SSRCs begin at:
SSRCS = 0x10000000


def is_asked_for(ssrc):
    return (ssrc - SSRCS) // 2 % 2 == 0


def config(system, media_mib):
    path = system.dir / "sensor.yaml"
    numbers = ", ".join(f'"{CALLERS + number}"' for number in range(0, 200, 2))
    path.write_text(f"media: {{asked_for: {{numbers: [{numbers}]}}}}\n"
                    f"spool: {{media_mib: {media_mib}}}\n")
    return path


def lanes(system):
    """{lane: (frames that wait, frames discarded)}, as the sensor says; None while it is away."""
    [sensor] = system.json_lines("sensors", "list")
    if not sensor.get("connected"):
        return None
    sums = {lane: [0, 0] for lane in LANES.values()}
    for spool in sensor["spools"]:
        lane = sums[LANES[spool["lane"]]]
        lane[0] += int(spool["nextSequence"]) - int(spool["firstSequence"])
        lane[1] += int(spool.get("discardedFrames", 0))
    return {lane: tuple(counts) for lane, counts in sums.items()}


def catch_up(system):
    """Until nothing waits any more; what was discarded by lane, and how long it took."""
    begin = time.monotonic()
    while not lanes(system) and time.monotonic() < begin + 60:
        time.sleep(0.25)
    time.sleep(1.5)  # A heartbeat.
    while time.monotonic() < begin + 60:
        state = lanes(system)
        if state and max(waiting for waiting, _ in state.values()) < 100:
            return {lane: lost for lane, (_, lost) in state.items()}, time.monotonic() - begin
        time.sleep(0.25)
    raise RuntimeError(f"it does not catch up: {state}")


def slow_wan(report, system, wan, streams):
    """Room for what is asked for, and little more."""
    rate = 0.65 * streams * BYTES_PER_STREAM_S
    wan("rate", rate)
    time.sleep(4)
    # What waits is known by heartbeats, which come over the same slow link: some seconds ago.
    waits, spare = [], 0
    begin = time.monotonic()
    while len(waits) < 10 or (spare <= streams and time.monotonic() < begin + 30):
        time.sleep(0.5)
        state = lanes(system)
        waits.append(state["media"][0] / (streams / 2 * CHUNKS_PER_STREAM_S))
        spare = max(spare, state["spare"][0])
    waits.sort()
    print(f"WAN of 0.65 of the need: media asked for waits {waits[len(waits) // 2]:.2f} s (median), "
          f"{waits[-1]:.2f} s (most); up to {spare} frames of spare media wait")
    report.expect(waits[len(waits) // 2] < 1.5 + LEAST_WINDOW_BYTES / rate,
                  "media that is asked for comes at once, but for one batch before it")
    report.expect(spare > streams, "spare media waits")
    wan("rate", 0)
    lost, seconds = catch_up(system)
    print(f"  caught up after {seconds:.1f} s; discarded: {lost}")
    report.equal(sum(lost.values()), 0, "discarded by a slow WAN")


def interrupt(report, system, wan, words, seconds):
    """`words`: how it begins and ends. After a cut the sensor dials again at times of its own; a
    connection that only stood still goes on at once."""
    begin, end = words
    wan(begin)
    time.sleep(seconds)
    wan(end)
    lost, caught_up_s = catch_up(system)
    print(f"{begin} for {seconds} s: caught up after {caught_up_s:.1f} s; frames discarded so far: {lost}")
    report.equal(lost["signalling"], 0, "frames of signalling discarded")
    return lost


def undelivered(stream):
    return sum(loss.get("discarded", 0) for loss in stream.get("captureLosses", []))


def check_calls(report, system, sent, drops):
    """Every call is there, and each packet of it recorded, or said to be discarded."""
    calls = system.calls(settle=3, timeout=120)
    report.equal(len(calls), len(sent) // 2, "calls")
    report.equal({call["state"] for call in calls}, {"CALL_STATE_COMPLETED"}, "states")
    streams = {stream["ssrc"]: stream for call in calls for stream in call["streams"]}
    report.expect(streams.keys() == sent.keys(), f"all of {len(sent)} streams are shown: not {len(streams)}")
    touched = {True: 0, False: 0}
    wrong = {}
    for ssrc, stream in streams.items():
        missing = sent[ssrc] - stream.get("packets", 0)
        touched[is_asked_for(ssrc)] += missing > drops
        if abs(missing - undelivered(stream)) > drops:
            wrong[ssrc] = (sent[ssrc], stream.get("packets", 0), undelivered(stream))
    report.expect(not wrong, f"what is missing is said to be discarded: not {dict(list(wrong.items())[:4])}")
    marked = sum("CALL_FLAG_CAPTURE_LOSS" in call.get("flags", []) for call in calls)
    lost = sum(sent.values()) - sum(stream.get("packets", 0) for stream in streams.values())
    print(f"{len(calls)} calls, all completed; {sum(sent.values())} packets sent, {lost} not recorded "
          f"({drops} dropped by the kernel); streams touched: {touched[True]} asked for, "
          f"{touched[False]} spare; calls marked: {marked}")
    report.expect(touched[False] > touched[True] > 0, "more spare streams are touched than others")
    return calls, streams


def check_hole(report, system, calls, sent):
    """A recording with a hole in it is as long as the call was."""
    def loses(call):
        """Streams with a hole: what is missing is missing in the middle, not at an end."""
        return {stream["ssrc"] for stream in call["streams"]
                if stream.get("packets", 0) and stream.get("lost", 0) > 100 and undelivered(stream)
                and sent[stream["ssrc"]] - stream["packets"] - stream["lost"] <= 10}
    holed = [call for call in calls if len(loses(call)) == 2]
    if not report.expect(holed, "there is a call with a hole"):
        return
    call = holed[0]
    rate, channels = system.audio(call["id"])
    want = max(sent[stream["ssrc"]] for stream in call["streams"]) / 50
    got = len(channels[0]) / rate
    print(f"call {call['id'][:8]}: {want:.1f} s, {call['streams'][0]['lost']} packets lost in the middle; "
          f"its recording has {got:.1f} s")
    report.expect(abs(got - want) < 0.5, f"the hole keeps its length: {got:.1f} s of {want:.1f} s")


def room_s(options):
    """How long the room for media lasts, if all of it is used."""
    return SPOOL_MIB * 2 ** 20 / (2 * options.calls * BYTES_PER_STREAM_S)


@contextlib.contextmanager
def small_disk(path, mib):
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "none", path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def full_disk(options, report, prefix):
    """The disk is smaller than what the spool may take."""
    with harness.System(options.bin, tls=True, prefix=prefix) as system, \
            small_disk(system.dir / "spool-s1", SPOOL_MIB), around.Wan(system.address, prefix) as wan:
        sensor = live_wire.start_sensor(system, "s1", "--config", config(system, 2 * SPOOL_MIB),
                                        collector=wan.address)
        phones = around.Phones(options.calls, prefix)
        time.sleep(2)
        print("on a disk of", SPOOL_MIB, "MiB:")
        lost = interrupt(report, system, wan, ("stall", "flow"), round(1.5 * room_s(options)))
        report.expect(lost["spare"] > 0, "on a full disk, spare media goes first")
        report.equal(lost["media"], 0, "frames of media asked for that are discarded on a full disk")
        phones.hang_up()
        time.sleep(1.5)
        sensor.terminate()
        report.equal(sensor.wait(timeout=30), 0, "exit code of the sensor")
        calls = system.calls(settle=2, timeout=60)
        completed = sum(call["state"] == "CALL_STATE_COMPLETED" for call in calls)
        report.equal((len(calls), completed), (options.calls, options.calls), "calls, and completed ones")


def overload(options, report, prefix):
    streams = 2 * options.calls
    with harness.System(options.bin, tls=True, prefix=prefix) as system, \
            around.Wan(system.address, prefix) as wan:
        sensor = live_wire.start_sensor(system, "s1", "--config", config(system, SPOOL_MIB),
                                        collector=wan.address)
        phones = around.Phones(options.calls, prefix, seconds=options.seconds)
        time.sleep(3)
        slow_wan(report, system, wan, streams)
        lost = interrupt(report, system, wan, ("stall", "flow"), round(1.5 * room_s(options)))
        report.expect(lost["spare"] > 0, "spare media goes first")
        report.equal(lost["media"], 0, "frames of media asked for that are discarded as well")
        lost = interrupt(report, system, wan, ("cut", "join"), round(2.7 * room_s(options)))
        report.expect(lost["media"] > 0, "then other media goes")
        before = lanes(system)
        time.sleep(4)
        after = lanes(system)
        report.equal([lost for _, lost in after.values()], [lost for _, lost in before.values()],
                     "frames discarded when it is over")
        sent = phones.hang_up()
        time.sleep(1.5)
        sensor.terminate()
        report.equal(sensor.wait(timeout=30), 0, "exit code of the sensor")
        print(system.cli("sensors", "list").stdout)
        [state] = system.json_lines("sensors", "list")
        drops = sum(int(point["report"][name]) for point in state["capturePoints"]
                    for name in ("kernelDrops", "interfaceDrops"))
        calls, _ = check_calls(report, system, sent, drops)
        check_hole(report, system, calls, sent)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--calls", default=30, type=int)
    parser.add_argument("--seconds", default=25, type=float)
    options = parser.parse_args()
    report = harness.Report()
    report.case = "overload"
    with live_wire.wire() as prefix:
        overload(options, report, prefix)
        full_disk(options, report, prefix)
    report.finish()


main()
