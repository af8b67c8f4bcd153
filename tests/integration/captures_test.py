"""Public captures against their oracles: dialogs, streams, packets, loss, audio.

Every capture gets a collector of its own. Prints the share that agrees, in all
and by group, and names what does not. What is known to differ, how often and
why, is in known_differences.txt; anything else fails, and so does a difference
that is known but gone.
"""

import collections
import concurrent.futures
import datetime
import hashlib
import json
import sys
import time
import wave

import numpy

import controlled_legs
import harness
import inband

SUBJECTS = ("file", "dialogs", "status", "answer", "end", "messages", "streams", "packets", "loss",
            "duplicates", "order", "codec", "encryption", "signalling", "g711", "decoded", "keys",
            "tones", "no false stream", "quality", "jitter", "mos", "mgcp",
            "sccp", "h323", "controlled times")

# Dialogs of their own that clients begin under the Call-ID of a call.
NOT_OF_A_CALL = ("REGISTER", "PUBLISH", "SUBSCRIBE", "MESSAGE", "OPTIONS")
# Codecs that tones pass through.
TONES = {"PCMU", "PCMA", "L16", "G722"}
# Codecs whose length is compared; those of plug-ins where these were built.
DECODED = {"G722", "GSM", "OPUS", "SPEEX", *(f"{packing}G726-{rate}" for packing in ("", "AAL2-")
                                             for rate in (16, 24, 32, 40))}
PLUGINS = {"g729": ("G729",), "avcodec": ("G723", "ILBC")}
OVER = ("CALL_STATE_COMPLETED", "CALL_STATE_UNANSWERED")


class Tally:
    def __init__(self):
        self.agree = collections.Counter()  # By (group, subject).
        self.total = collections.Counter()
        self.differences = []

    def note(self, capture, subject, agrees, what):
        key = (capture.split("/")[0], subject)
        self.total[key] += 1
        self.agree[key] += bool(agrees)
        if not agrees:
            self.differences.append((capture, subject, what))

    def add(self, other):
        self.agree += other.agree
        self.total += other.total
        self.differences += other.differences

    def shares(self, group=None):
        """{subject: (agree, total)}"""
        shares = {}
        for subject in SUBJECTS:
            keys = [key for key in self.total if key[1] == subject and group in (None, key[0])]
            shares[subject] = (sum(self.agree[key] for key in keys),
                               sum(self.total[key] for key in keys))
        return shares


def endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def epoch(timestamp):
    seconds, _, fraction = timestamp.rstrip("Z").partition(".")
    whole = datetime.datetime.fromisoformat(seconds + "+00:00").timestamp()
    return whole + float(f"0.{fraction or 0}")


def is_same_time(a, b):
    return abs(a - b) < 0.001


def compare_times(note, dialog, legs):
    begin = dialog["first_epoch"]
    answers = [epoch(leg["answerTime"]) for leg in legs if "answerTime" in leg]
    if dialog["answer_at"] is None:
        note("answer", not answers, "answered, not so in the oracle")
    else:
        want = begin + dialog["answer_at"]
        note("answer", answers and is_same_time(min(answers), want),
             f"answered at {answers}, oracle {want}")
    # The oracle also knows a BYE that ends nothing: after a refusal.
    hang_ups = [epoch(leg["endTime"]) for leg in legs if leg["endReason"] == "END_REASON_BYE"]
    if dialog["bye_at"] is None:
        note("end", not hang_ups, "ended by BYE, not so in the oracle")
    elif dialog["state"] == "completed":
        want = begin + dialog["bye_at"]
        note("end", hang_ups and is_same_time(min(hang_ups), want),
             f"BYE at {hang_ups}, oracle {want}")


def compare_dialogs(tally, name, oracle, calls, mirror_copies):
    legs_of = collections.defaultdict(list)
    for call in calls:
        for leg in call["legs"]:
            legs_of[leg["callId"]].append(leg)
    for dialog in oracle.get("sip", {}).get("dialogs", []):
        if dialog["kind"] != "call":
            continue
        call_id = dialog["call_id"]

        def note(subject, agrees, what):
            tally.note(name, subject, agrees, f"Call-ID {call_id}: {what}")
        legs = legs_of.get(call_id, [])
        note("dialogs", legs, "not there")
        if not legs:
            continue
        status = {leg["finalStatus"] for leg in legs}
        note("status", (dialog["final_code"] or 0) in status,
             f"final status {status}, oracle {dialog['final_code']}")
        compare_times(note, dialog, legs)
        seen = sum(seen["messages"] for leg in legs for seen in leg["observations"])
        sent = sum(message[5].split()[-1] not in NOT_OF_A_CALL for message in dialog["messages"])
        within = sum(message[5].split()[-1] == "OPTIONS" for message in dialog["messages"])
        note("messages", sent - mirror_copies <= seen <= sent + within,
             f"{seen} messages, oracle {sent}")


