"""Calls with DTLS-SRTP: with a key log they are heard, every tag verified; without it they say
what they are.

OpenSSL shakes hands here, ffmpeg and libsrtp encrypt; what becomes of it is asked of the real
programs.
"""

import base64
import re
import time

import harness
from dtls_calls import PROFILES, DtlsCall, Handshake, protected, spoken
from span_captures import A, B, MS, PBX, SECOND, START_NS, Capture
from tls_calls import with_secrets
from tls_test import config, replay

TONES = {A: 440, B: 700}
SUITES = {"SRTP_AES128_CM_SHA1_80": "AES_CM_128_HMAC_SHA1_80",
          "SRTP_AES128_CM_SHA1_32": "AES_CM_128_HMAC_SHA1_32",
          "SRTP_AEAD_AES_128_GCM": "AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM": "AEAD_AES_256_GCM"}


def call_of(system, name="dtls-1", seconds=4, seen=lambda of_client, n: True, signalled=True,
            by_ffmpeg=False, **handshake):
    """(capture, call, key log, packets of each side)."""
    log = system.dir / f"{name}.keys"
    shake = Handshake(system.dir, log, **handshake)
    capture = Capture()
    call = DtlsCall(capture, name, A, B, seconds=seconds, handshake=shake)
    if signalled:
        call.signalling()
    call.shake_hands(seen)
    sides = []
    for host, of_client in ((A, False), (B, True)):
        key = shake.keys[of_client]
        if by_ffmpeg:
            packets = spoken(TONES[host], seconds - 1, call.ssrc[host],
                             base64.b64encode(key).decode())
        else:
            packets = protected(spoken(TONES[host], seconds - 1, call.ssrc[host]), shake.profile,
                                key)
        sides.append(packets)
    call.both_send(*sides)
    log.chmod(0o600)
    return capture, call, log, [len(packets) for packets in sides]


