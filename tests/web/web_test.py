#!/usr/bin/env python3
"""The pages of the web UI in a browser, against the real collector with what two switches
mirrored: every page, search to sound in two clicks, roles, both languages, accessibility.

Starts the system, feeds it, and runs *.test.mjs here (playwright-core on Debian's Chromium).
Skips where there is no npm, no way to its registry, or no browser.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402
import span_captures as span  # noqa: E402

CONFIG = """
enroll:
  ca_cert: {certs}/ca.pem
  ca_key: {certs}/ca.key
# Of numbers that no call has.
retention:
  rules:
    - sites: [berlin, munich]
      numbers: ['+99901*', '+999020']
      media_days: 36000
      call_days: 36500
    - numbers: ['+99902*']
      record: signalling
      call_days: 36000
"""

SCENES = ["a1-ext-rtpengine", "b-local-trunk", "c1-local-sw2", "d1-hold-dtmf-g722",
          "e-impaired-trunk", "f2-span-duplicates"]
# Other calls, so that there is more than one page of them; and what is kept to be fed later.
OTHERS = ["sip_flow/Wireshark-Captures__sip_hold_resume.pcapng",
          "sip_flow/sipnab__sipp-branch-scenario.pcapng", "srtp/rtpproxy__srtp1.a.rtp"]
FED_LATER = "sip_codec/sipnab__sip-rtp-g711.pcap"
LIVE = "srtp/rtp-pcap__marseillaise-srtp.pcap"

TOKENS = {"admin": ["admin"], "viewer": ["viewer"], "operator": ["operator"],
          "auditor": ["auditor"], "scoped": ["viewer", "--number", "9555*"],
          "regional": ["operator", "--site", "berlin"]}

# Where and when calls are bad, and which phone is in all of those.
BAD = {"site": "essen", "from": "2026-09-21T14:00:00Z", "before": "2026-09-21T15:00:00Z", "number": "7001"}


class WebSystem(harness.System):
    """With a web server."""

    def __init__(self, bin_dir, ui, tls):
        super().__init__(bin_dir, tls=tls)
        self.certified = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"]
        self.collector_flags += ["--web-listen", "127.0.0.1:0", "--ui", ui]
        if tls:
            config = self.dir / "collector.yaml"
            config.write_text(CONFIG.format(certs=self.dir / "certs"))
            self.collector_flags += ["--config", config]
        self.url = None

    def start_collector(self):
        super().start_collector()
        self.url = self.collector.stdout.readline().split("web on ")[1].strip()

    def sensor_command(self, sensor, site, file, speed):
        return list(map(str, [self.bin / "callbraid-sensor", "--id", sensor, "--site", site, "--read", file,
                              "--speed", speed, "--spool", self.dir / f"spool-{sensor}",
                              "--collector", self.address, *self.security(sensor)]))

    def feed(self, lab, captures):
        """Two switches' view of each scene, and captures by others."""
        files = {"s1": [], "s2": []}
        for scene in SCENES:
            for sensor, switch in (("s1", "sw1"), ("s2", "sw2")):
                # A file is known by its name without the folder.
                link = self.dir / f"{scene}-{switch}.pcap"
                link.symlink_to(lab / scene / f"{switch}.pcap")
                files[sensor].append(link)
        self.replay(files, site="berlin")
        self.replay({"s3": [captures / name for name in OTHERS]}, site="munich")
        self.replay({"s7": [self.bad_calls()]}, site=BAD["site"])

    def bad_calls(self):
        """Two calls of one phone in which a quarter of what the caller says is lost, and a good one
        of the phones that it talked to."""
        phone, second, third = (span.Host(number, f"10.7.0.{n}", f"02:10:07:00:00:0{n}")
                                for n, number in enumerate((BAD["number"], "7002", "7003"), 1))
        capture = span.Capture()
        for n, (caller, callee, lost) in enumerate(((phone, second, 3), (third, phone, 3), (second, third, None))):
            call = span.Call(capture, f"bad{n}", caller, callee, start_ms=n * 60_000).signalling()
            call.speech(caller, callee, keep=lambda sequence, lost=lost: sequence % 4 != lost)
            call.speech(callee, caller)
        return capture.write(self.dir / "bad.pcap")

    def one_speaks(self):
        """A call in which the caller alone speaks, to be replayed as it was."""
        capture = span.Capture()
        call = span.Call(capture, "listen", span.A, span.B, seconds=60).signalling()
        call.speech(span.A, span.B)
        file = capture.write(self.dir / "listen.pcap")
        return {"command": self.sensor_command("s6", "kiel", file, "real"),
                "caller": span.A.number, "callee": span.B.number}

    def facts(self, captures):
        calls = self.calls(settle=2.5)

        def call(start, **more):
            found = next(one for one in calls if one["startTime"].startswith(start))
            return {key: found[key] for key in ("id", "caller", "callee")} | more
        return {
            "url": self.url,
            "tokens": {name: self.cli("tokens", "create", name, "--role", *flags).stdout.strip()
                       for name, flags in TOKENS.items()},
            "calls": {"hold": call("2026-11-23T09:02:53", keys="123#9"),
                      "impaired": call("2026-11-23T09:11:15")},
            "bad": BAD,
            "feed": {"command": self.sensor_command("s4", "later", captures / FED_LATER, "max")},
            "live": {"sensor": "s5", "site": "hamburg",
                     "command": self.sensor_command("s5", "hamburg", captures / LIVE, "real")},
            "listen": self.one_speaks(),
        }


