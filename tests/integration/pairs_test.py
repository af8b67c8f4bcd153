"""One call captured at two places, as two sensors: it must come out as one call.

The pairs are those of ../shared/captures/VANTAGE.json; their clocks are half an
hour apart. Either capture may be delivered first, and nothing may depend on it.
"""

import hashlib
import json

import captures_test
import harness

HIGHEST_ERROR_S = 0.3  # Of a median delay that was measured as a difference of clocks.


def capture(captures, pair, place):
    (path,) = captures.glob(f"*/*__{pair['pair']}_{place}.pcap*[pg]")
    return path


def oracle_of(path):
    return json.loads(path.with_name(path.name + ".oracle.json").read_text())


def at(seen, sensor):
    return [part for part in seen if part["sensor"] == sensor]


def check_leg(report, pair, call):
    if not pair["sip_common"]:
        if report.equal([leg.get("protocol") for leg in call["legs"]], ["SIGNALLING_PROTOCOL_H323"],
                        "legs, without SIP"):
            at_s1, at_s2 = (sum(part["messages"] for part in at(call["legs"][0]["observations"], sensor))
                            for sensor in ("s1", "s2"))
            report.expect(at_s1 == at_s2 > 0, f"messages at both: {at_s1}, {at_s2}")
        return
    if report.equal(len(call["legs"]), 1, "legs"):
        seen = call["legs"][0]["observations"]
        for sensor, count in (("s1", pair["sip_a"]), ("s2", pair["sip_b"])):
            report.equal(sum(part["messages"] for part in at(seen, sensor)), count,
                         f"SIP messages at {sensor}")


def check_stream(report, facts, stream, name):
    """`facts`: how many packets both places saw, and by how much the clocks differ."""
    report.equal(stream["packets"], facts["n"], f"{name}: packets, of both places together")
    report.equal(stream["lost"], 0, f"{name}: lost")
    first = {}
    for sensor in ("s1", "s2"):
        seen = at(stream["observations"], sensor)
        report.equal(sum(part["packets"] for part in seen), facts["n"],
                     f"{name}: packets at {sensor}")
        first[sensor] = min((captures_test.epoch(part["startTime"]) for part in seen), default=0)
    difference = first["s2"] - first["s1"] - facts["first"] / 1000
    report.expect(abs(difference) < HIGHEST_ERROR_S,
                  f"{name}: raw capture times are kept, not {difference} s off")
    if report.equal(len(stream["hops"]), 1, f"{name}: hops"):
        hop = stream["hops"][0]
        report.equal((hop["packets"], hop["lost"], hop["missedNear"]), (facts["n"], 0, 0),
                     f"{name}: packets of the hop, lost, missed")


def check_evidence(report, pair, call):
    sensor_of = {part["id"]: part["sensor"] for whole in call["legs"] + call["streams"]
                 for part in whole["observations"]}
    between = {evidence["kind"] for evidence in call["evidence"]
               if sensor_of[evidence["first"]] != sensor_of[evidence["second"]]}
    report.expect("EVIDENCE_KIND_SAME_RTP" in between, f"the same RTP joins the sensors: {between}")
    if pair["sip_common"]:
        report.expect("EVIDENCE_KIND_SAME_DIALOG" in between,
                      f"the same dialog joins the sensors: {between}")


def check_audio(report, system, call, oracle):
    """Every stream sounds as one place alone recorded it."""
    for want in oracle["own"]["rtp_streams"]:
        if "g711" not in want:
            continue
        (stream,) = [s for s in call["streams"] if s["ssrc"] == int(want["ssrc"], 16)]
        got = captures_test.stream_audio(system, call, stream)
        if not isinstance(got, str):
            got = hashlib.sha256(got[0]).hexdigest()
        report.equal(got, want["g711"]["sha256_s16le"], f"audio of {want['ssrc']}")


def check_call(report, system, pair, oracle):
    calls = system.calls(settle=2.5)
    if not report.equal(len(calls), 1, "calls"):
        return None
    (call,) = calls
    report.equal(call["sensors"], ["s1", "s2"], "sensors")
    duration = captures_test.epoch(call["endTime"]) - captures_test.epoch(call["startTime"])
    report.expect(duration < 600, f"the call lasts as long as it did: {duration} s")
    check_leg(report, pair, call)
    faxes = [stream for stream in call["streams"]
             if stream.get("transport") == "MEDIA_TRANSPORT_UDPTL"]
    report.equal(sorted(stream["ssrc"] for stream in call["streams"] if stream not in faxes),
                 sorted(int(ssrc, 16) for ssrc in pair["dt_ms"]), "one stream each SSRC")
    # T.38 has no SSRC, and is one stream a direction all the same.
    for stream in faxes:
        report.equal({seen["sensor"] for seen in stream["observations"]}, {"s1", "s2"},
                     "who saw the fax")
        report.equal(stream["lost"], 0, "packets of the fax that nobody saw")
    report.equal(len({stream["source"] for stream in faxes}), len(faxes), "one fax a direction")
    for ssrc, facts in pair["dt_ms"].items():
        for stream in call["streams"]:
            if stream["ssrc"] == int(ssrc, 16):
                check_stream(report, facts, stream, ssrc)
    check_evidence(report, pair, call)
    check_audio(report, system, call, oracle)
    return hashlib.sha256(json.dumps({**call, "revision": 0}).encode()).hexdigest()


def main():
    options = harness.arguments()
    captures = harness.shared("captures")
    report = harness.Report()
    for pair in json.loads((captures / "VANTAGE.json").read_text()):
        if options.only not in pair["pair"]:
            continue
        files = {"s1": capture(captures, pair, "ogw"), "s2": capture(captures, pair, "tgw")}
        outcomes = set()
        for order in (("s1", "s2"), ("s2", "s1")):
            report.case = f"{pair['pair']}, {order[0]} first"
            print(report.case)
            # What the oracle has of audio is G.711 alone.
            with harness.System(options.bin, with_plugins=False) as system:
                for sensor in order:
                    system.replay({sensor: [files[sensor]]})
                outcomes.add(check_call(report, system, pair, oracle_of(files["s1"])))
        report.equal(len(outcomes), 1, "the same call whichever came first")
    report.finish()


if __name__ == "__main__":
    main()
