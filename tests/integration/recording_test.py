"""Recordings of the lab's calls in every format, in parts, and as each party heard them.

What must come out is told by the whole recording as WAV, which other tests compare with what was
said, and read by ffmpeg, not by the library that wrote it.
"""

import datetime
import json
import re
import subprocess

import harness
import inband

FORMATS = {"wav": "pcm_s16le", "wav-alaw": "pcm_alaw", "flac": "flac", "opus": "opus", "mp3": "mp3"}
# Frames at the beginning and end of an MP3.
MP3_EXTRA_S = 0.4


def seconds(timestamp):
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    return (datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
            + float(f"0.{fraction or 0}"))


def probe(path):
    """(codec, sample rate, channels, seconds or None) by ffprobe."""
    told = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path],
        capture_output=True, text=True, check=True).stdout)
    (stream,) = told["streams"]
    length = stream.get("duration") or told["format"].get("duration")
    return (stream["codec_name"], int(stream["sample_rate"]), stream["channels"],
            float(length) if length else None)


def decode(path, rate):
    """Samples of each channel, by ffmpeg."""
    import numpy
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ar", str(rate), "-"],
                         capture_output=True, check=True).stdout
    samples = numpy.frombuffer(raw, dtype="<i2")
    return [samples[0::2], samples[1::2]]


