"""Every scene of tests/scenes: its captures through the real programs, against its truth.

What the doctor says of the mirrors is checked, too: mostly nothing.

All scenes share a collector, each with sensors and a site of its own; so what
must not be joined across sites is under test all the time, for most scenes use
the same addresses. A scene whose `alone` is set has a collector for itself.
"""

import collections
import concurrent.futures
import pathlib
import sys
import tempfile

import harness

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenes"))
import generate  # noqa: E402
import media  # noqa: E402

VOICE_SECONDS = 30

# What the doctor says of the scenes whose mirrors are sick.
VERDICTS = {
    # Of the other sensor's port eight packets are proven, too few for a verdict.
    "lossy_spans": ["SPAN_OVERSUBSCRIBED"],
    # No two of the three clocks agree.
    "three_switches": ["CLOCK_OFF", "CLOCK_OFF"],
    "legs_by_two_clocks": ["CLOCK_OFF"],
    "signalling_only": ["CALLS_WITHOUT_MEDIA"],
    "span_one_direction": ["ONE_DIRECTION"],
    "span_one_phone": ["ONE_DIRECTION"],
    "span_twice": ["EVERYTHING_TWICE"],
    "span_twice_one_direction": ["EVERYTHING_TWICE", "ONE_DIRECTION"],
}


def endpoints(found):
    return found["source"], found["destination"]


def keys_of(call, hosts):
    """By what a call is known: its legs and streams."""
    keys = {("leg", leg["callId"], *ends) for leg in call["legs"] for ends in hosts(leg)}
    for stream in call["streams"]:
        keys |= {("rtp", stream["ssrc"], *endpoints(seen)) for seen in stream["observations"]}
    return keys


def pair_up(truth, calls):
    """The stored call for each true one: that which shares most with it."""
    pairs = []
    rest = [(keys_of(call, lambda leg: [endpoints(leg)]), call) for call in calls]
    for true in truth:
        wanted = keys_of(true, lambda leg: leg["hosts"])
        best = max(rest, key=lambda item: len(item[0] & wanted), default=None)
        if best is None or not best[0] & wanted:
            pairs.append((true, None))
            continue
        rest.remove(best)
        pairs.append((true, best[1]))
    return pairs


def check_call(report, true, call):
    for got, want in (("caller", "caller"), ("callee", "callee")):
        report.equal(call.get(got, ""), true[want], got)
    report.equal(call["state"], f"CALL_STATE_{true['state']}", "state")
    report.equal(call.get("endReason", ""), f"END_REASON_{true['end']}", "end reason")
    report.equal(call.get("finalStatus", 0), true["status"], "final status")
    report.equal(sorted(call.get("flags", [])), [f"CALL_FLAG_{flag}" for flag in true["flags"]],
                 "flags")


def check_legs(report, true, call):
    wanted = collections.Counter(leg["callId"] for leg in true["legs"])
    report.equal(collections.Counter(leg["callId"] for leg in call["legs"]), wanted,
                 "legs by Call-ID")
    for leg in true["legs"]:
        found = [seen for seen in call["legs"] if seen["callId"] == leg["callId"] and
                 list(endpoints(seen)) in leg["hosts"]]
        if not report.equal(len(found), 1, f"legs between {leg['hosts']}"):
            continue
        got = {seen["capturePoint"]: seen["messages"] for seen in found[0]["observations"]}
        report.equal(got, leg["messages"], f"messages of the leg {leg['hosts'][0]}")


def check_streams(report, true, call):
    report.equal(len(call["streams"]), len(true["streams"]), "streams")
    for stream in true["streams"]:
        flows = {(stream["ssrc"], *endpoints(seen)) for seen in stream["observations"]}
        found = [seen for seen in call["streams"] if (seen["ssrc"], *endpoints(seen)) in flows]
        name = f"stream {sorted(flows)[0]}"
        if not report.equal(len(found), 1, f"found of {name}"):
            continue
        got = found[0]
        report.equal((got["packets"], got["lost"]), (stream["packets"], stream["lost"]),
                     f"packets, lost of {name}")
        report.equal(got["side"], f"SIDE_{stream['side']}", f"side of {name}, {stream['voice']}")
        report.equal(got["codec"], stream["codec"], f"codec of {name}")
        report.equal(observations(got["observations"], "capturePoint", "mirrorCopies"),
                     observations(stream["observations"], "point", "copies"),
                     f"packets, lost, copies of {name} by capture point")


def observations(seen, point, copies):
    """What each place saw; runs of one stream (it was silent in between) together."""
    total = collections.defaultdict(lambda: [0, 0, 0])
    for one in seen:
        place = total[one[point], *endpoints(one)]
        for i, name in enumerate(("packets", "lost", copies)):
            place[i] += one.get(name, 0)
    return dict(total)


