"""Media is coded for the wire and the store, and comes out as it was captured.

The same captures with each kind of compression: packets to the bit, recordings to the
sample, in ever fewer bytes; also of sensors that code in different ways, into one store.
Prints what a packet cost.
"""

import harness

QUICKSTART = harness.ROOT / "deploy/quickstart.d"
FILES = {"s1": [QUICKSTART / "sw1.pcap"], "s2": [QUICKSTART / "sw2.pcap"]}


def replay(system, compressions):
    """Reads FILES, each sensor with its compression; bytes received of each."""
    for (sensor, files), compression in zip(FILES.items(), compressions):
        config = system.dir / f"{sensor}.yaml"
        config.write_text(f"media:\n  compression: {compression}\n")
        reads = [argument for file in files for argument in ("--read", file)]
        process = system.run_sensor(sensor, "test", "--config", config, *reads)
        if process.wait(timeout=60) != 0:
            raise RuntimeError(system.log(sensor))
    return {sensor["id"]: int(sensor["bytesReceived"]) for sensor in system.json_lines("sensors", "list")}


def results(system):
    """What of calls, packets and audio must not depend on how media is coded."""
    calls = system.calls(settle=2.5)
    found = []
    for call in calls:
        path = system.dir / f"{call['id']}.pcapng"
        system.cli("calls", "packets", call["id"], "-o", path)
        rate, channels = system.audio(call["id"])
        found.append((call["id"], sum(int(stream["packets"]) for stream in call["streams"]), path.read_bytes(), rate,
                      [channel.tobytes() for channel in channels]))
    return found


def main():
    options = harness.arguments()
    report = harness.Report()
    sizes = {}
    plain = None
    for compressions in (("none", "none"), ("fast", "fast"), ("best", "best"), ("auto", "none"), ("best", "fast")):
        report.case = "+".join(compressions)
        with harness.System(options.bin) as system:
            received = replay(system, compressions)
            got = results(system)
        if plain is None:
            plain = got
            report.expect(len(got) > 0 and got[0][1] > 0, "there is a call with packets")
        report.equal([call[:2] for call in got], [call[:2] for call in plain], "calls and their packets")
        report.expect([call[2] for call in got] == [call[2] for call in plain], "packets are the same to the bit")
        report.expect([call[3:] for call in got] == [call[3:] for call in plain], "recordings are the same")
        if compressions[0] == compressions[1]:
            sizes[compressions[0]] = sum(received.values())
            print(f"{compressions[0]}: {sizes[compressions[0]]} bytes from both sensors")
    report.case = "bytes"
    report.expect(sizes["fast"] < 0.7 * sizes["none"], "fast is much less than none")
    report.expect(sizes["best"] < 0.9 * sizes["fast"], "best is less than fast")
    report.finish()


main()