def check_formats(report, system, call, rate, whole):
    import numpy
    length = len(whole[0]) / rate
    sizes = {}
    for name, codec in FORMATS.items():
        # By the ending of the file's name, where that tells it.
        path = system.dir / f"call.{'wav' if name == 'wav-alaw' else name}"
        option = ["--format", name] if name == "wav-alaw" else []
        system.cli("calls", "audio", call["id"], "-o", path, *option)
        sizes[name] = path.stat().st_size
        got_codec, got_rate, channels, got_length = probe(path)
        report.equal((got_codec, channels), (codec, 2), f"codec and channels of {name}")
        report.equal(got_rate, 48000 if name == "opus" else rate, f"rate of {name}")
        extra = MP3_EXTRA_S if name == "mp3" else 0
        report.expect(got_length and -0.02 <= got_length - length <= extra + 0.02,
                      f"length of {name}: {got_length} of {length}")
        decoded = decode(path, rate)
        for side, (got, want) in enumerate(zip(decoded, whole)):
            if name in ("wav", "flac"):
                report.expect(numpy.array_equal(got, want), f"samples of {name}, channel {side}")
            elif name == "wav-alaw":
                error = numpy.abs(got.astype(int) - want) <= 16 + numpy.abs(want.astype(int)) // 24
                report.expect(len(got) == len(want) and error.all(), f"samples of {name}")
            else:
                likeness = harness.correlate(got.astype(float), want.astype(float))
                report.expect(likeness > 0.9, f"{name}, channel {side}: correlation {likeness:.3f}")
    report.expect(sizes["wav-alaw"] < sizes["wav"] / 2 + 100 and
                  sizes["flac"] < sizes["wav"] and sizes["opus"] < sizes["wav"] / 5, f"{sizes}")
    print(f"  {length:.2f} s: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))


def check_parts(report, system, call, rate, whole):
    import numpy
    length = len(whole[0]) / rate
    for begin, end in ((0.0, 1.0), (1.5, 3.25), (length - 1, length + 100), (length / 2, None)):
        limits = ["--from", f"{begin:.3f}"] + (["--until", f"{end:.3f}"] if end else [])
        _, part = system.audio(call["id"], *limits)
        first = int(round(begin, 3) * rate + 1e-6)
        last = int(round(end, 3) * rate + 1e-6) if end else len(whole[0])
        report.expect(all(numpy.array_equal(got, want[first:last])
                          for got, want in zip(part, whole)), f"part {limits} of {call['id']}")
    late = system.cli("calls", "audio", call["id"], "--from", f"{length + 1:.3f}",
                      "-o", system.dir / "late.wav", check=False)
    report.expect(late.returncode == 2 and "ends before" in late.stderr, f"too late: {late.stderr}")


def check_length(report, call, rate, whole):
    """As long as its media, to within two packets: jitter is at either end."""
    begin = min(seconds(stream["startTime"]) for stream in call["streams"])
    end = max(seconds(stream["endTime"]) for stream in call["streams"])
    length = len(whole[0]) / rate
    report.expect(abs(length - 0.02 - (end - begin)) <= 0.04,
                  f"{call['id']}: recording {length:.3f} s, media {end - begin:.3f} s")


def check_tones(report, system, call, rate, whole):
    """No key is heard in speech; those of RFC 4733 are told, and can be made silent."""
    import numpy
    events = system.json_lines("calls", "timeline", call["id"], "--digits")
    keys = [event for event in events if "dtmf" in event]
    in_audio = [event["dtmf"]["digit"] for event in keys
                if event["dtmf"]["source"] == "DTMF_SOURCE_AUDIO"]
    wanted = [key for side in whole for key, _ in inband.keys_in(rate, side)]
    report.equal(sorted(in_audio), sorted(wanted), f"keys heard as tones in {call['id']}")
    if not keys:
        return
    _, masked = system.audio(call["id"], "--mask-keys")
    begin = min(seconds(stream["startTime"]) for stream in call["streams"])
    for event in keys:
        side = 0 if event["side"] == "SIDE_CALLER" else 1
        at = seconds(event["time"]) - begin
        for offset in (0.0, 0.05):
            first = int((at + offset) * rate)
            report.expect(not numpy.any(masked[side][first:first + rate // 50]),
                          f"key {event['dtmf']['digit']} at {at:.3f} s is not silent")
    changed = [numpy.count_nonzero(got != want) / rate for got, want in zip(masked, whole)]
    print(f"  {len(keys)} keys, {len(in_audio)} of them tones; masked {changed} s")


def heard(system, call, party, *options):
    path = system.dir / f"heard-{party}.wav"
    result = system.cli("calls", "audio", call["id"], "--as-heard-by", party, "-o", path, *options)
    return harness.read_wav(path)[1], result.stderr


def likeness(got, want, rate):
    """Median correlation of half-second pieces, each at the lag at which it is most alike.

    Drift and jitter are followed at each capture point by itself, so not all lags are the same.
    """
    import numpy
    step, values = rate // 2, []
    for begin in range(0, len(got) - step, rate):
        piece = got[begin:begin + step].astype(float)
        around = want[max(0, begin - step):begin + 2 * step].astype(float)
        if piece.std() > 200 and len(around) > step:
            values.append(harness.correlate(around, piece))
    return float(numpy.median(values)) if values else 0.0


def check_perspectives(report, system, call, rate, whole, impaired):
    """Of the other party what reached this one; itself as it spoke."""
    import numpy
    for party, own, other in (("caller", 0, 1), ("callee", 1, 0)):
        got, told = heard(system, call, party)
        alike = likeness(got[own], whole[own], rate)
        report.expect(alike > 0.99, f"{party} itself: {alike:.4f}")
        late = re.search(r"(\d+) of (\d+) packets came too late", told)
        if late and int(late[1]) > 0.1 * int(late[2]):
            # A phone that stood still in mid-call: the model needs its time to follow.
            print(f"  {party}: {late[0]}")
        else:
            alike = likeness(got[other], whole[other], rate)
            report.expect(alike > (0.8 if impaired else 0.97), f"{party} hears: {alike:.4f}")
        report.expect(f"as the {party} had it at" in told, f"told: {told}")
        if not impaired:
            continue
        silent, _ = heard(system, call, party, "--no-concealment")
        missing = [numpy.count_nonzero(side == 0) / rate for side in (silent[other], whole[other])]
        # 3 % are lost on the trunk, and what is late.
        report.expect(missing[0] > missing[1] + 0.3, f"{party} misses {missing}")
        print(f"  {party}: {missing[0]:.2f} s of nothing, as spoken {missing[1]:.2f} s; likeness "
              f"{alike:.3f}\n    " + told.strip().replace("\n", "\n    "))


def main():
    options = harness.arguments()
    lab = harness.shared("lab")
    report = harness.Report()
    for scene in sorted(path.parent for path in lab.glob("*/README")):
        if options.only not in scene.name:
            continue
        report.case = scene.name
        with harness.System(options.bin, tls=True) as system:
            system.replay({"s1": [scene / "sw1.pcap"], "s2": [scene / "sw2.pcap"]})
            calls = [call for call in system.calls() if call["streams"]]
            print(f"{scene.name}: {len(calls)} calls")
            for i, call in enumerate(calls):
                rate, whole = system.audio(call["id"])
                check_length(report, call, rate, whole)
                check_parts(report, system, call, rate, whole)
                check_tones(report, system, call, rate, whole)
                if i == 0:
                    check_formats(report, system, call, rate, whole)
                    check_perspectives(report, system, call, rate, whole,
                                       "impaired" in scene.name)
    report.finish()


main()