def compare_controlled(tally, name, path, oracle, calls):
    """Legs of MGCP, SCCP and H.323 against tshark's own reading of the capture."""
    protocols = oracle.get("protocols") or {}
    for subject, layer, read in (("mgcp", "mgcp", controlled_legs.mgcp_legs),
                                 ("sccp", "skinny", controlled_legs.sccp_legs),
                                 ("h323", "q931", controlled_legs.h323_legs)):
        if layer not in protocols:
            continue
        wanted = read(path)
        ours = collections.defaultdict(list)
        for call in calls:
            for leg in call["legs"]:
                if leg["protocol"] == f"SIGNALLING_PROTOCOL_{subject.upper()}":
                    ours[leg["callId"]].append(leg)
        tally.note(name, subject, set(ours) == set(wanted),
                   f"calls {sorted(ours)}, tshark {sorted(wanted)}")
        for call_id, want in wanted.items():
            for field, when in (("answerTime", want.answer), ("endTime", want.end)):
                found = [epoch(leg[field]) for leg in ours[call_id] if field in leg]
                if when is not None:
                    tally.note(name, "controlled times", found and is_same_time(min(found), when),
                               f"call {call_id}: {field} {found}, tshark {when}")


def stream_audio(system, call, stream):
    """(frames of PCM, sample rate), or why there is none."""
    path = system.dir / "stream.wav"
    result = system.cli("calls", "audio", call["id"], "--stream", stream["id"],
                        "--no-concealment", "-o", path, check=False)
    if result.returncode != 0:
        return f"no audio: {result.stderr.strip()}"
    with wave.open(str(path)) as file:
        return file.readframes(file.getnframes()), file.getframerate()


def compare_audio(note, want, system, found):
    if len(found) != 1:
        if "g711" in want:
            note("g711", False, f"{len(found)} streams")
        return
    audio = stream_audio(system, *found[0])
    if "g711" in want:
        got = audio if isinstance(audio, str) else hashlib.sha256(audio[0]).hexdigest()
        note("g711", got == want["g711"]["sha256_s16le"], got)
    elif want["codec"].upper() in DECODED and not want["srtp"]:
        if isinstance(audio, str):
            note("decoded", False, audio)
            return
        # A loss at either end is no more than some packets.
        length = len(audio[0]) / 2 / audio[1]
        wanted = want["duration_s"] + (want["ptime_ms"] or 20) / 1000
        note("decoded", abs(length - wanted) < 0.05 and any(audio[0]),
             f"{want['codec']}: {length:.3f} s, oracle {wanted:.3f} s")


def keys_of(oracle, want):
    """What the oracle saw pressed in a stream, by time; None if nobody says so.

    It has packets of another kind, too: of a payload type that carries something else.
    """
    keys = []
    for event in oracle.get("rfc4733_events") or []:
        if (event["src"], event["dst"], int(event["ssrc"], 16)) != (
                want["src"], want["dst"], int(want["ssrc"], 16)):
            continue
        if event["digit"] == "?":
            return None
        keys.append(event["digit"])
    return "".join(keys)


def told_keys(system, found, sources):
    return "".join(
        event["dtmf"].get("digit", "?") for call, stream in found
        for event in system.json_lines("calls", "timeline", call["id"], "--digits",
                                       "--stream", stream["id"])
        if event.get("dtmf", {}).get("source") in sources)


def compare_keys(note, system, oracle, want, found):
    keys = keys_of(oracle, want)
    if keys is not None:
        got = told_keys(system, found, ("DTMF_SOURCE_RTP", "DTMF_SOURCE_AUDIO"))
        note("keys", got == keys, f"keys {got}, oracle {keys}")


def compare_tones(note, system, want, found):
    """Keys that are tones in the audio: the same as by another method, and none in speech."""
    audio = stream_audio(system, *found[0])
    if not isinstance(audio, str):
        samples = numpy.frombuffer(audio[0], "<i2")
        wanted = "".join(key for key, _ in inband.keys_in(audio[1], samples))
        got = told_keys(system, found, ("DTMF_SOURCE_AUDIO",))
        note("tones", got == wanted, f"keys as tones {got}, by Fourier transform {wanted}")


def key_of(want):
    return (endpoint(want["src"], want["sport"]), endpoint(want["dst"], want["dport"]),
            int(want["ssrc"], 16))


