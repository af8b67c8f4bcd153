"""A folder into which other programs write capture files, as dumpcap and tcpdump do: its calls
are those of the same packets in one file, each file is read once, and nothing else is told."""

import os
import shutil
import signal
import subprocess
import time

import harness
import pcap
from span_captures import A, B, C, Call, Capture, chatter

DAMAGED, TEXT = "is damaged after", "is not a pcap or pcapng file"


def gist(calls):
    return sorted((call["caller"], call["callee"], call["state"],
                   sorted((stream["ssrc"], stream["packets"], stream.get("lost", 0))
                          for stream in call["streams"])) for call in calls)


def calls_like(system, wanted, timeout=40):
    """The calls, once they are as wanted or the time is over."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = gist(system.list_calls())
        if found == wanted:
            return found
        time.sleep(0.3)
    return found


def capture_of_two():
    capture = Capture()
    Call(capture, "one", A, B).signalling().both_speak()
    Call(capture, "two", B, C, start_ms=9000).signalling().both_speak()
    return capture


def pieces(path, folder, count):
    """The capture in so many files, as dumpcap -b numbers them."""
    packets = pcap.Pcap(path)
    everything, files = packets.packets, []
    step = -(-len(everything) // count)
    for n in range(count):
        packets.packets = everything[n * step:(n + 1) * step]
        files.append(packets.write(folder / f"ring_{n + 1:05}.pcap"))
    return files


def wanted_of(options, path):
    with harness.System(options.bin) as system:
        system.replay({"s1": [path]})
        return gist(system.calls())


def start(system, folder, *settings):
    config = system.dir / "folder.yaml"
    config.write_text(f"capture:\n  folders:\n    - path: {folder}\n" +
                      "".join(f"      {line}\n" for line in settings))
    return system.run_sensor("s1", "test", "--config", config)


def stop(report, process):
    process.send_signal(signal.SIGTERM)
    report.equal(process.wait(timeout=30), 0, "exit")


def check_ring(options, report, path, wanted):
    """Files come one by one, by another name first and while they are written; the sensor is
    killed and started again meanwhile."""
    report.case = "a ring of files"
    with harness.System(options.bin) as system:
        folder, done, source = (system.dir / name for name in ("in", "done", "source"))
        for made in (folder, done, source):
            made.mkdir()
        files = pieces(path, source, 6)
        process = start(system, folder, "done: move", f"move_to: {done}")
        for n, file in enumerate(files):
            if n % 2:
                with open(folder / file.name, "wb") as out:
                    data = file.read_bytes()
                    out.write(data[:1000])
                    out.flush()
                    time.sleep(0.4)
                    out.write(data[1000:])
            else:
                shutil.copy(file, folder / f".{file.name}.part")
                os.rename(folder / f".{file.name}.part", folder / file.name)
            if n == 2:
                time.sleep(0.5)
                process.kill()
                process.wait()
                process = start(system, folder, "done: move", f"move_to: {done}")
        report.equal(calls_like(system, wanted), wanted, "calls")
        deadline = time.monotonic() + 10
        while list(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
        report.equal(sorted(p.name for p in done.iterdir()), [file.name for file in files], "moved")
        report.equal(list(folder.iterdir()), [], "left over")
        stop(report, process)


def check_kept(options, report, path, wanted):
    """They stay where they are, and a restart reads none of them again; nor of a third kind."""
    report.case = "files that are kept"
    with harness.System(options.bin) as system:
        folder = system.dir / "in"
        folder.mkdir()
        pieces(path, folder, 3)
        (folder / "notes.txt").write_text("what was captured, and why\n")
        chatter(Capture()).write(system.dir / "whole.pcap")
        (folder / "cut.pcap").write_bytes((system.dir / "whole.pcap").read_bytes()[:-3])
        process = start(system, folder)
        report.equal(calls_like(system, wanted), wanted, "calls")
        time.sleep(2)
        stop(report, process)
        sensor, = system.json_lines("sensors", "list")
        before = int(sensor["capturePoints"][0]["report"]["packets"])
        report.equal(sensor["capturePoints"][0]["capturePoint"]["name"], "in", "capture point")
        said = system.log("s1")
        report.equal((said.count(TEXT), said.count(DAMAGED)), (1, 1), f"said:\n{said}")
        process = start(system, folder)
        time.sleep(2)
        stop(report, process)
        sensor, = system.json_lines("sensors", "list")
        report.equal(int(sensor["capturePoints"][0]["report"].get("packets", 0)), 0,
                     f"packets read again, of {before}")
        said = system.log("s1")
        report.equal((said.count(TEXT), said.count(DAMAGED)), (1, 1), f"said once:\n{said}")
        report.equal(gist(system.calls()), wanted, "calls")


def check_tcpdump(options, report, path, wanted):
    """tcpdump -C -W writes to the same names again and again."""
    report.case = "tcpdump -C -W"
    if shutil.which("tcpdump") is None:
        print("  no tcpdump: skipped")
        return
    with harness.System(options.bin) as system:
        folder = system.dir / "in"
        folder.mkdir()
        # As root it would change to a user that may not write here.
        subprocess.run(["tcpdump", "-Z", "root", "-r", path, "-w", folder / "ring", "-C", "1", "-W", "9"],
                       check=True, capture_output=True)
        report.expect(len(list(folder.iterdir())) > 0, "tcpdump wrote files")
        process = start(system, folder, "done: delete")
        report.equal(calls_like(system, wanted), wanted, "calls")
        deadline = time.monotonic() + 10
        while list(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.2)
        report.equal(list(folder.iterdir()), [], "left over")
        stop(report, process)


def check_mistakes(options, report):
    report.case = "operators' mistakes"
    with harness.System(options.bin) as system:
        folder = system.dir / "in"
        folder.mkdir()
        for settings, complaint in (
                (["done: burn"], "done is 'burn'; use keep, delete or move"),
                (["done: move"], "move_to need each other"),
                (["done: move", f"move_to: {folder}"], "move_to is the same folder"),
                (["done: move", f"move_to: {folder}/none"], "to move files to")):
            report.equal(start(system, folder, *settings).wait(timeout=20), 1, "exit")
            report.expect(complaint in system.log("s1"), system.log("s1"))
        report.equal(start(system, system.dir / "none").wait(timeout=20), 1, "exit")
        report.expect("cannot watch the folder" in system.log("s1"), system.log("s1"))


def main():
    options = harness.arguments()
    report = harness.Report()
    with harness.System(options.bin) as system:
        path = capture_of_two().write(system.dir / "all.pcap")
        wanted = wanted_of(options, path)
        report.equal(len(wanted), 2, "calls")
        for check in (check_ring, check_kept, check_tcpdump):
            if options.only in check.__name__:
                check(options, report, path, wanted)
    if options.only in check_mistakes.__name__:
        check_mistakes(options, report)
    report.finish()


if __name__ == "__main__":
    main()
