"""Sensors whose clocks are wrong, on the lab's captures with their times rewritten.

However wrong the clock of sensor s2 is, the same calls come out as with clocks
that agree, and the collector says how wrong it is: within a millisecond where
traffic of both directions was seen, and never further off than it states.
"""

import calendar
import math
import time

import harness
import pcap

S = 1_000_000_000
MS = 1_000_000

# What the clock of s2 shows at a true time t, of a capture that starts at t0.
CLOCKS = {
    "agree": lambda t, t0: t,
    "3 s ahead": lambda t, t0: t + 3 * S,
    "35 min behind": lambda t, t0: t - 2100 * S,
    "drifts by 200 ppm": lambda t, t0: t + (t - t0) // 5000,
    "35 min ahead, drifts by -150 ppm": lambda t, t0: t + 2100 * S - 150 * (t - t0) // 1_000_000,
    "set forth by 1 s in mid-call": lambda t, t0: t + (S if t - t0 > 4 * S else 0),
    "set back by 1 s in mid-call": lambda t, t0: t - (S if t - t0 > 4 * S else 0),
    "set back by 35 min in mid-call": lambda t, t0: t - (2100 * S if t - t0 > 4 * S else 0),
}
STEPS = {"set forth by 1 s in mid-call": S, "set back by 1 s in mid-call": -S,
         "set back by 35 min in mid-call": -2100 * S}
DRIFTS = {"drifts by 200 ppm": 200, "35 min ahead, drifts by -150 ppm": -150}

# Traffic both ways at both sensors; then scenes that only what other calls say
# of the clocks can put together: signalling at s1 alone, media at s2 alone.
PAIRED = "b-local-trunk"
SPLIT = "c2-local-sw2-mediaonly"


def write(scene, folder, clock):
    """The captures of a scene, s2's as its clock would have stamped them."""
    near = scene / "sw1.pcap"
    far = pcap.Pcap(scene / "sw2.pcap")
    start = far.start_ns()
    far.retimed(lambda t: clock(t, start))
    return [near], [far.write(folder / f"{scene.name}-sw2.pcap")]


def shape(calls):
    """What of calls does not depend on clocks."""
    def stream(s):
        return (s["source"], s["destination"], s["ssrc"], s.get("packets", 0), s.get("lost", 0),
                s["side"], sorted({o["sensor"] for o in s["observations"]}),
                [(h["fromSensor"], h["toSensor"], h.get("lost", 0)) for h in s.get("hops", [])])
    return sorted(
        (call["caller"], call["callee"], call["state"],
         sorted((leg["callId"], leg["source"], leg["destination"]) for leg in call["legs"]),
         sorted(stream(s) for s in call["streams"]))
        for call in calls)


def clock_of(system, sensor, timeout=10):
    """The sensor's clock as listed, once nothing changes any more: the collector compares them
    every two seconds."""
    before = None
    for _ in range(10):
        time.sleep(2.5)
        found = {s["id"]: s.get("clock") for s in system.json_lines("sensors", "list")}.get(sensor)
        if found is not None and found == before:
            break
        before = found
    return found


