"""The programs of docs/integrations, as they stand there, against the real collector with TLS and
API tokens. Each language that is not installed is left out, and said."""

import json
import pathlib
import shutil
import subprocess
import sys

import harness
import span_captures as span
from access_system import Site
from web_client import Browser

DOCS = harness.ROOT / "docs/integrations"
PYTHON = "/usr/bin/python3"


class WebSite(Site):
    """With a web server, and a token of someone who sees Berlin only."""

    def start_collector(self):
        self.collector_flags += ["--web-listen", "127.0.0.1:0"]
        super().start_collector()
        self.url = self.collector.stdout.readline().split("web on ")[1].strip()

    def __enter__(self):
        super().__enter__()
        _, self.token = self.make_token("crm", "--role", "viewer", "--site", "berlin")
        self.token_file = self.dir / "crm.token"
        self.token_file.write_text(self.token + "\n")
        self.ca = self.certs / "ca.pem"
        return self


    def another_call(self, hours=1):
        """One more in Berlin, so many hours later; its id."""
        hosts = [span.Host(f"+49300{n}", f"10.1.0.{n}", f"02:10:00:00:01:{n}", 4000 + 2 * n)
                 for n in (11, 12, 19)]
        capture = span.Capture()
        span.Call(capture, f"later{hours}", hosts[0], hosts[1], hours * 3_600_000,
                  pbx=hosts[2]).signalling().both_speak()
        before = {call["id"] for call in self.list_calls()}
        self.replay({"s1": [capture.write(self.dir / f"later{hours}.pcap")]}, site="berlin")
        new, = (call for call in self.calls() if call["id"] not in before)
        return new["id"]


def run(*command, check=True, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                            timeout=300, **options)
    if check and result.returncode != 0:
        raise RuntimeError(f"{command}: {result.stderr}")
    return result


def reference(system, call):
    """The recording as the command line saves it."""
    path = system.dir / "reference.wav"
    system.cli("calls", "audio", call, "-o", path)
    return path.read_bytes()


def python(report, system):
    report.case = "Python"
    if subprocess.run([PYTHON, "-c", "import grpc"], stderr=subprocess.DEVNULL).returncode != 0:
        print("left out: Python, for python3-grpcio is not installed")
        return
    folder = system.dir / "python"
    shutil.copytree(DOCS / "python", folder)
    run(DOCS / "python/generate", folder)
    call = system.ids["berlin"]
    saved = run(PYTHON, folder / "save_recordings.py", "--ca", system.ca, "--token-file",
                system.token_file, system.address, "+4930", system.dir).stdout.splitlines()
    if report.equal(len(saved), 1, "recordings that were saved"):
        report.expect(call[:8] in saved[0], f"the file is named by the call: {saved[0]}")
        report.expect(pathlib.Path(saved[0]).read_bytes() == reference(system, call),
                      "the recording is that of the command line")
    none = run(PYTHON, folder / "save_recordings.py", "--ca", system.ca, "--token-file",
               system.token_file, system.address, "+49228", system.dir).stdout
    report.equal(none, "", "what is saved of calls in Bonn, out of scope")

    follow = subprocess.Popen(
        [PYTHON, folder / "follow_calls.py", "--ca", system.ca, "--token-file", system.token_file,
         system.address, "2000-01-01T00:00:00Z"], stdout=subprocess.PIPE, text=True)
    try:
        line = follow.stdout.readline().strip().split(",")
        report.equal((line[0], line[4]), (call, "ANSWERED"), "the line of a call that was over")
        other = system.another_call()
        line = follow.stdout.readline().strip().split(",")
        report.equal(line[0], other, "the line of a call that ended meanwhile")
        system.kill_collector()
        system.start_collector()
        other = system.another_call(hours=2)
        line = follow.stdout.readline().strip().split(",")
        report.equal(line[0], other, "the line of a call after the collector was killed")
    finally:
        follow.kill()
        follow.wait()


def shell(report, system):
    report.case = "shell"
    if not shutil.which("jq"):
        print("left out: shell, for jq is not installed")
        return
    saved = run(DOCS / "shell/save_recordings", system.url, system.ca, "+4930", system.dir,
                env={"PATH": "/usr/bin:/bin", "CALLBRAID_TOKEN": system.token}).stdout.split()
    report.equal(sorted(pathlib.Path(path).stem for path in saved),
                 sorted(call["id"] for call in Browser(
                     system.url, ca=system.ca, token=system.token).rpc(
                         "CallService/ListCalls", {"numberPrefix": "+4930"})[1]["calls"]),
                 "calls whose recordings were saved")
    for path in saved:
        report.equal(pathlib.Path(path).read_bytes()[:4], b"fLaC", f"{path} begins as FLAC does")
    wrong = run(DOCS / "shell/save_recordings", system.url, system.ca, "+4930", system.dir, check=False,
                env={"PATH": "/usr/bin:/bin", "CALLBRAID_TOKEN": "cbt_wrong"})
    report.expect(wrong.returncode != 0, "a wrong token is an error")


def buf_curl(report, system):
    report.case = "buf curl"
    buf = subprocess.run([harness.ROOT / "tests/lint/install_buf"], stdout=subprocess.PIPE, text=True)
    if buf.returncode != 0 or not shutil.which("jq"):
        print("left out: buf curl, for buf or jq is not installed")
        return
    folder = pathlib.Path(buf.stdout.strip()).parent
    paths = f"{folder}:/usr/local/bin:/usr/bin:/bin"

    def ask(token):
        return run(DOCS / "shell/list_calls", system.address, system.ca, "+4930", harness.ROOT / "proto",
                   check=False, env={"PATH": paths, "HOME": str(system.dir), "CALLBRAID_TOKEN": token})
    page = json.loads(ask(system.token).stdout)
    listed = [json.loads(line)["id"] for line in system.run_as(
        None, "calls", "list", "--number", "+4930", "--json", token=system.token).stdout.splitlines()]
    report.equal([call["id"] for call in page["calls"]], listed, "calls listed")
    refused = ask("cbt_" + "x" * 43)
    report.expect("unauthenticated" in refused.stdout + refused.stderr, f"a wrong token is told so: {refused}")


def go(report, system):
    report.case = "Go"
    if not shutil.which("go") or not shutil.which("protoc-gen-go-grpc"):
        print("left out: Go, for golang-go or protoc-gen-go-grpc is not installed")
        return
    folder = system.dir / "go"
    folder.mkdir()
    run(DOCS / "go/build", folder)
    shown = run(folder / "calls", "-ca", system.ca, "-token", system.token_file, "-number", "+4930",
                system.address).stdout.splitlines()
    report.expect(any(line.startswith(system.ids["berlin"]) and line.endswith("completed")
                      for line in shown), f"it lists the call: {shown}")


def main():
    options = harness.arguments()
    report = harness.Report()
    with WebSite(options.bin) as system:
        python(report, system)
        shell(report, system)
        buf_curl(report, system)
        go(report, system)
    report.finish()


if __name__ == "__main__":
    sys.exit(main())
