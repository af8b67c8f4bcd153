"""kill -9 in mid-call: what was on the wire is in the recording all the same.

A scene is played at four times its speed while a process is killed and started
again; then the calls, their recordings included, must equal those of an
undisturbed run.
"""

import concurrent.futures
import random
import time

import harness

SCENES = ("b-local-trunk", "a1-ext-rtpengine")
SPEED = 4


def undisturbed(options, scene):
    with harness.System(options.bin, tls=True) as system:
        system.replay({"s1": [scene / "sw1.pcap"], "s2": [scene / "sw2.pcap"]})
        return system.results()


def kill_collector(options, scene):
    with harness.System(options.bin, tls=True) as system:
        sensors = [system.start_sensor(f"s{n}", [scene / f"sw{n}.pcap"], SPEED) for n in (1, 2)]
        for pause in (1.0, 1.5):
            time.sleep(pause)
            system.kill_collector()
            system.start_collector()
        codes = [sensor.wait(timeout=120) for sensor in sensors]
        return codes, system.results()


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
        return codes, system.results()


def kill_at_random(options, scene):
    """Whoever is hit, whenever: the seed that is printed tells it again."""
    random_ = random.Random(f"{options.seed} {scene.name}")
    print(f"--seed {options.seed}")
    with harness.System(options.bin, tls=True) as system:
        def start(n):
            return system.start_sensor(f"s{n}", [scene / f"sw{n}.pcap"], SPEED)
        sensors = {n: start(n) for n in (1, 2)}
        for victim in random_.sample((0, 0, 1, 2, 0, 1, 2), 7):
            time.sleep(random_.uniform(0.0, 1.2))
            if victim == 0:
                system.kill_collector()
                system.start_collector()
            elif sensors[victim].poll() is None:
                sensors[victim].kill()
                sensors[victim].wait()
                sensors[victim] = start(victim)
        codes = [sensor.wait(timeout=120) for sensor in sensors.values()]
        return codes, system.results()


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    for name in SCENES:
        if options.only not in name:
            continue
        scene = lab / name
        # Each has a system of its own, and mostly waits.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            runs = [(fault, pool.submit(fault, options, scene))
                    for fault in (kill_collector, kill_sensor, kill_at_random)]
            want = undisturbed(options, scene)
        for fault, run in runs:
            report.case = f"{name}, {fault.__name__}"
            codes, got = run.result()
            print(f"{report.case}: {len(got[0])} calls")
            report.equal(codes, [0, 0], "exit codes of the sensors")
            report.equal(got[0], want[0], "calls")
            report.equal(got[1], want[1], "recordings")
    report.finish()


main()
