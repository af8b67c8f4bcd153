"""One call at two switches, whose mirrors come in tunnels of every kind: the same call.

Each way of wrap.py is put around what both switches mirror. Calls, legs, streams,
evidence and recordings must be those of the bare captures, to the bit; what tells
how frames were tagged may differ.
"""

import subprocess
import sys

import harness
import pcap

MODES = ("vlan:100", "qinq:100,200", "erspan1", "erspan2:7", "erspan3:7", "vxlan:42", "gretap")
SCENE = "b-local-trunk"


def wrap(tools, mode, capture, folder):
    """The same capture in a tunnel; classic pcap, microseconds."""
    wrapped = folder / f"{mode.replace(':', '-').replace(',', '-')}-{capture.name}"
    subprocess.run([sys.executable, tools / "wrap.py", mode, capture, wrapped], check=True)
    return wrapped


def results(options, tools, scene, mode):
    """Calls and recordings of one mode, and the capture points' last reports."""
    with harness.System(options.bin) as system:
        # "shift:0" leaves the frames as they are, in the same unit of time.
        captures = {sensor: [wrap(tools, mode, scene / f"{switch}.pcap", system.dir)]
                    for sensor, switch in (("s1", "sw1"), ("s2", "sw2"))}
        # Capture points are named by their files.
        files = {sensor: [file.rename(system.dir / f"{sensor}.pcap")]
                 for sensor, (file,) in captures.items()}
        system.replay(files)
        reports = [point["report"] for sensor in system.json_lines("sensors", "list")
                   for point in sensor["capturePoints"]]
        return system.results(), reports


def tunnels_of(reports):
    return {tunnel["kind"].removeprefix("TUNNEL_KIND_"):
            (int(tunnel["frames"]), int(tunnel.get("decapsulated", 0)))
            for report in reports for tunnel in report.get("census", {}).get("tunnels", [])}


def check_mirrors(report, options, tools, scene, calls, audio):
    """Both mirrors come to one sensor, each by a session of ERSPAN: the same as two sensors."""
    with harness.System(options.bin) as system:
        wire = [pcap.Pcap(wrap(tools, f"erspan2:{session}", scene / f"sw{session}.pcap", system.dir))
                for session in (1, 2)]
        wire[0].packets += wire[1].packets
        wire[0].packets.sort(key=lambda packet: packet[0])
        file = wire[0].write(system.dir / "wire.pcap")
        config = system.dir / "mirrors.yaml"
        config.write_text("capture:\n  mirrors:\n" + "".join(
            f"    - {{name: s{session}, sender: 192.0.2.1, id: {session}}}\n" for session in (1, 2)))
        process = system.run_sensor("s1", "test", "--config", config, "--read", file)
        report.equal(process.wait(timeout=60), 0, "exit code of the sensor")
        found, heard = system.results()
        points = [point["capturePoint"]["name"] for sensor in system.json_lines("sensors", "list")
                  for point in sensor["capturePoints"]]
    report.equal(points, ["wire.pcap:s1", "wire.pcap:s2", "wire.pcap"], "capture points")

    def place(seen, key="capturePoint", sensor="sensor"):
        """Which switch: the sensor's name, or that of its mirror."""
        return seen[key].partition(":")[2] or seen[sensor]

    def gist(call):
        return sorted((stream["ssrc"], stream["packets"], stream.get("lost", 0),
                       sorted((place(seen), seen["packets"]) for seen in stream["observations"]),
                       [(place(hop, "fromCapturePoint", "fromSensor"), place(hop, "toCapturePoint", "toSensor"),
                         hop["packets"], hop.get("lost", 0)) for hop in stream.get("hops", [])])
                      for stream in call["streams"])
    report.equal([gist(call) for call in found], [gist(call) for call in calls], "streams, sights and hops")
    report.expect(any(hops for call in calls for *_, hops in gist(call)), "there are hops")
    report.equal(sorted(heard.values()), sorted(audio.values()), "recordings")


def main():
    options = harness.arguments()
    tools = harness.shared("tools")
    scene = harness.shared("lab") / SCENE
    report = harness.Report()
    report.case = "bare"
    (calls, audio), _ = results(options, tools, scene, "shift:0")
    report.expect(calls and all(call["streams"] for call in calls), "has calls with streams")
    for mode in MODES:
        if options.only not in mode:
            continue
        report.case = mode
        (found, heard), reports = results(options, tools, scene, mode)
        report.equal(found, calls, "calls")
        report.equal(heard, audio, "recordings")
        tunnels = tunnels_of(reports)
        report.equal(bool(tunnels), not mode.startswith(("vlan", "qinq")), "is in tunnels")
        for kind, (frames, opened) in tunnels.items():
            report.equal(opened, frames, f"frames of {kind} that were opened")
        print(f"{mode}: {len(found)} calls, tunnels {tunnels}")
    if options.only in "mirrors":
        report.case = "mirrors"
        check_mirrors(report, options, tools, scene, calls, audio)
    report.finish()


main()
