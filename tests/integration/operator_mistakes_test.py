"""Mistakes that an operator makes: one line that says what and what to do.

Non-zero exit where the process cannot go on; where it can, it retries.
"""

import contextlib
import os
import pathlib
import subprocess
import time

import harness

CAPTURE = harness.ROOT / "deploy/quickstart.d/sw1.pcap"


def run(*command, timeout=30):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=timeout)


def one_line(report, result, code, *words):
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    report.equal(result.returncode, code, "exit code")
    report.equal(len(lines), 1, f"lines on stderr ({result.stderr!r})")
    for word in words:
        report.expect(word in result.stderr, f"{result.stderr!r} says {word!r}")


def wait_for_log(system, name, *words, timeout=20):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if all(word in system.log(name) for word in words):
            return True
        time.sleep(0.1)
    return False


def sensor_mistakes(report, options, system):
    sensor = options.bin / "callbraid-sensor"
    common = ["--id", "s1", "--spool", system.dir / "spool-x", "--collector", system.address,
              *system.security("s1")]
    report.case = "a file that is no capture"
    one_line(report, run(sensor, *common, "--read", harness.ROOT / "README.md"), 1, "README.md")
    report.case = "a file that does not exist"
    one_line(report, run(sensor, *common, "--read", "/nonexistent.pcap"), 1, "/nonexistent.pcap")
    report.case = "an interface that does not exist"
    one_line(report, run(sensor, *common, "--interface", "nosuchif0"), 1, "nosuchif0")
    report.case = "neither interface nor file"
    one_line(report, run(sensor, *common), 2, "--interface")
    report.case = "an unknown flag"
    one_line(report, run(sensor, "--colector", "x"), 2, "--collector")
    report.case = "a bad sensor id"
    one_line(report, run(sensor, "--id", "a b", *common[2:], "--read", CAPTURE), 2, "a b")
    report.case = "no TLS files and not --insecure"
    one_line(report, run(sensor, *common[:6], "--read", CAPTURE), 1, "--insecure")
    config = system.dir / "sensor.yaml"
    report.case = "an unknown key in the configuration"
    config.write_text("id: s1\ncapture:\n  ring_mb: 3\n")
    one_line(report, run(sensor, "--config", config, "--check"), 1, f"{config}:3:3", "ring_mib")
    report.case = "--check of a good configuration"
    config.write_text(f"id: s1\ncapture: {{files: [{CAPTURE}]}}\nspool: {{dir: {system.dir}/sp}}\n"
                      "uplink: {collector: 'localhost:1', insecure: true}\n")
    report.equal(run(sensor, "--config", config, "--check").returncode, 0, "exit code")
    if os.geteuid() == 0:
        report.case = "no permission to capture"
        result = run("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=65534",
                     "--clear-groups", sensor, "--id", "s1", "--spool", "/tmp/callbraid-nobody",
                     "--collector", system.address, "--insecure", "--interface", "lo")
        one_line(report, result, 1, "CAP_NET_RAW")


