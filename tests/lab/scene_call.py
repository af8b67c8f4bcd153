"""A call of a scene: what truth.json says of it, and what was seen of it.

A scene may say NAME=VALUE of what must come out ("want"):

    state=completed  end=bye  status=200  flags=one_way+...  sensors=s1+s2
    ids=1                 how many Call-IDs it has
    codecs=PCMU+G722      without: that of the scene
    vlan=100              the tag of all that was mirrored
    left=a  right=c+d     who is heard on which side; without: caller and callee.
                          c>d is Carol when she speaks to Dave
    harm=yes              the trunk does: what wire.csv says
    heard=nobody          the recording is silence
    masked=d>c            who is not heard, as another speaks on that side
    at=ext@10.10.0.1      a person who has another address, too
    legs=N  streams=N     fewer than the captures show, as NAT makes one look like
                          two
"""

import json

import capture
from witness import Witness, host

# On a busy machine linphonec now and then leaves 10 ms out, and what follows is
# no longer in step.
RIGHT, WRONG = {"baresip": 0.9, "linphone": 0.5}, 0.2
# These follow what is said, not its waveform.
LEAST_RIGHT = {"GSM": 0.8, "G729": 0.4, "opus": 0.8}


def plus(text):
    return [word for word in text.split("+") if word]


class SceneCall:
    def __init__(self, truth, call, witness):
        self.call, self.witness = call, witness
        self.codec = truth["codec"]
        self._parties = truth["parties"]
        want = call["want"]
        self.want = want
        self.name = f"{call['caller']} to {call['callee']}"
        answered = want.get("state", "completed") == "completed"
        self.left = plus(want.get("left", call["caller"] if answered else ""))
        self.right = plus(want.get("right", call["callee"] if answered else ""))
        self._at = {party["address"]: name for name, party in self._parties.items()}
        for word in plus(want.get("at", "")):
            name, address = word.split("@")
            self._at[address] = name

    def number(self, name):
        return self._parties[name]["number"]

    def home(self, address):
        """The sensor that is nearest to it; the PBX is at s1."""
        party = self._parties.get(self._at.get(host(address)))
        return party["sensor"] if party else "s1"

    def speaker(self, source, destination):
        """Who speaks in a stream. A relay's is of the side that it does not go to."""
        if name := self._at.get(host(source)):
            return name
        others = self.right if self._at.get(host(destination)) in self.left else self.left
        return others[0] if others else None

    def side(self, speaker, destination):
        listener = self._at.get(host(destination))
        if f"{speaker}>{listener}" in self.left:
            return "left"
        if f"{speaker}>{listener}" in self.right:
            return "right"
        return "left" if speaker in self.left else "right"

    def speeches(self):
        """(who, side, begin_ns, end_ns) of what can be heard, relayed copies apart."""
        found = []
        masked = plus(self.want.get("masked", ""))
        sightings = self.witness.sightings.values()
        for one in sorted(sightings, key=lambda s: s.begin_ns - s.end_ns):
            who = self.speaker(one.source, one.destination)
            if f"{who}>{self._at.get(host(one.destination))}" in masked:
                continue
            side = self.side(who, one.destination)
            if not any(
                [who, side] == other
                and begin - 10**8 < one.begin_ns
                and one.end_ns < end + 10**8
                for *other, begin, end in found
            ):
                found.append((who, side, one.begin_ns, one.end_ns))
        return found

    def pieces(self, who, begin_ns, end_ns):
        """(begin_ns, end_ns, where the text is by then in s) of a speech: what is
        said between holds. A phone's text runs on while the call is held."""
        begins = [
            event["time_ns"]
            for event in self.call["log"]
            if event["party"] == who and event["type"] == "CALL_ESTABLISHED"
        ]
        while begin_ns < end_ns:
            hold_ns, resume_ns = self._next("hold", begin_ns), self._next("resume", begin_ns)
            texts = [time_ns for time_ns in begins if time_ns < begin_ns + 10**9]
            text_s = (begin_ns - max(texts, default=begin_ns)) / 1e9
            yield begin_ns, min(end_ns, hold_ns), max(0.0, text_s)
            begin_ns = resume_ns

    def _next(self, action, after_ns):
        events = self.call["events"]
        times = (e["time_ns"] for e in events if e["action"] == action)
        return min((time_ns for time_ns in times if time_ns > after_ns), default=2**63)

    def keys(self, who, begin_ns, end_ns):
        return "".join(
            event["action"]
            for event in self.call["events"]
            if event["party"] == who
            and len(event["action"]) == 1
            and begin_ns <= event["time_ns"] <= end_ns
        )


class Scene:
    """Truth and captures of a folder, call by call."""

    def __init__(self, directory):
        truth = json.loads((directory / "truth.json").read_text())
        self.witness = Witness(directory)
        self._right = {
            name: min(RIGHT[party["phone"]], LEAST_RIGHT.get(truth["codec"], 1))
            for name, party in truth["parties"].items()
        }
        self.voices = {
            name: capture.read_wav(directory / party["wav"])[0]
            for name, party in truth["parties"].items()
        }
        begins = [call["start_ns"] for call in truth["calls"]] + [2**63]
        self.calls = [
            SceneCall(truth, call, self.witness.between(*begins[n : n + 2]))
            for n, call in enumerate(truth["calls"])
        ]

    def judge(self, samples, speaker, text_s):
        """Is it `speaker`, and nobody else? And how much like everybody."""
        found = {
            name: capture.likeness(samples, voice[int(text_s * 8000) :])[0]
            for name, voice in self.voices.items()
        }
        good = found[speaker] > self._right[speaker] and all(
            value < WRONG for name, value in found.items() if name != speaker
        )
        return good, " ".join(f"{name}={value:.3f}" for name, value in found.items())
