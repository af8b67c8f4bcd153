"""Mistakes that an operator makes: one line that says what and what to do.

Non-zero exit where the process cannot go on; where it can, it retries.
"""

import os
import pathlib
import subprocess
import time

import harness


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
    capture = harness.ROOT / "deploy/quickstart.d/sw1.pcap"
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
    one_line(report, run(sensor, "--id", "a b", *common[2:], "--read", capture), 2, "a b")
    report.case = "no TLS files and not --insecure"
    one_line(report, run(sensor, *common[:6], "--read", capture), 1, "--insecure")
    config = system.dir / "sensor.yaml"
    report.case = "an unknown key in the configuration"
    config.write_text("id: s1\ncapture:\n  ring_mb: 3\n")
    one_line(report, run(sensor, "--config", config, "--check"), 1, f"{config}:3:3", "ring_mib")
    report.case = "--check of a good configuration"
    config.write_text(f"id: s1\ncapture: {{files: [{capture}]}}\nspool: {{dir: {system.dir}/sp}}\n"
                      "uplink: {collector: 'localhost:1', insecure: true}\n")
    report.equal(run(sensor, "--config", config, "--check").returncode, 0, "exit code")
    if os.geteuid() == 0:
        report.case = "no permission to capture"
        result = run("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=65534",
                     "--clear-groups", sensor, "--id", "s1", "--spool", "/tmp/callbraid-nobody",
                     "--collector", system.address, "--insecure", "--interface", "lo")
        one_line(report, result, 1, "CAP_NET_RAW")


def uplink_mistakes(report, options, system):
    capture = harness.ROOT / "deploy/quickstart.d/sw1.pcap"

    def start(name, *command):
        with open(system.dir / f"{name}.log", "wb") as log:
            process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        system.sensors.append(process)
        return process

    sensor = options.bin / "callbraid-sensor"
    report.case = "no collector there: retried"
    process = start("absent", sensor, "--id", "s1", "--spool", system.dir / "spool-a", "--read",
                    capture, "--collector", "127.0.0.1:1", "--insecure")
    report.expect(wait_for_log(system, "absent", "refused"), "the log says refused")
    report.equal(process.poll(), None, "exit code while it retries")
    process.kill()
    report.case = "plaintext to a TLS collector: retried"
    process = start("plain", sensor, "--id", "s1", "--spool", system.dir / "spool-b", "--read",
                    capture, "--collector", system.address, "--insecure")
    report.expect(wait_for_log(system, "plain", "TLS"), f"the log says TLS: {system.log('plain')}")
    process.kill()
    report.case = "a certificate of another CA"
    subprocess.run([harness.ROOT / "deploy/make_certs.sh", system.dir / "other", "s1"], check=True,
                   stdout=subprocess.DEVNULL)
    other = system.dir / "other"
    process = start("strange", sensor, "--id", "s1", "--spool", system.dir / "spool-c", "--read",
                    capture, "--collector", system.address, "--tls-ca", other / "ca.pem",
                    "--tls-cert", other / "s1.pem", "--tls-key", other / "s1.key")
    report.expect(wait_for_log(system, "strange", "certificate"),
                  f"the log says certificate: {system.log('strange')}")
    process.kill()
    report.case = "a certificate for another sensor"
    process = start("forged", sensor, "--id", "s2", "--spool", system.dir / "spool-d", "--read",
                    capture, "--collector", system.address, *system.security("s1"))
    report.expect(process.wait(timeout=20) == 1, "exit code 1")
    report.expect("s2" in system.log("forged"), f"the log names s2: {system.log('forged')}")
    report.case = "a second sensor with the same id"
    first = start("first", sensor, "--id", "s3", "--spool", system.dir / "spool-e", "--read",
                  capture, "--speed", "real", "--collector", system.address,
                  *system.security("s3"))
    report.expect(wait_for_log(system, "first", "connected"), "the first is connected")
    second = start("second", sensor, "--id", "s3", "--spool", system.dir / "spool-f", "--read",
                   capture, "--speed", "real", "--collector", system.address,
                   *system.security("s3"))
    report.expect(wait_for_log(system, "second", "s3", "connected from"),
                  f"the second is refused with the reason: {system.log('second')}")
    report.equal(first.poll(), None, "the first goes on")
    report.case = "two sensors on one spool"
    result = run(sensor, "--id", "s3", "--spool", system.dir / "spool-e", "--read", capture,
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


def full_disk(report, options):
    """A collector on a small tmpfs: refuses, says so, and goes on when there is room."""
    report.case = "a full disk"
    if os.geteuid() != 0:
        print("full disk: not checked, it needs root for a tmpfs")
        return
    with harness.System(options.bin) as system:
        small = system.dir / "small"
        small.mkdir()
        if run("mount", "-t", "tmpfs", "-o", "size=24m", "none", small).returncode != 0:
            print("full disk: not checked, no tmpfs can be mounted here")
            return
        try:
            system.stop_collector()
            ballast = small / "ballast"
            data = system.dir / "data"
            if data.exists():
                run("rm", "-rf", data)
            (small / "data").mkdir()
            data.symlink_to(small / "data")
            system.start_collector()
            with open(ballast, "wb") as file:
                try:
                    while True:
                        file.write(b"\0" * 65536)
                        file.flush()
                except OSError:
                    pass
            scene = harness.ROOT / "deploy/quickstart.d/sw1.pcap"
            sensor = system.start_sensor("s1", [scene])
            report.expect(wait_for_log(system, "collector", "space", timeout=30) or
                          wait_for_log(system, "collector", "full", timeout=1),
                          f"the collector says so: {system.log('collector')}")
            report.equal(sensor.poll(), None, "the sensor waits")
            ballast.unlink()
            report.equal(sensor.wait(timeout=60), 0, "the sensor is done when there is room")
            report.equal(len(system.calls()), 1, "calls")
        finally:
            system.collector.kill()
            system.collector.wait()
            run("umount", "-l", small)


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
    full_disk(report, options)
    report.finish()


main()
