"""The collector and those who watch calls are killed at random: who goes on by the last id that it
dealt with knows in the end what ListCalls says, and within its scope nothing else."""

import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import harness  # noqa: E402
import watch_follower  # noqa: E402
from event_system import make_calls  # noqa: E402
from web_client import Browser  # noqa: E402

FOLLOWER = pathlib.Path(__file__).resolve().with_name("watch_follower.py")
ROUNDS = 12
# What a switch sees of a call that another one sees the rest of: these become one.
SCENES = ["b-local-trunk", "c1-local-sw2", "d1-hold-dtmf-g722"]


class Follower:
    """Someone who watches, and is killed."""

    def __init__(self, system, name, token=None):
        self.system = system
        self.journal = system.dir / f"{name}.journal"
        self.token = token
        self.process = None
        self.start()

    def start(self):
        address = self.system.web.removeprefix("http://")
        self.process = subprocess.Popen([sys.executable, FOLLOWER, address, self.journal,
                                         *([self.token] if self.token else [])])
        self.system.sensors.append(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def state(self):
        return watch_follower.state_of(watch_follower.lines_of(self.journal)[0])


class Watched(harness.System):
    def start_collector(self):
        self.collector_flags = ["--web-listen", "127.0.0.1:0" if self.address is None else
                                self.web.removeprefix("http://")]
        super().start_collector()
        self.web = self.collector.stdout.readline().split("web on ")[1].strip()

    def captures(self, lab):
        """Files by (sensor, site), in the order in which they are delivered."""
        for n in range(6):
            path = make_calls(self.dir / f"calls-{n}.pcap", "+491", 1, 4, first_ms=n * 600_000)
            yield "s1", "berlin", [path]
            if n % 2 == 0:
                # A switch in Bonn saw the same: calls come to another site.
                yield "s2", "bonn", [path]
        for scene in SCENES if lab.is_dir() else []:
            for sensor, site, switch in (("s3", "berlin", "sw1"), ("s4", "bonn", "sw2")):
                link = self.dir / f"{scene}-{switch}.pcap"
                link.symlink_to(lab / scene / f"{switch}.pcap")
                yield sensor, site, [link]


def outline(call):
    """What a list and a watch both tell."""
    return {key: call.get(key) for key in
            ("id", "revision", "state", "caller", "callee", "endTime", "annotation", "flags")}


def listed(browser):
    calls, token = {}, ""
    while True:
        status, page = browser.rpc("CallService/ListCalls", {"pageSize": 1000, "pageToken": token})
        if status != 200:
            raise RuntimeError(f"ListCalls: {page}")
        calls.update((call["id"], call) for call in page.get("calls", []))
        token = page.get("nextPageToken", "")
        if not token:
            return calls


def annotate(browser, rng):
    """Writes about a call, as somebody would meanwhile; ABORTED is no matter."""
    calls = listed(browser)
    if not calls:
        return
    call = calls[rng.choice(sorted(calls))]
    there = call.get("annotation", {})
    browser.rpc("CallService/AnnotateCall", {
        "id": call["id"], "tags": [f"t{rng.randrange(9)}"], "note": "seen",
        **({"replaces": there["time"]} if there else {})})


def chaos(system, followers, rng):
    """Kills somebody, and lets it come back after a while."""
    victim = rng.choice([None, *followers])
    time.sleep(rng.uniform(0.0, 0.7))
    if victim is None:
        system.kill_collector()
        time.sleep(rng.uniform(0.0, 0.3))
        system.start_collector()
    else:
        victim.kill()
        time.sleep(rng.uniform(0.0, 1.5))
        victim.start()


def expect_same(report, follower, browser, name):
    deadline = time.monotonic() + 30
    while True:
        want = {key: outline(call) for key, call in listed(browser).items()}
        calls, _, anew = follower.state()
        got = {key: outline(call) for key, call in calls.items()}
        if got == want or time.monotonic() > deadline:
            break
        time.sleep(0.3)
    report.expect(len(want) > 5, f"{name} has calls to see: {len(want)}")
    report.equal(sorted(got.keys() - want.keys()), [], f"calls that {name} knows and are none")
    report.equal(sorted(want.keys() - got.keys()), [], f"calls that {name} does not know")
    for key in want.keys() & got.keys():
        report.equal(got[key], want[key], f"call {key[:8]} as {name} knows it")
    report.equal(anew, 0, f"times that {name} had to begin anew")
    return len(want)


def main():
    options = harness.arguments()
    rng = random.Random(options.seed)
    print(f"--seed {options.seed}", flush=True)
    report = harness.Report()
    report.case = "resume"
    with Watched(options.bin, with_plugins=False) as system:
        token = system.cli("tokens", "create", "bob", "--role", "viewer", "--site",
                           "bonn").stdout.strip()
        everyone = Browser(system.web)
        bonn = Browser(system.web, token=token)
        followers = [Follower(system, "all"), Follower(system, "bonn", token)]
        # Whoever was told nothing yet has nothing to go on from.
        first = make_calls(system.dir / "first.pcap", "+492", 2, 2, first_ms=0)
        system.replay({"s2": [first]}, site="bonn")
        deadline = time.monotonic() + 30
        while not all(follower.state()[1] for follower in followers):
            if time.monotonic() > deadline:
                raise RuntimeError("nobody was told of the first calls")
            time.sleep(0.1)

        deliveries = list(system.captures(harness.SHARED / "lab"))
        rounds = 0
        running = []
        while deliveries or rounds < ROUNDS or any(p.poll() is None for p in running):
            if deliveries:
                sensor, site, files = deliveries.pop(0)
                # One spool, one sensor at a time.
                for process in running:
                    if process.args[process.args.index("--id") + 1] == sensor:
                        process.wait(timeout=60)
                running.append(system.start_sensor(sensor, files, site=site))
            chaos(system, followers, rng)
            annotate(everyone, rng)
            rounds += 1
            if rounds > 200:
                raise RuntimeError("sensors do not come to an end")
        for process in running:
            report.equal(process.wait(timeout=60), 0, "exit code of a sensor")
        system.calls(settle=2.5, timeout=60)
        for follower in followers:
            if follower.process.poll() is not None:
                follower.start()
        calls = [expect_same(report, followers[0], everyone, "who sees all"),
                 expect_same(report, followers[1], bonn, "who sees Bonn")]
        report.expect(calls[1] < calls[0], "who sees Bonn does not see all")
        merged = sum(line.get("response", {}).get("change") == "CHANGE_MERGED"
                     for line in watch_follower.lines_of(followers[0].journal)[0])
        print(f"{rounds} kills; {calls[0]} calls, {calls[1]} in Bonn; {merged} were merged")
    report.finish()


main()
