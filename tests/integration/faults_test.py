"""kill -9 in mid-call: what was on the wire is in the recording all the same.

A scene is played at four times its speed while a process is killed and started
again; then the calls, their recordings included, must equal those of an
undisturbed run.
"""

import hashlib
import time

import harness

SCENES = ("b-local-trunk", "a1-ext-rtpengine")
SPEED = 4


def without_history(call):
    """A call less what tells how it came about: the number of its revisions."""
    return {key: value for key, value in call.items() if key != "revision"}


def results(system):
    calls = [without_history(call) for call in system.calls(settle=1.5)]
    audio = {}
    for call in calls:
        rate, channels = system.audio(call["id"])
        audio[call["id"]] = (rate, [hashlib.sha256(c.tobytes()).hexdigest() for c in channels])
    return calls, audio


def undisturbed(options, scene):
    with harness.System(options.bin, tls=True) as system:
        system.replay({"s1": [scene / "sw1.pcap"], "s2": [scene / "sw2.pcap"]})
        return results(system)


def kill_collector(options, scene):
    with harness.System(options.bin, tls=True) as system:
        sensors = [system.start_sensor(f"s{n}", [scene / f"sw{n}.pcap"], SPEED) for n in (1, 2)]
        for pause in (1.0, 1.5):
            time.sleep(pause)
            system.kill_collector()
            system.start_collector()
        codes = [sensor.wait(timeout=120) for sensor in sensors]
        return codes, results(system)


def kill_sensor(options, scene):
    with harness.System(options.bin, tls=True) as system:
        other = system.start_sensor("s2", [scene / "sw2.pcap"], SPEED)
        sensor = system.start_sensor("s1", [scene / "sw1.pcap"], SPEED)
        time.sleep(2.0)
        sensor.kill()
        sensor.wait()
        # A file can be read again from its start, as if the wire had waited.
        again = system.start_sensor("s1", [scene / "sw1.pcap"], SPEED)
        codes = [again.wait(timeout=120), other.wait(timeout=120)]
        return codes, results(system)


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    for name in SCENES:
        if options.only not in name:
            continue
        scene = lab / name
        want = undisturbed(options, scene)
        for fault in (kill_collector, kill_sensor):
            report.case = f"{name}, {fault.__name__}"
            codes, got = fault(options, scene)
            print(f"{report.case}: {len(got[0])} calls")
            report.equal(codes, [0, 0], "exit codes of the sensors")
            report.equal(got[0], want[0], "calls")
            report.equal(got[1], want[1], "recordings")
    report.finish()


main()