def uplink_mistakes(report, options, system):

    def start(name, *command):
        with open(system.dir / f"{name}.log", "wb") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        system.sensors.append(process)
        return process

    sensor = options.bin / "callbraid-sensor"
    report.case = "no collector there: retried"
    process = start("absent", sensor, "--id", "s1", "--spool", system.dir / "spool-a", "--read",
                    CAPTURE, "--collector", "127.0.0.1:1", "--insecure")
    report.expect(wait_for_log(system, "absent", "refused"), "the log says refused")
    report.equal(process.poll(), None, "exit code while it retries")
    process.kill()
    report.case = "plaintext to a TLS collector: retried"
    process = start("plain", sensor, "--id", "s1", "--spool", system.dir / "spool-b", "--read",
                    CAPTURE, "--collector", system.address, "--insecure")
    report.expect(wait_for_log(system, "plain", "TLS"), f"the log says TLS: {system.log('plain')}")
    process.kill()
    report.case = "a certificate of another CA"
    subprocess.run([harness.ROOT / "deploy/make_certs.sh", system.dir / "other", "s1"], check=True,
                   stdout=subprocess.DEVNULL)
    other = system.dir / "other"
    process = start("strange", sensor, "--id", "s1", "--spool", system.dir / "spool-c", "--read",
                    CAPTURE, "--collector", system.address, "--tls-ca", other / "ca.pem",
                    "--tls-cert", other / "s1.pem", "--tls-key", other / "s1.key")
    report.expect(wait_for_log(system, "strange", "certificate"),
                  f"the log says certificate: {system.log('strange')}")
    process.kill()
    report.case = "a certificate for another sensor"
    process = start("forged", sensor, "--id", "s2", "--spool", system.dir / "spool-d", "--read",
                    CAPTURE, "--collector", system.address, *system.security("s1"))
    report.expect(process.wait(timeout=20) == 1, "exit code 1")
    report.expect("s2" in system.log("forged"), f"the log names s2: {system.log('forged')}")
    report.case = "a second sensor with the same id"
    first = start("first", sensor, "--id", "s3", "--spool", system.dir / "spool-e", "--read",
                  CAPTURE, "--speed", "real", "--collector", system.address,
                  *system.security("s3"))
    report.expect(wait_for_log(system, "first", "connected"), "the first is connected")
    second = start("second", sensor, "--id", "s3", "--spool", system.dir / "spool-f", "--read",
                   CAPTURE, "--speed", "real", "--collector", system.address,
                   *system.security("s3"))
    report.expect(wait_for_log(system, "second", "s3", "connected from"),
                  f"the second is refused with the reason: {system.log('second')}")
    report.equal(first.poll(), None, "the first goes on")
    report.case = "two sensors on one spool"
    result = run(sensor, "--id", "s3", "--spool", system.dir / "spool-e", "--read", CAPTURE,
                 "--collector", system.address, *system.security("s3"))
    one_line(report, result, 1, "spool-e")
    first.kill()
    second.kill()


def collector_mistakes(report, options, system):
    collector = options.bin / "callbraid-collector"
    report.case = "a port in use"
    one_line(report, run(collector, "--data", system.dir / "d2", "--listen", system.address,
                         "--insecure"), 1, system.address)
    report.case = "a data directory in use"
    one_line(report, run(collector, "--data", system.dir / "data", "--listen", "127.0.0.1:0",
                         "--insecure"), 1, str(system.dir / "data"))
    report.case = "a data directory that cannot be made"
    one_line(report, run(collector, "--data", "/proc/nowhere", "--listen", "127.0.0.1:0",
                         "--insecure"), 1, "/proc/nowhere")
    report.case = "no data directory given"
    one_line(report, run(collector, "--listen", "127.0.0.1:0", "--insecure"), 2, "--data")


def cli_exit_codes(report, options, system):
    cli = options.bin / "callbraid"
    report.case = "the command line"
    there = ["--collector", system.address, *system.security("client")]
    report.equal(run(cli, *there, "calls", "list").returncode, 0, "exit code of calls list")
    one_line(report, run(cli, *there, "calls", "lst"), 2, "list")
    one_line(report, run(cli, *there, "calls", "show", "0" * 32), 3, "0" * 32)
    one_line(report, run(cli, "--collector", "127.0.0.1:1", "--insecure", "calls", "list"), 4,
             "127.0.0.1:1")


@contextlib.contextmanager
def small_disk(parent, size):
    """A tmpfs of `size` in the folder `parent`; None where there can be none."""
    path = parent / f"disk-{size}"
    path.mkdir()
    if os.geteuid() != 0 or run("mount", "-t", "tmpfs", "-o", f"size={size}", "none",
                                path).returncode != 0:
        yield None
        return
    try:
        yield path
    finally:
        run("umount", "-l", path)