def compare_stream(note, want, found):
    """`found`: one stream, or as many as calls used these endpoints and SSRC."""
    def total(field):
        return sum(stream[field] for _, stream in found)

    def seen(*fields):
        return sum(seen[field] for _, stream in found for seen in stream["observations"]
                   for field in fields)
    distinct = want["expected"] - want["lost"]
    note("packets", total("packets") == distinct,
         f"{total('packets')} distinct packets, oracle {distinct}")
    note("loss", total("lost") == want["lost"], f"{total('lost')} lost, oracle {want['lost']}")
    copies = seen("duplicates", "mirrorCopies")
    note("duplicates", copies == want["dup_seq"], f"{copies} copies, oracle {want['dup_seq']}")
    late = seen("reordered")
    note("order", late == want["reordered"], f"{late} out of order, oracle {want['reordered']}")
    codecs = {stream["codec"].upper() for _, stream in found}
    if want["codec"] and not want["codec"].startswith("DYN"):
        note("codec", codecs == {want["codec"].upper()}, f"{codecs}, oracle {want['codec']}")
    encrypted = {stream["encrypted"] for _, stream in found}
    note("encryption", encrypted == {want["srtp"]}, f"{encrypted}, oracle {want['srtp']}")
    if want["sdp_dst"] or want["sdp_src"]:
        note("signalling", all(stream["legId"] for _, stream in found), "with no leg, but SDP")


def compare_mos(note, stream, quality):
    """What a call says of a stream by itself, against what is measured from its frames."""
    if stream["packets"] < 50 or "rating" not in quality:
        note("mos", "listeningMos" not in stream, f"a MOS of {stream.get('listeningMos')}")
    elif quality["packets"].get("discarded", "0") == "0":
        measured = quality["rating"]["mosListening"]
        note("mos", abs(stream.get("listeningMos", 0) - measured) < 0.0051,
             f"{stream['codec']}: MOS {stream.get('listeningMos')}, measured {measured:.4f}")


def compare_quality(note, system, want, found):
    """What is measured when asked for, against the oracle's own parser."""
    measured = [quality for call, stream in found
                for quality in system.json_lines("calls", "quality", call["id"],
                                                 "--stream", stream["id"])]
    streams = {stream["id"]: stream for _, stream in found}
    for quality in measured:
        compare_mos(note, streams[quality["streamId"]], quality)

    def total(field):
        return sum(int(quality["packets"].get(field, 0)) for quality in measured)
    got = tuple(total(field) for field in ("expected", "lost", "reordered"))
    wanted = tuple(want[field] for field in ("expected", "lost", "reordered"))
    note("quality", got == wanted,
         f"expected, lost, out of order: {got}, oracle {wanted}")
    # Events and parts of a video frame share a timestamp: not measured, or in another way.
    speech = want["codec"] and want["codec"].upper() not in ("TELEPHONE-EVENT", "H263")
    if want["clock"] and speech and len(measured) == 1:
        jitter = measured[0]["packets"].get("maxJitterMs", 0)
        note("jitter", abs(jitter - want["max_jitter_ms"]) < 0.1 + 0.05 * want["max_jitter_ms"],
             f"{want['codec']}: {jitter:.3f} ms at most, oracle {want['max_jitter_ms']:.3f}")


def compare_streams(tally, name, oracle, system, calls):
    ours = collections.defaultdict(list)
    for call in calls:
        for stream in call["streams"]:
            # The oracle knows no T.38: fax_test.py asks tshark.
            if stream.get("transport") == "MEDIA_TRANSPORT_UDPTL":
                continue
            ours[(stream["source"], stream["destination"], stream["ssrc"])].append((call, stream))
    # What the oracle's heuristic takes for RTP in negatives/ is none.
    is_negative = name.startswith("negatives/")
    wanted = [] if is_negative else oracle.get("own", {}).get("rtp_streams", [])
    # Streams too short for the oracle's parser, but named by SDP.
    known = set() if is_negative else {key_of(s) for s in oracle.get("rtp_streams_tshark") or []}
    for want in wanted:
        key = key_of(want)
        known.add(key)

        def note(subject, agrees, what):
            tally.note(name, subject, agrees, f"{key[0]} -> {key[1]} ssrc {want['ssrc']}: {what}")
        found = ours.get(key, [])
        note("streams", found, f"{want['packets']} packets missed")
        if not found:
            continue
        compare_stream(note, want, found)
        compare_quality(note, system, want, found)
        if oracle.get("rfc4733_events") and not want["srtp"]:
            compare_keys(note, system, oracle, want, found)
        elif (want["codec"] or "").upper() in TONES and len(found) == 1 and not want["srtp"]:
            compare_tones(note, system, want, found)
        compare_audio(note, want, system, found)
    false = set(ours) - known
    for key in false:
        tally.note(name, "no false stream", False,
                   f"{key[0]} -> {key[1]} ssrc {key[2]:#010x}: "
                   f"{ours[key][0][1]['packets']} packets, not in the oracle")
    if not false:
        tally.note(name, "no false stream", True, "")