def built_ui(bin_dir):
    """The folder of the UI that belongs to these programs, as it is now."""
    if not shutil.which("npm"):
        harness.skip("npm is not installed")
    build = bin_dir.parent
    if subprocess.run(["cmake", "--build", build, "--target", "ui"]).returncode != 0:
        harness.skip("the UI does not build (see above)")
    return build / "ui"


def install_tools():
    if not pathlib.Path(os.environ.get("CHROMIUM", "/usr/bin/chromium")).exists():
        harness.skip("Chromium is not installed")
    if not (HERE / "node_modules/playwright-core").is_dir():
        if subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE).returncode != 0:
            harness.skip("the browser's driver could not be installed (see above)")


def run_node(facts, *command):
    return subprocess.run(["node", *command], cwd=HERE,
                          env={**os.environ, "CALLBRAID_WEB": str(facts)}).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=harness.ROOT / "build/release/bin", type=pathlib.Path)
    parser.add_argument("--ui", type=pathlib.Path, help="built files; else the target ui is built")
    parser.add_argument("--shots", type=pathlib.Path, help="where pictures of the pages go")
    parser.add_argument("--pictures", type=pathlib.Path,
                        help="only take the documentation's pictures, into this folder")
    parser.add_argument("tests", nargs="*", help="names of test files, without .test.mjs")
    options = parser.parse_args()
    lab, captures = harness.shared("lab"), harness.shared("captures")
    install_tools()
    ui = (options.ui or built_ui(options.bin)).resolve()
    shots = (options.shots or options.bin.parent / "web-shots").resolve()
    with WebSystem(options.bin, ui, tls=True) as system, WebSystem(options.bin, ui, tls=False) as empty:
        system.feed(lab, captures)
        facts = system.facts(captures) | {"emptyUrl": empty.url, "shots": str(shots)}
        if options.pictures:
            facts["pictures"] = str(options.pictures.resolve())
        file = system.dir / "facts.json"
        file.write_text(json.dumps(facts))
        if options.pictures:
            sys.exit(run_node(file, "pictures.mjs"))
        names = [f"{name}.test.mjs" for name in options.tests] or sorted(path.name for path in HERE.glob("*.test.mjs"))
        # One after the other: they share one collector, and its audit log.
        result = 0
        for name in names:
            print(f"== {name}", flush=True)
            result |= run_node(file, "--test", name)
        print(f"pictures of the pages: {shots}")
        print(f"warnings of the collector:\n{system.log('collector')}" if result else "all pages are as they shall be")
    sys.exit(1 if result else 0)


if __name__ == "__main__":
    main()