def fill(disk):
    """Leaves no byte free; returns the file that takes it all."""
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for step in (65536, 512, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\0" * step):
                    pass
    return ballast


def undisturbed(options):
    with harness.System(options.bin) as system:
        system.replay({"s1": [CAPTURE]})
        return system.results()


def same_results(report, system, want):
    got = system.results()
    report.equal(got[0], want[0], "calls")
    report.equal(got[1], want[1], "recordings")


def full_disk_of_collector(report, options, want):
    """It refuses, says so, goes on when there is room, and survives a kill meanwhile."""
    report.case = "a full disk of the collector"
    with harness.System(options.bin) as system, small_disk(system.dir, "24m") as disk:
        if disk is None:
            print("full disk: not checked, no tmpfs can be mounted here")
            return
        system.stop_collector()
        run("rm", "-rf", system.dir / "data")
        (disk / "data").mkdir()
        (system.dir / "data").symlink_to(disk / "data")
        system.start_collector()
        ballast = fill(disk)
        sensor = system.start_sensor("s1", [CAPTURE])
        report.expect(wait_for_log(system, "collector", "No space left", timeout=30),
                      f"the collector says so: {system.log('collector')}")
        time.sleep(2)
        report.equal(sensor.poll(), None, "the sensor waits")
        report.equal(system.collector.poll(), None, "the collector goes on")
        system.list_calls()  # It can be asked meanwhile.
        ballast.unlink()
        report.equal(sensor.wait(timeout=20), 0, "the sensor is done when there is room")
        same_results(report, system, want)

        ballast = fill(disk)
        system.kill_collector()
        one_line(report, run(options.bin / "callbraid-collector", "--data", system.dir / "data",
                             "--listen", "127.0.0.1:0", "--insecure"), 1, "no space left")
        ballast.unlink()
        system.start_collector()
        same_results(report, system, want)
        system.kill_collector()


def full_disk_of_sensor(report, options, want):
    """Reading waits for room, which comes from elsewhere or from acknowledgements."""
    for size, filled in (("4m", True), ("96k", False)):
        report.case = f"a full disk of the sensor, {size}"
        with harness.System(options.bin) as system, small_disk(system.dir, size) as disk:
            if disk is None:
                print("full disk: not checked, no tmpfs can be mounted here")
                return
            (system.dir / "spool-s1").symlink_to(disk)
            sensor = system.start_sensor("s1", [CAPTURE], 10)
            if filled:
                report.expect(wait_for_log(system, "s1", "connected"), "it is connected")
                ballast = fill(disk)
                report.expect(wait_for_log(system, "s1", "No space left", "reading waits"),
                              f"the sensor says so: {system.log('s1')}")
                report.equal(sensor.poll(), None, "the sensor waits")
                ballast.unlink()
            report.equal(sensor.wait(timeout=20), 0, "exit code of the sensor")
            same_results(report, system, want)


def links_to_nowhere(report, options, system):
    """A disk that is not mounted, for example."""
    report.case = "a folder that is a link to nowhere"
    link = system.dir / "link"
    link.symlink_to(system.dir / "nowhere")
    one_line(report, run(options.bin / "callbraid-collector", "--data", link, "--listen",
                         "127.0.0.1:0", "--insecure"), 1, str(link), "nowhere", "mounted")
    one_line(report, run(options.bin / "callbraid-sensor", "--id", "s1", "--spool", link, "--read",
                         CAPTURE, "--collector", system.address, *system.security("s1")),
             1, str(link), "mounted")


def nothing_waits(report, system):
    report.case = "a sensor that has delivered everything"
    system.replay({"s1": [CAPTURE]})
    [sensor] = [s for s in system.json_lines("sensors", "list") if s["id"] == "s1"]
    report.equal([int(spool["nextSequence"]) - int(spool["firstSequence"])
                  for spool in sensor["spools"]], [0, 0], "frames that wait in its spools")


def main():
    options = harness.arguments()
    if not pathlib.Path(options.bin / "callbraid").exists():
        harness.skip(f"{options.bin} is not built")
    report = harness.Report()
    with harness.System(options.bin, tls=True) as system:
        sensor_mistakes(report, options, system)
        uplink_mistakes(report, options, system)
        collector_mistakes(report, options, system)
        cli_exit_codes(report, options, system)
        links_to_nowhere(report, options, system)
        nothing_waits(report, system)
    want = undisturbed(options)
    report.case = "an undisturbed run"
    report.equal(len(want[0]), 1, "calls")
    full_disk_of_collector(report, options, want)
    full_disk_of_sensor(report, options, want)
    report.finish()


main()