def nanoseconds(timestamp):
    """Of proto3 JSON: RFC 3339 with up to nine digits."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return seconds * S + int(fraction.ljust(9, "0") or 0)


def true_time(shown, clock, start):
    """When the clock of s2 showed that: by bisection, for clocks that go forward."""
    low, high = start - 10 * S, start + 600 * S
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if clock(middle, start) <= shown else (low, middle)
    return low


def check_clock(report, name, clock, scene, system):
    start = pcap.Pcap(scene / "sw2.pcap").start_ns()
    found = clock_of(system, "s2")
    if not report.expect(found is not None, "the clock of s2 is known"):
        return
    report.equal(found.get("reference"), "s1", "compared with")
    report.equal(found.get("source"), "CLOCK_SOURCE_BOTH_WAYS", "found by")
    offset = int(found.get("offsetNs", 0))
    uncertainty = int(found.get("uncertaintyNs", 0))
    drift = found.get("driftPpm", 0.0)
    shown = nanoseconds(found["time"])
    if name in STEPS:
        truth = STEPS[name]
        step = found.get("lastStep", {})
        report.expect(abs(int(step.get("sizeNs", 0)) - truth) <= 2 * MS,
                      f"the step of {truth / S} s is seen: {step}")
    else:
        at = true_time(shown, clock, start)
        truth = clock(at, start) - at
        report.expect("lastStep" not in found, f"no step is seen: {found.get('lastStep')}")
    error = abs(offset - truth)
    report.expect(error <= MS, f"offset {offset / MS:.3f} ms, in truth {truth / MS:.3f} ms")
    report.expect(error <= uncertainty, f"off by {error} ns, stated uncertainty {uncertainty} ns")
    wanted = DRIFTS.get(name, 0)
    drift_uncertainty = found.get("driftUncertaintyPpm", 0.0)
    report.expect(abs(drift - wanted) <= max(drift_uncertainty, 1),
                  f"drift {drift:.1f} +/- {drift_uncertainty:.1f} ppm, in truth {wanted}")
    print(f"  offset {offset / MS:.3f} ms (off by {error / 1000:.1f} us, stated "
          f"{uncertainty / 1000:.1f} us), drift {drift:.1f} +/- {drift_uncertainty:.1f} ppm"
          + (f", step {int(found['lastStep']['sizeNs']) / S:.6f} s" if "lastStep" in found else ""))


def check_ladder(report, system, calls):
    """No response before its request; no message of a later hop before the earlier one's."""
    for call in calls:
        messages = system.json_lines("calls", "ladder", call["id"])
        invites = [i for i, m in enumerate(messages) if m["summary"] == "INVITE"]
        finals = [i for i, m in enumerate(messages) if m["summary"].startswith("200")]
        report.expect(invites and finals and max(invites) < min(finals),
                      f"INVITE before 200: {[m['summary'] for m in messages]}")
        first_leg = [m for m in messages if m["legId"] == call["legs"][0]["id"]]
        last_leg = [m for m in messages if m["legId"] == call["legs"][-1]["id"]]
        if first_leg and last_leg and len(call["legs"]) > 1:
            times = lambda leg, what: [nanoseconds(m["alignedTime"]) for m in leg
                                       if m["summary"].startswith(what)]
            report.expect(min(times(first_leg, "INVITE")) <= min(times(last_leg, "INVITE")),
                          "INVITE reaches the proxy before it goes on")
            report.expect(min(times(last_leg, "200")) <= min(times(first_leg, "200")),
                          "200 reaches the proxy before it goes on")


def check_paired(options, report, lab):
    expected = None
    for name, clock in CLOCKS.items():
        if options.only not in name:
            continue
        report.case = f"{PAIRED}, {name}"
        print(report.case)
        with harness.System(options.bin) as system:
            near, far = write(lab / PAIRED, system.dir, clock)
            system.replay({"s1": near, "s2": far})
            calls = system.calls(settle=0.4)
            expected = expected or shape(calls)
            report.equal(shape(calls), expected, "calls")
            check_clock(report, name, clock, lab / PAIRED, system)
            # What the clock shows twice can be put in order by nobody.
            if STEPS.get(name, 0) >= 0:
                check_ladder(report, system, calls)


def check_split(options, report, lab):
    """The clock is known from another scene, captured some minutes before or after."""
    for name in ("agree", "35 min behind"):
        if options.only not in name:
            continue
        report.case = f"{SPLIT}, {name}"
        print(report.case)
        clock = CLOCKS[name]
        with harness.System(options.bin) as system:
            paired, split = (write(lab / scene, system.dir, clock) for scene in (PAIRED, SPLIT))
            # The split call first: what tells of the clocks comes later.
            system.replay({"s1": split[0], "s2": split[1]})
            if name != "agree":
                report.expect(len(system.calls(settle=0.4)) > 1, "nothing tells yet")
            system.replay({"s1": paired[0], "s2": paired[1]})
            calls = [call for call in system.calls(settle=0.4)
                     if any(s["observations"][0]["capturePoint"].startswith(SPLIT)
                            for s in call["streams"])]
            report.equal(len(calls), 1, "calls")
            report.equal((len(calls[0]["legs"]), len(calls[0]["streams"])), (2, 2),
                         "legs, streams")


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    check_paired(options, report, lab)
    check_split(options, report, lab)
    report.finish()


main()