def resemblance(rate, samples, voice):
    """Of a track, or of its best second, with a voice."""
    import numpy
    said = numpy.asarray(media.voice(voice, VOICE_SECONDS)[:16 * media.RATE], dtype=float)
    heard = numpy.asarray(samples, dtype=float)
    if rate == 2 * media.RATE:
        heard = heard[:len(heard) // 2 * 2].reshape(-1, 2).mean(axis=1)
    whole = harness.correlate(heard, said)
    if whole > 0.9:
        return whole
    second = media.RATE
    return max([whole, *(harness.correlate(heard[at:at + second], said)
                         for at in range(0, len(heard) - second // 2, second // 2))])


def parts(voice):
    return set(voice.split("+"))


def check_heard(report, system, true, call):
    if not true["streams"] or not report.expect(call["streams"], "has streams"):
        return
    rate, channels = system.audio(call["id"])
    if not report.equal(len(channels), 2, "channels"):
        return
    for samples, own, other in ((channels[0], "CALLER", "CALLEE"),
                                (channels[1], "CALLEE", "CALLER")):
        for voice in true["heard"][own]:
            value = resemblance(rate, samples, voice)
            report.expect(value > 0.9, f"{voice} among the {own}'s: {value:.3f}")
        for voice in true["heard"][other]:
            if parts(voice) & set().union(*map(parts, true["heard"][own])):
                continue  # A mix of those who are heard here.
            value = resemblance(rate, samples, voice)
            report.expect(value < 0.2, f"{voice} not among the {own}'s: {value:.3f}")


def check_scene(system, name, truth, calls):
    report = harness.Report()
    report.case = name
    report.equal(len(calls), len(truth["calls"]), "calls")
    for true, call in pair_up(truth["calls"], calls):
        report.case = f"{name}: {true['caller']}->{true['callee']}"
        if not report.expect(call is not None, "is there"):
            continue
        check_call(report, true, call)
        check_legs(report, true, call)
        check_streams(report, true, call)
        check_heard(report, system, true, call)
    return report


def check_doctor(report, system, name, truth):
    report.case = name
    found = []
    for site in {how["site"] for how in truth["sensors"].values()}:
        (diagnosis,) = system.json_lines("sensors", "doctor", "--site", f"{name}.{site}")
        found += [verdict["kind"].removeprefix("VERDICT_KIND_")
                  for verdict in diagnosis["verdicts"]]
    report.equal(sorted(found), VERDICTS.get(name, []), "what the doctor says")


def replay(system, folder, truths):
    """Two sensors at a time."""
    def run(job):
        name, sensor, how = job
        process = system.start_sensor(f"{name}.{sensor}",
                                      [folder / name / file for file in how["files"]],
                                      site=f"{name}.{how['site']}")
        if process.wait(timeout=120) != 0:
            raise RuntimeError(f"sensor {name}.{sensor}: {system.log(f'{name}.{sensor}')}")
    jobs = [(name, sensor, how) for name, truth in truths.items()
            for sensor, how in truth["sensors"].items()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(run, jobs))


def run_together(options, folder, truths):
    """Reports by scene."""
    with harness.System(options.bin) as system:
        replay(system, folder, truths)
        by_scene = collections.defaultdict(list)
        for call in system.calls(timeout=60):
            scenes = {sensor.split(".")[0] for sensor in call["sensors"]}
            for name in scenes:
                by_scene[name].append(call)
        reports = {}
        for name, truth in truths.items():
            print(f"{name}: {truth['about']}")
            reports[name] = check_scene(system, name, truth, by_scene[name])
            check_doctor(reports[name], system, name, truth)
            kinds = {kind["kind"][14:] for call in by_scene[name] for kind in call["evidence"]}
            print(f"  {len(by_scene[name])} calls, {reports[name].checked} facts; "
                  f"joined by {', '.join(sorted(kinds)) or 'nothing'}")
        return reports


def summary(reports):
    report = harness.Report()
    for name, of_scene in reports.items():
        report.case = name
        report.checked += of_scene.checked
        report.failures += of_scene.failures
    print(f"{len(reports)} scenes")
    report.finish()


def main():
    options = harness.arguments()
    with tempfile.TemporaryDirectory(prefix="callbraid-scenes-") as folder:
        truths, alone = generate.write_all(folder, only=options.only)
        folder = pathlib.Path(folder)
        reports = run_together(options, folder, {name: truth for name, truth in truths.items()
                                                 if name not in alone})
        for name in alone:
            reports |= run_together(options, folder, {name: truths[name]})
        summary(reports)


main()