def pitch(rate, samples):
    """Of the loudest tone, in Hz."""
    import numpy
    middle = numpy.asarray(samples[rate // 2:rate // 2 + 2 * rate], dtype=float)
    if not numpy.any(middle):
        return 0
    return round(float(numpy.argmax(numpy.abs(numpy.fft.rfft(middle)))) * rate / len(middle))


def check_heard(report, system, call, packets, encryption, signalled=True):
    """The caller left at its tone, the callee right at its own, and no packet refused. Without
    signalling nobody knows who called."""
    report.equal([stream["packets"] for stream in call["streams"]], packets, "packets")
    report.equal({stream.get("encryption") for stream in call["streams"]}, {encryption},
                 "encryption")
    report.expect("CALL_FLAG_ENCRYPTED" not in call.get("flags", []), "it has its keys")
    path = system.dir / "call.wav"
    said = system.cli("calls", "audio", call["id"], "-o", path).stderr
    report.expect("do not verify" not in said and "silence" not in said, f"all tags: {said.strip()}")
    rate, (left, right) = harness.read_wav(path)
    heard = [pitch(rate, left), pitch(rate, right)]
    report.equal(heard if signalled else sorted(heard), [TONES[A], TONES[B]], "Hz, left and right")


def check_no_secrets(report, system, log):
    """The master secret is nowhere, and keys are in no words."""
    lines = [line.split() for line in log.read_text().splitlines() if not line.startswith("#")]
    secrets = [line[2] for line in lines]
    report.expect(len(secrets) > 0, "there are secrets")
    stored = [path.read_bytes() for folder in ("data", "spool-s1")
              for path in (system.dir / folder).rglob("*") if path.is_file()]
    report.expect(not any(bytes.fromhex(secret) in data or secret.encode() in data
                          for secret in secrets for data in stored), "no secret on disk")


def check_words(report, system, keys):
    words = [system.log("s1"), system.log("collector"), system.cli("sensors", "list", "--json").stdout]
    for call in system.calls():
        words.append(system.cli("calls", "show", call["id"], "--json").stdout)
        exported = system.dir / "call.pcapng"
        system.cli("calls", "packets", call["id"], "-o", exported)
        words.append(exported.read_bytes().decode("latin-1"))
    for key in keys.values():
        # Fields of bytes are in base64; what is at the beginning does not depend on the rest.
        for shown in (key.hex(), key.hex().upper(), base64.b64encode(key).decode()[:-4],
                      key.decode("latin-1")):
            report.expect(not any(shown in text for text in words), "no key in words or exports")


def census(system):
    sensor, = system.json_lines("sensors", "list")
    report = sensor["capturePoints"][0]["report"]
    return [int(report["census"].get(name, 0)) for name in
            ("dtlsSrtpSessions", "dtlsSrtpSessionsWithKey")]


def check_profiles(options, report):
    cases = [(dict(profile=profile), profile) for profile in PROFILES]
    default = "SRTP_AES128_CM_SHA1_80"
    cases += [(dict(version="-dtls1"), default), (dict(mtu=256), default),
              (dict(suite="ECDHE-ECDSA-AES128-SHA"), default),
              (dict(suite="ECDHE-ECDSA-AES256-GCM-SHA384"), default),
              (dict(by_ffmpeg=True), default)]
    for arguments, profile in cases:
        report.case = f"{arguments}"
        with harness.System(options.bin) as system:
            capture, call, log, packets = call_of(system, **arguments)
            path = capture.write(system.dir / "dtls.pcap")
            report.equal(replay(system, path, *config(system, [log])), 0, "exit")
            calls = system.calls()
            if report.equal(len(calls), 1, "calls"):
                check_heard(report, system, calls[0], packets, f"DTLS-SRTP, {SUITES[profile]}")
            report.equal(census(system), [1, 1], "sessions, with key")
            check_no_secrets(report, system, log)
            check_words(report, system, call.handshake.keys)


def check_without_key(options, report):
    for case, signalled in (("no key", True), ("no key, and no signalling", False)):
        report.case = case
        with harness.System(options.bin) as system:
            capture, _, log, packets = call_of(system, signalled=signalled)
            log.unlink()
            report.equal(replay(system, capture.write(system.dir / "dtls.pcap")), 0, "exit")
            call, = system.calls()
            report.equal({stream.get("encryption") for stream in call["streams"]},
                         {"no key (DTLS-SRTP)"}, "encryption")
            report.expect("CALL_FLAG_ENCRYPTED" in call.get("flags", []), "the call says so")
            report.equal(census(system), [1, 0], "sessions, with key")


def check_without_signalling(options, report):
    """The SIP went by where no sensor is: the media alone are heard."""
    report.case = "no signalling"
    with harness.System(options.bin) as system:
        capture, _, log, packets = call_of(system, signalled=False)
        path = capture.write(system.dir / "dtls.pcap")
        report.equal(replay(system, path, *config(system, [log])), 0, "exit")
        call, = system.calls()
        check_heard(report, system, call, packets,
                    f"DTLS-SRTP, {SUITES['SRTP_AES128_CM_SHA1_80']}", signalled=False)


def check_one_direction(options, report):
    """What the server sends was not mirrored: without its random there is no key."""
    report.case = "the client's hello alone"
    with harness.System(options.bin) as system:
        capture, _, log, packets = call_of(system, seen=lambda of_client, n: of_client)
        path = capture.write(system.dir / "dtls.pcap")
        report.equal(replay(system, path, *config(system, [log])), 0, "exit")
        call, = system.calls()
        report.equal({stream.get("encryption") for stream in call["streams"]},
                     {"no key (DTLS-SRTP)"}, "encryption")


def check_late_keys(options, report):
    """The key log is written while the call goes on, and when its streams have ended."""
    for when, after_s in (("during the call", 1.5), ("after the streams", 14)):
        report.case = f"keys that come {when}"
        with harness.System(options.bin) as system:
            capture, call, log, packets = call_of(system)
            # Somebody else, so that time goes on.
            for n in range(40):
                capture.udp(START_NS + n * SECOND // 2, A, 5060, PBX, 5060, b"\r\n\r\n")
            feed = system.dir / "keys.log"
            feed.touch()
            feed.chmod(0o600)
            sensor = system.run_sensor("s1", "test", "--read", capture.write(system.dir / "d.pcap"),
                                       "--speed", "real", *config(system, [feed]))
            time.sleep(after_s)
            report.equal(sensor.poll(), None, "the sensor is at it")
            feed.write_text(log.read_text())
            report.equal(sensor.wait(timeout=60), 0, "exit")
            found, = system.calls()
            check_heard(report, system, found, packets,
                        f"DTLS-SRTP, {SUITES['SRTP_AES128_CM_SHA1_80']}")


def check_two_sensors(options, report):
    """One sensor has the key log, the other sees the media whole."""
    report.case = "a sensor with the key, another with the media"
    with harness.System(options.bin) as system:
        capture, call, log, packets = call_of(system)
        whole = capture.write(system.dir / "whole.pcap")
        frames = list(capture.frames)
        # Half of the media, but the handshake.
        capture.frames = [entry for n, entry in enumerate(frames)
                          if len(entry[1]) != 12 + 160 + 10 + 42 or n % 2]
        report.equal(replay(system, capture.write(system.dir / "half.pcap"),
                            *config(system, [log])), 0, "exit")
        report.equal(replay(system, whole, sensor="s2"), 0, "exit")
        found, = system.calls()
        check_heard(report, system, found, packets,
                    f"DTLS-SRTP, {SUITES['SRTP_AES128_CM_SHA1_80']}")


def check_secrets_block(options, report):
    report.case = "keys in the capture file"
    with harness.System(options.bin) as system:
        capture, _, log, packets = call_of(system)
        path = with_secrets(capture.write(system.dir / "d.pcap"), log, system.dir / "d.pcapng")
        report.equal(replay(system, path), 0, "exit")
        call, = system.calls()
        check_heard(report, system, call, packets, f"DTLS-SRTP, {SUITES['SRTP_AES128_CM_SHA1_80']}")


def check_new_handshake(options, report):
    """In mid-call the two agree anew, on the same ports, as after a re-INVITE."""
    report.case = "two handshakes"
    with harness.System(options.bin) as system:
        log = system.dir / "keys.log"
        shakes = [Handshake(system.dir, log) for _ in range(2)]
        capture = Capture()
        call = DtlsCall(capture, "dtls-1", A, B, seconds=5, handshake=shakes[0])
        call.signalling().shake_hands()
        sides = []
        for host, of_client in ((A, False), (B, True)):
            plain = spoken(TONES[host], 4, call.ssrc[host])
            sides.append(protected(plain[:100], shakes[0].profile, shakes[0].keys[of_client]) +
                         protected(plain[100:], shakes[1].profile, shakes[1].keys[of_client]))
        call.both_send(*sides)
        for n, (of_client, data) in enumerate(shakes[1].datagrams):
            source, other = (B, A) if of_client else (A, B)
            capture.udp(call.answer_ns + 2010 * MS + n * MS // 4, source, source.rtp_port, other,
                        other.rtp_port, data)
        log.chmod(0o600)
        report.equal(replay(system, capture.write(system.dir / "d.pcap"),
                            *config(system, [log])), 0, "exit")
        found, = system.calls()
        check_heard(report, system, found, [len(side) for side in sides],
                    f"DTLS-SRTP, {SUITES['SRTP_AES128_CM_SHA1_80']}")


def check_wrong_key(options, report):
    """A key log with another secret for this handshake: nothing verifies, and nothing is heard."""
    report.case = "the wrong secret"
    with harness.System(options.bin) as system:
        capture, _, log, _ = call_of(system)
        log.write_text(re.sub(r"(CLIENT_RANDOM \S+) \S+", r"\1 " + "ab" * 48, log.read_text()))
        report.equal(replay(system, capture.write(system.dir / "d.pcap"),
                            *config(system, [log])), 0, "exit")
        call, = system.calls()
        path = system.dir / "call.wav"
        said = system.cli("calls", "audio", call["id"], "-o", path, check=False).stderr
        report.expect("no key of the call's DTLS handshakes fits" in said, f"says so: {said.strip()}")


def main():
    options = harness.arguments()
    report = harness.Report()
    for check in (check_profiles, check_without_key, check_without_signalling, check_one_direction,
                  check_late_keys, check_two_sensors, check_secrets_block, check_new_handshake,
                  check_wrong_key):
        if options.only in check.__name__:
            check(options, report)
    report.finish()


if __name__ == "__main__":
    main()