def is_readable(path):
    """Whether the file is pcap (either byte order, us or ns) or pcapng."""
    magic = path.read_bytes()[:4]
    return magic in (b"\xa1\xb2\xc3\xd4", b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\x3c\x4d",
                     b"\x4d\x3c\xb2\xa1", b"\x0a\x0d\x0d\x0a")


def settled_calls(system, oracle, timeout=60):
    """All calls, once they are over and nothing changes any more.

    While some of what the oracle knows is not there, half of the time is waited for it.
    """
    wanted = {dialog["call_id"] for dialog in oracle.get("sip", {}).get("dialogs", [])
              if dialog["kind"] == "call"}
    expected = wanted or oracle.get("own", {}).get("rtp_streams")
    deadline = time.monotonic() + timeout
    before = None
    unchanged = 0
    while time.monotonic() < deadline:
        behind = system.waiting()
        calls = system.list_calls()
        is_over = all(call["state"] in OVER for call in calls)
        seen = {leg["callId"] for call in calls for leg in call["legs"]}
        missing = wanted - seen or (expected and not calls)
        patient = missing and time.monotonic() < deadline - timeout / 2
        unchanged = unchanged + 1 if calls == before and behind == 0 else 0
        if unchanged >= 3 and is_over and not patient:
            break
        before = calls
        time.sleep(0.3)
    return before


def check(options, captures, path):
    tally = Tally()
    name = str(path.relative_to(captures))
    oracle = json.loads(path.with_name(path.name + ".oracle.json").read_text())
    try:
        with harness.System(options.bin) as system:
            code = system.start_sensor("s1", [path]).wait(timeout=120)
            log = system.log("s1")
            if not is_readable(path):
                tally.note(name, "file", code == 1 and "not a pcap or pcapng file" in log,
                           f"not refused: exit {code}: {log}")
                return tally
            tally.note(name, "file", code == 0, f"exit {code}: {log}")
            calls = settled_calls(system, oracle)
            (sensor,) = system.json_lines("sensors", "list")
            copies = sum(int(point["report"]["mirrorCopies"]) for point in sensor["capturePoints"])
            compare_dialogs(tally, name, oracle, calls, copies)
            compare_controlled(tally, name, path, oracle, calls)
            compare_streams(tally, name, oracle, system, calls)
    except Exception as error:  # One broken capture must not hide the others.
        tally.note(name, "file", False, f"failed: {error!r}")
    return tally


def known_differences():
    """{(capture, subject): (how many, why)}"""
    known = {}
    for line in (harness.ROOT / "tests/integration/known_differences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            capture, subject, count, reason = line.split("\t")
            known[(capture, subject)] = (int(count), reason)
    return known


def print_shares(tally, verbose):
    for subject, (agree, total) in tally.shares().items():
        share = 100.0 * agree / total if total else 100.0
        print(f"  {subject:16} {agree:5} of {total:5} agree: {share:.1f} %")
    for group in sorted({group for group, _ in tally.total}):
        parts = [f"{subject} {agree}/{total}" for subject, (agree, total)
                 in tally.shares(group).items() if total and (verbose or agree < total)]
        print(f"  {group}: {', '.join(parts) or 'all agree'}")


def judge(tally, options):
    """Prints all differences; how many speak against us."""
    known = {key: value for key, value in known_differences().items() if options.only in key[0]}
    wrong = 0
    count = collections.Counter((capture, subject) for capture, subject, _ in tally.differences)
    for capture, subject, what in sorted(tally.differences):
        times, reason = known.get((capture, subject), (0, ""))
        is_known = times == count[(capture, subject)] and not capture.startswith("negatives/")
        wrong += not is_known
        print(f"  {capture}: {subject}: {what}  [{'known: ' + reason if is_known else 'NEW'}]")
    for (capture, subject), (times, reason) in known.items():
        if count[(capture, subject)] == 0:
            wrong += 1
            print(f"  {capture}: {subject}: agrees, and need not be known: {reason}")
    return wrong


def main():
    options = harness.arguments()
    captures = harness.shared("captures")
    for plugin, names in PLUGINS.items():
        if (harness.plugins(options.bin) / f"{plugin}.so").exists():
            DECODED.update(names)
    paths = [path.with_name(path.name.removesuffix(".oracle.json"))
             for path in sorted(captures.glob("*/*.oracle.json")) if options.only in str(path)]
    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(max_workers=6) as pool:
        for result in pool.map(lambda path: check(options, captures, path), paths):
            tally.add(result)
    print(f"{len(paths)} captures")
    print_shares(tally, options.verbose)
    wrong = judge(tally, options)
    print(f"{wrong} differences that are not known")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
