"""A pcapng file of interfaces that differ in link type and unit of time, which libpcap does not
read: its calls and recordings are those of the same packets on interfaces that do not differ."""

import subprocess

import harness

SCENE = "b-local-trunk"


def results_of(options, make):
    """Calls, less what tells how frames looked below IP, and recordings."""
    with harness.System(options.bin) as system:
        path = system.dir / "both.pcapng"
        subprocess.run(["mergecap", "-w", path, *make(system.dir)], check=True)
        system.replay({"s1": [path]})
        calls, audio = system.results()
        sensor, = system.json_lines("sensors", "list")
        packets = int(sensor["capturePoints"][0]["report"]["packets"])
        described = subprocess.run(["capinfos", path], check=True, capture_output=True,
                                   text=True).stdout
    gist = sorted((call["caller"], call["callee"], call["state"], len(call["legs"]),
                   sorted((stream["ssrc"], stream["packets"], stream.get("lost", 0))
                          for stream in call["streams"])) for call in calls)
    return gist, sorted(audio.values()), packets, described


def main():
    options = harness.arguments()
    scene = harness.shared("lab") / SCENE
    report = harness.Report()

    def alike(folder):
        return [scene / "sw1.pcap", scene / "sw2.pcap"]

    def different(folder):
        raw = folder / "raw.pcap"
        subprocess.run(["editcap", "-F", "nsecpcap", "-C", "14", "-L", "-T", "rawip",
                        scene / "sw2.pcap", raw], check=True)
        return [scene / "sw1.pcap", raw]

    calls, audio, packets, _ = results_of(options, alike)
    report.expect(calls and any(streams for *_, streams in calls), "has calls with streams")
    found, heard, count, described = results_of(options, different)
    report.case = "Ethernet in us and raw IP in ns"
    report.expect("Raw IP" in described and "Ethernet" in described, f"two kinds:\n{described}")
    report.equal(found, calls, "calls")
    report.equal(heard, audio, "recordings")
    report.equal(count, packets, "packets")
    print(f"{len(found)} calls, {count} packets")
    report.finish()


if __name__ == "__main__":
    main()
