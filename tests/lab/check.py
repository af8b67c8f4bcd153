#!/usr/bin/env python3
"""Is what was captured, or recorded, what was said?

    check.py capture DIR        of a scene: DIR has truth.json and sw?.pcap
    check.py recording WAV CALL_ID DIR
                                of that call: is the left channel its caller and
                                the right one its callee?

Prints what it finds; ends with 1 if any stream or channel is not the right
party (likeness above 0.9) or also another one (below 0.2), or a pressed key is
missing.
"""

import json
import pathlib
import sys

import capture

RIGHT, WRONG = 0.9, 0.2
TELEPHONE_EVENT = 101


class Stream:
    """RTP of one source, destination and SSRC in a capture."""

    def __init__(self, first):
        self.start_ns = first.time_ns
        self.source, self.destination = first.source, first.destination
        self.packets = {}  # Payload by payload type, sequence, timestamp.
        self.copies = 0

    def add(self, data):
        key = capture.rtp_header(data)[:3]
        self.copies += key in self.packets
        self.packets[key] = data[12:]

    def audio(self):
        """None unless all of it is G.711."""
        packets = {
            timestamp: (kind, payload)
            for (kind, _, timestamp), payload in self.packets.items()
            if kind != TELEPHONE_EVENT
        }
        if all(kind in capture.G711 for kind, _ in packets.values()):
            return capture.decode_g711(packets)
        return None

    def keys(self):
        pressed = {
            timestamp: payload[0]
            for (kind, _, timestamp), payload in self.packets.items()
            if kind == TELEPHONE_EVENT
        }
        return "".join("0123456789*#"[code] for _, code in sorted(pressed.items()))

    def speaker(self, truth):
        """The party of the call at that time that the stream does not go to.

        So a relayed stream is its author's, not the relay's; only towards a
        relay does the source decide.
        """
        call = max(
            (call for call in truth["calls"] if call["start_ns"] < self.start_ns),
            key=lambda call: call["start_ns"],
        )
        caller, callee = (
            truth["parties"][call[role]]["address"] + ":" for role in ("caller", "callee")
        )
        from_caller = self.source.startswith(caller)
        from_caller |= self.destination.startswith(callee)
        return call["caller" if from_caller else "callee"]


def judge(title, heard, speaker, parties):
    """Prints who is heard; true if it is `speaker` and nobody else."""
    found = {name: capture.likeness(heard, wav) for name, wav in parties.items()}
    good = found[speaker][0] > RIGHT and all(
        value < WRONG for name, (value, _) in found.items() if name != speaker
    )
    values = " ".join(f"{name}={value:.3f}" for name, (value, _) in found.items())
    lag = found[speaker][1] / 8000
    print(f"  {title} is {speaker}: {values} lag={lag:.3f}s", "ok" if good else "WRONG")
    return good


def read_capture(path):
    """SIP start lines by (Call-ID, endpoints), and the streams."""
    sip, streams = {}, {}
    for datagram in capture.datagrams(path):
        ends = datagram.source, datagram.destination
        if any(end.endswith(":5060") for end in ends):
            lines = datagram.payload.decode("utf-8", "replace").split("\r\n")
            call_id = next(l[9:] for l in lines if l.lower().startswith("call-id: "))
            word = lines[0].split(" ")[1 if lines[0].startswith("SIP") else 0]
            sip.setdefault((call_id, *sorted(ends)), []).append(word)
        elif capture.is_rtp(datagram):
            ssrc = capture.rtp_header(datagram.payload)[3]
            stream = streams.setdefault((*ends, ssrc), Stream(datagram))
            stream.add(datagram.payload)
    return sip, streams


def check_pcap(path, truth, wavs):
    sip, streams = read_capture(path)
    print(f"{path.name}:")
    for (call_id, one, other), words in sip.items():
        print(f"  SIP {call_id} {one} - {other}: {' '.join(words)}")
    good = True
    for (source, destination, ssrc), stream in streams.items():
        title = (
            f"RTP {source} -> {destination} {ssrc:08x}, {len(stream.packets)} packets,"
            f" {stream.copies} copies,"
        )
        speaker = stream.speaker(truth)
        audio = stream.audio()
        if audio:
            good &= judge(title, audio, speaker, wavs)
        else:
            print(f"  {title} is not G.711: not heard")
        keys = "".join(
            event["action"]
            for event in truth["calls"][0]["events"]
            if event["party"] == speaker and len(event["action"]) == 1
        )
        if keys or stream.keys():
            good &= keys == stream.keys()
            print(f"    keys {stream.keys()} of {keys}")
    return good


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[-1])
    truth = json.loads((directory / "truth.json").read_text())
    wavs = {
        name: capture.read_wav(directory / party["wav"])[0]
        for name, party in truth["parties"].items()
    }
    if sys.argv[1] == "capture":
        paths = sorted(directory.glob("sw?.pcap"))
        results = [check_pcap(path, truth, wavs) for path in paths]
    else:
        left, right = capture.read_wav(sys.argv[2])
        call = next(c for c in truth["calls"] if c["call_id"] == sys.argv[3])
        # After a hold the phones begin their text anew.
        for event in call["events"]:
            if event["action"] == "hold":
                end = (event["time_ns"] - call["answer_ns"]) * 8000 // 10**9
                left, right = left[:end], right[:end]
        results = [
            judge("left", left, call["caller"], wavs),
            judge("right", right, call["callee"], wavs),
        ]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
