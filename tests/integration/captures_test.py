"""Public captures against their oracles: dialogs, streams, packets, loss, audio.

Every capture gets a collector of its own. Prints the share that agrees and
names what does not. What is known to differ, and why, is in
known_differences.txt; anything else fails.
"""

import collections
import concurrent.futures
import hashlib
import json
import sys
import wave

import harness

SUBJECTS = ("dialogs", "streams", "packets", "loss", "g711", "no false stream")


class Tally:
    def __init__(self):
        self.agree = collections.Counter()
        self.total = collections.Counter()
        self.differences = []

    def note(self, capture, subject, agrees, what):
        self.total[subject] += 1
        if agrees:
            self.agree[subject] += 1
        else:
            self.differences.append((capture, subject, what))

    def add(self, other):
        self.agree += other.agree
        self.total += other.total
        self.differences += other.differences


def endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_call(dialog):
    return dialog["kind"] == "call"


def compare_dialogs(tally, name, oracle, calls):
    legs = collections.defaultdict(set)
    for call in calls:
        for leg in call["legs"]:
            legs[leg["callId"]].add(call["id"])
    for dialog in filter(is_call, oracle.get("sip", {}).get("dialogs", [])):
        found = legs.get(dialog["call_id"], set())
        tally.note(name, "dialogs", len(found) >= 1, f"Call-ID {dialog['call_id']}: not there")


def stream_audio_hash(system, call, stream):
    path = system.dir / "stream.wav"
    result = system.cli("calls", "audio", call["id"], "--stream", stream["id"],
                        "--no-concealment", "-o", path, check=False)
    if result.returncode != 0:
        return f"no audio: {result.stderr.strip()}"
    with wave.open(str(path)) as file:
        return hashlib.sha256(file.readframes(file.getnframes())).hexdigest()


def compare_streams(tally, name, oracle, system, calls):
    ours = {}
    for call in calls:
        for stream in call["streams"]:
            ours[(stream["source"], stream["destination"], stream["ssrc"])] = (call, stream)
    wanted = set()
    # What the oracle's heuristic takes for RTP in negatives/ is none.
    streams = [] if name.startswith("negatives/") else oracle.get("own", {}).get("rtp_streams", [])
    for want in streams:
        key = (endpoint(want["src"], want["sport"]), endpoint(want["dst"], want["dport"]),
               int(want["ssrc"], 16))
        wanted.add(key)
        label = f"{key[0]} -> {key[1]} ssrc {want['ssrc']}"
        found = ours.get(key)
        tally.note(name, "streams", found is not None, f"{label}: {want['packets']} packets missed")
        if found is None:
            continue
        call, stream = found
        distinct = want["expected"] - want["lost"]
        tally.note(name, "packets", stream["packets"] == distinct,
                   f"{label}: {stream['packets']} distinct packets, oracle {distinct}")
        tally.note(name, "loss", stream["lost"] == want["lost"],
                   f"{label}: {stream['lost']} lost, oracle {want['lost']}")
        if "g711" in want:
            got = stream_audio_hash(system, call, stream)
            tally.note(name, "g711", got == want["g711"]["sha256_s16le"], f"{label}: {got}")
    for key in set(ours) - wanted:
        tally.note(name, "no false stream", False,
                   f"{key[0]} -> {key[1]} ssrc {key[2]:#010x}: {ours[key][1]['packets']} packets, "
                   "not in the oracle")
    tally.note(name, "no false stream", True, "")


def check(options, captures, path):
    tally = Tally()
    name = str(path.relative_to(captures))
    oracle = json.loads(path.with_name(path.name + ".oracle.json").read_text())
    try:
        with harness.System(options.bin) as system:
            process = system.start_sensor("s1", [path])
            code = process.wait(timeout=120)
            if code != 0 and options.verbose:
                print(f"{name}: sensor exit {code}: {system.log('s1')}", file=sys.stderr)
            calls = system.calls(settle=0.4)
            compare_dialogs(tally, name, oracle, calls)
            compare_streams(tally, name, oracle, system, calls)
    except Exception as error:  # One broken capture must not hide the others.
        tally.note(name, "dialogs", False, f"failed: {error}")
    return tally


def known_differences():
    """{(capture, subject): reason}"""
    known = {}
    for line in (harness.ROOT / "tests/integration/known_differences.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            capture, subject, reason = line.split("\t")
            known[(capture, subject)] = reason
    return known


def main():
    options = harness.arguments()
    captures = harness.shared("captures")
    paths = [path.with_name(path.name.removesuffix(".oracle.json"))
             for path in sorted(captures.glob("*/*.oracle.json")) if options.only in str(path)]
    tally = Tally()
    with concurrent.futures.ThreadPoolExecutor(max_workers=3) as pool:
        for result in pool.map(lambda path: check(options, captures, path), paths):
            tally.add(result)

    print(f"{len(paths)} captures")
    for subject in SUBJECTS:
        total = tally.total[subject]
        share = 100.0 * tally.agree[subject] / total if total else 100.0
        print(f"  {subject:16} {tally.agree[subject]:5} of {total:5} agree: {share:.1f} %")
    known = known_differences()
    unknown = 0
    for capture, subject, what in tally.differences:
        reason = known.get((capture, subject))
        unknown += reason is None
        print(f"  {capture}: {subject}: {what}" + (f"  [known: {reason}]" if reason else "  [NEW]"))
    negatives = [d for d in tally.differences if d[0].startswith("negatives/")]
    print(f"{unknown} differences that are not known; "
          f"{len(negatives)} streams found where there are none")
    sys.exit(1 if unknown or negatives else 0)


main()
