"""Runs the real programs for the integration tests.

The programs are those of --bin (default build/release/bin). Everything a test
makes lives in a folder of its own that goes away; ports are free ones; only
processes started here are ended.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("CALLBRAID_SHARED", ROOT.parent / "shared"))
SKIP = 77  # What ctest takes for "skipped".


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIP)


def plugins(bin_dir):
    """The folder of the codec plug-ins that were built with the programs."""
    return pathlib.Path(bin_dir).parent / "codecs"


def shared(folder):
    """A folder of captures by others; tests skip where it is absent."""
    path = SHARED / folder
    if not path.is_dir():
        skip(f"{path} is not there")
    return path


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    parser.add_argument("--seed", default=time.time_ns() & 0xffff, type=int,
                        help="of what is random; printed when it is used")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--build", action="store_true", help="build them, too (quickstart)")
    return parser.parse_args()


class System:
    """A collector, its data, and the sensors that report to it.

    `prefix` goes before each command: to run it in a network namespace.
    """

    def __init__(self, bin_dir, tls=False, prefix=(), with_plugins=True):
        self.prefix = list(prefix)
        # For the collector: what a test adds.
        self.collector_flags = ["--admin", "callbraid-client"] if tls else []
        self.bin = pathlib.Path(bin_dir)
        if with_plugins and plugins(bin_dir).is_dir():
            self.collector_flags += ["--codec-plugins", plugins(bin_dir)]
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="callbraid-test-"))
        self.tls = tls
        self.address = None
        self.collector = None
        self.sensors = []
        self.certified = ["s1", "s2", "s3"]  # Sensors that have certificates.
        self.environment = {}  # What a program of that name has besides ours.

    def __enter__(self):
        if self.tls:
            subprocess.run([ROOT / "deploy/make_certs.sh", self.dir / "certs", *self.certified],
                           check=True, stdout=subprocess.DEVNULL)
        self.start_collector()
        return self

    def __exit__(self, *unused):
        for process in self.sensors + [self.collector]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def security(self, name):
        if not self.tls:
            return ["--insecure"]
        certs = self.dir / "certs"
        return ["--tls-ca", certs / "ca.pem", "--tls-cert", certs / f"{name}.pem",
                "--tls-key", certs / f"{name}.key"]

    def start_collector(self):
        """Also after a kill: then on the same port, over the same data."""
        with open(self.dir / "collector.log", "ab") as log:
            self.collector = subprocess.Popen(
                [*self.prefix, self.bin / "callbraid-collector", "--data", self.dir / "data", "--listen",
                 self.address or "127.0.0.1:0", *self.collector_flags, *self.security("collector")],
                stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment_of("collector"))
        line = self.collector.stdout.readline()
        if " listening on " not in line:
            raise RuntimeError(f"collector did not start: {self.log('collector')}")
        self.address = line.split(" listening on ")[1].strip()

    def kill_collector(self):
        self.collector.kill()
        self.collector.wait()

    def stop_collector(self):
        self.collector.send_signal(signal.SIGTERM)
        return self.collector.wait(timeout=30)

    def start_sensor(self, sensor, files, speed="max", site="test"):
        reads = [argument for file in files for argument in ("--read", file)]
        return self.run_sensor(sensor, site, *reads, "--speed", str(speed))

    def start_live_sensor(self, sensor, interface, *options, site="test", collector=None):
        return self.run_sensor(sensor, site, "--interface", interface, *options, collector=collector)

    def run_sensor(self, sensor, site, *capture, collector=None):
        command = [*self.prefix, self.bin / "callbraid-sensor", "--id", sensor, "--site", site,
                   *capture, "--spool", self.dir / f"spool-{sensor}", "--collector",
                   collector or self.address,
                   *self.security(sensor)]
        with open(self.dir / f"{sensor}.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log,
                                       env=self.environment_of(sensor))
        self.sensors.append(process)
        return process

    def environment_of(self, name):
        return {**os.environ, **self.environment.get(name, {})}

    def replay(self, files_of_sensor, speed="max", site="test", timeout=120):
        """Reads {sensor: [file...]} to the end; returns when all is acknowledged."""
        running = {sensor: self.start_sensor(sensor, files, speed, site)
                   for sensor, files in files_of_sensor.items()}
        for sensor, process in running.items():
            if process.wait(timeout=timeout) != 0:
                raise RuntimeError(f"sensor {sensor} failed: {self.log(sensor)}")

    def log(self, name):
        path = self.dir / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def cli(self, *command, check=True):
        result = subprocess.run(
            [*self.prefix, self.bin / "callbraid", "--collector", self.address, *self.security("client"),
             *map(str, command)], capture_output=True, text=True, timeout=180)
        if check and result.returncode != 0:
            raise RuntimeError(f"callbraid {' '.join(map(str, command))}: exit "
                               f"{result.returncode}: {result.stderr}")
        return result

    def json_lines(self, *command):
        return [json.loads(line) for line in self.cli(*command, "--json").stdout.splitlines()]

    def list_calls(self):
        return self.json_lines("calls", "list", "--limit", "100000")

    def calls(self, settle=0.6, timeout=20):
        """All calls in full, oldest first, once nothing changes any more.

        Sensors' clocks are compared every two seconds: what must be equal to the bit wants to
        have been still for longer.
        """
        def snapshot():
            return [self.json_lines("calls", "show", call["id"])[0] for call in self.list_calls()]
        deadline = time.monotonic() + timeout
        before = None
        while time.monotonic() < deadline:
            behind = self.waiting()
            after = snapshot()
            if behind == 0 and after == before:
                break
            before = after
            time.sleep(settle)
        return sorted(before, key=lambda call: (call.get("startTime", ""), call["id"]))

    def waiting(self):
        """Observations that are stored and yet to be looked at."""
        return sum(int(sensor.get("observationsWaiting", 0))
                   for sensor in self.json_lines("sensors", "list"))

    def results(self):
        """All calls and a digest of each recording: what must not depend on faults.

        Left out is what tells how a call came about: the number of its revisions.
        """
        calls = [{key: value for key, value in call.items() if key != "revision"}
                 for call in self.calls(settle=2.5)]
        audio = {}
        for call in calls:
            rate, channels = self.audio(call["id"])
            audio[call["id"]] = (rate, [hashlib.sha256(channel.tobytes()).hexdigest()
                                        for channel in channels])
        return calls, audio

    def audio(self, call_id, *options):
        """(sample rate, [samples of channel 0, ...]) as numpy arrays."""
        path = self.dir / f"audio-{time.monotonic_ns()}.wav"
        self.cli("calls", "audio", call_id, "-o", path, *options)
        return read_wav(path)


def read_wav(path):
    import numpy
    with wave.open(str(path)) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        channels = file.getnchannels()
        return file.getframerate(), [samples[i::channels] for i in range(channels)]


def correlation(rate, samples, reference_path):
    """Highest normalised cross-correlation of `samples` with any stretch of the reference."""
    import numpy
    reference_rate, (reference, *_) = read_wav(reference_path)
    heard = numpy.asarray(samples, dtype=float)
    if rate == 2 * reference_rate:  # Half-band by averaging is enough for speech.
        heard = heard[:len(heard) // 2 * 2].reshape(-1, 2).mean(axis=1)
    return correlate(heard, reference.astype(float))


def segment_correlation(rate, samples, reference_path, seconds=4):
    """The same, of the best stretch of `samples`: for a clip that began anew in mid-call."""
    step = rate * seconds
    return max(correlation(rate, samples[begin:begin + step], reference_path)
               for begin in range(0, max(1, len(samples) - step // 2), step // 4))


def correlate(heard, said):
    import numpy
    heard = heard - heard.mean() if len(heard) else heard
    said = said - said.mean()
    if not numpy.any(heard):
        return 0.0
    size = 1 << (len(heard) + len(said) - 1).bit_length()
    cross = numpy.fft.irfft(numpy.fft.rfft(heard, size) * numpy.conj(numpy.fft.rfft(said, size)), size)

    # Energy of the part of each signal that overlaps at each lag.
    def cumulated(signal):
        return numpy.concatenate(([0.0], numpy.cumsum(signal * signal)))
    heard_energy, said_energy = cumulated(heard), cumulated(said)
    best = 0.0
    order = numpy.argsort(-numpy.abs(cross))[:2000]
    for index in order:
        lag = int(index) if index < size // 2 else int(index) - size
        begin, end = max(0, lag), min(len(heard), lag + len(said))
        if end - begin < min(len(heard), len(said)) // 2:
            continue
        energy = ((heard_energy[end] - heard_energy[begin]) *
                  (said_energy[end - lag] - said_energy[begin - lag]))
        if energy > 0:
            best = max(best, abs(cross[index]) / energy ** 0.5)
    return best


class Report:
    """Collects facts checked, says each that does not hold, and is the exit code."""

    def __init__(self):
        self.checked = 0
        self.failures = []
        self.case = ""

    def expect(self, holds, fact):
        self.checked += 1
        if not holds:
            self.failures.append(f"{self.case}: {fact}")
            print(f"  NOT SO: {fact}")
        return holds

    def equal(self, got, want, what):
        return self.expect(got == want, f"{what}: got {got!r}, expected {want!r}")

    def finish(self):
        print(f"\n{self.checked} facts checked, {len(self.failures)} do not hold")
        for failure in self.failures:
            print(f"  {failure}")
        sys.exit(1 if self.failures else 0)
