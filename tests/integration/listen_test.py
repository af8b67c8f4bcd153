"""Listening to calls in progress: from packets on a wire to a listener's samples, by gRPC and by
HTTP, and how long that takes; beside the recording of the same call. Needs root.
"""

import contextlib
import json
import os
import random
import sys
import time

import harness
import listen_system as live
from span_captures import A, B, C, D
from web_client import Browser, query

# A listener is to be behind by less.
MOST_BEHIND_S = 2.0
TONE_AT = 600  # Packet.


def noise(seed):
    def said(n):
        return random.Random(f"{seed}{n}").randbytes(160)
    return said


def compare(report, what, heard, recorded, skip_s=0.0):
    """How much of what was heard is what was recorded, sample by sample; both have two channels."""
    import numpy
    rate = heard[0]
    length = len(heard[1][0])
    for side, live_side, recorded_side in zip(("caller", "callee"), heard[1], recorded[1]):
        # Where a second of it is in the recording.
        probe_at = next(at for at in range(length - 2 * rate, 0, -rate)
                        if numpy.count_nonzero(live_side[at:at + rate]) > rate * 0.9)
        probe = live_side[probe_at:probe_at + rate].astype(float)
        size = 1 << (len(recorded_side) + rate - 1).bit_length()
        match = numpy.fft.irfft(numpy.fft.rfft(recorded_side.astype(float), size)
                                * numpy.conj(numpy.fft.rfft(probe, size)), size)
        lag = int(numpy.argmax(match[:len(recorded_side)])) - probe_at
        begin, end = max(0, -lag), min(length, len(recorded_side) - lag)
        begin += int(skip_s * rate)
        both = live_side[begin:end], recorded_side[begin + lag:end + lag]
        different = numpy.count_nonzero(both[0] != both[1])
        wrong = numpy.count_nonzero((both[0] != both[1]) & (both[0] != 0))
        print(f"{what}, {side}: {end - begin} samples at {rate} Hz, {different} differ, "
              f"{wrong} of them not by silence", flush=True)
        report.expect(end - begin > 5 * rate, f"{what}: enough was heard of the {side}")
        report.expect(different <= (end - begin) // 50, f"{what}: of the {side}, {different} differ")


def listen_by_http(browser, call, request):
    """(status, rate, channels, headers)"""
    import numpy
    with contextlib.closing(browser.open()) as connection:
        browser.send(connection, "GET", f"/calls/{call}/listen?" + query(request))
        response = connection.getresponse()
        body = response.read()
    if response.status != 200:
        return response.status, 0, json.loads(body), response.headers
    samples = numpy.frombuffer(body[44:44 + len(body[44:]) // 4 * 4], "<i2")
    return response.status, int.from_bytes(body[24:28], "little"), [samples[0::2], samples[1::2]], response.headers


def in_thread(act, *arguments):
    import threading
    results = []
    thread = threading.Thread(target=lambda: results.append(act(*arguments)), daemon=True)
    thread.start()

    def wait(timeout=40):
        thread.join(timeout)
        return results[0]
    return wait


def one_call(report, system, wire):
    """PCMA, heard by three at once: how soon, and the samples."""
    report.case = "PCMA"
    said = noise("a")
    talk = live.Talk("pcma", A, B, seconds=20)
    # The caller is still before a tone that the clock is stopped by.
    talk.speak(A, lambda n: live.TONE if n == TONE_AT else live.NOTHING if 500 <= n < 650 else said(n))
    talk.speak(B, noise("b"))
    sending = wire.start(talk)
    call = system.find_call(A.number, state="CALL_STATE_ACTIVE")
    # Looking at what goes on is no listening.
    report.equal([entry["act"] for entry in system.json_lines("audit", "list", "--call", call)], [], "acts")
    listener = live.Listener(system, call)
    file = system.dir / "live.wav"
    to_file = in_thread(system.cli, "calls", "listen", call, "-o", file)
    viewer_id, viewer = system.token("vera", "--role", "viewer")
    browser = Browser(system.url, ca=system.dir / "certs/ca.pem", token=viewer)
    by_http = in_thread(listen_by_http, browser, call, {"delay": "1s"})
    sending.join()
    code, words = listener.wait()
    report.equal((code, words), (0, ""), "end of a listener whose call ended")
    to_file()
    recorded = system.audio(call)
    report.equal(listener.rate, 8000, "rate")
    compare(report, "gRPC", (listener.rate, listener.channels()), recorded, skip_s=1.2)
    compare(report, "file", harness.read_wav(file), recorded, skip_s=1.2)
    status, rate, channels, headers = by_http()
    report.equal((status, rate, headers["Content-Type"]), (200, 8000, "audio/wav"), "by HTTP")
    compare(report, "HTTP, one second behind", (rate, channels), recorded, skip_s=1.2)

    import numpy
    silent_from = next(when for when, piece in listener.pieces if when > wire.said_at(talk, 550) + 1)
    tone = next(when for when, piece in listener.pieces
                if when >= silent_from and abs(numpy.frombuffer(
                    live.base64.b64decode(piece["samples"]), "<i2")[0::2].astype(int)).max() > 1000)
    behind = tone - wire.said_at(talk, TONE_AT)
    print(f"from the voice to the listener: {behind:.3f} s", flush=True)
    report.expect(1.3 < behind < MOST_BEHIND_S, f"behind by {behind:.3f} s")

    over = system.cli("calls", "listen", call, check=False)
    report.equal(over.returncode, 1, "exit code of listening to a call that is over")
    report.expect("GetAudio" in over.stderr, over.stderr)
    report.equal(listen_by_http(browser, call, {})[0], 400, "status of the same by HTTP")
    time.sleep(1.5)
    acts = [(entry["act"], entry["user"], entry.get("target")) for entry in
            system.json_lines("audit", "list", "--call", call) if entry.get("status", 0) == 0]
    report.equal(sorted(acts).count(("AUDIT_ACT_LISTEN", "vera", call)), 1, "listened by HTTP")
    # Two live ones, and the recording.
    report.equal(sorted(acts).count(("AUDIT_ACT_LISTEN", "callbraid-client", call)), 3, "listened by gRPC")


def changing_call(report, system, wire):
    """G.722 from before the answer on: hold, another source, a token that is revoked, a scope."""
    report.case = "G.722"
    talk = live.Talk("g722", C, D, seconds=24, payload_type=9)
    caller, callee = noise("c"), noise("d")
    talk.speak(C, lambda n: None if 500 <= n < 650 else caller(n))
    talk.speak(D, lambda n: callee(n) if n < 600 else None)
    # Somebody else goes on.
    talk.speak(D, lambda n: callee(n + 5000), ssrc=0x1234567, first_ms=14_000)
    blind = system.token("bert", "--role", "viewer", "--number", "999")[1]
    token_id, short = system.token("sue", "--role", "viewer")
    sending = wire.start(talk)
    call = system.find_call(C.number)
    patient = live.Listener(system, call, "--delay", "3")
    revoked = live.Listener(system, call, token=short)
    while len(revoked.pieces) < 20:
        time.sleep(0.1)
    refused = live.Listener(system, call, token=blind)
    code, words = refused.wait()
    report.equal((code, len(refused.pieces)), (3, 0), "out of scope")
    report.expect("no call" in words, words)
    system.cli("tokens", "revoke", token_id)
    revoked_at = time.time()
    code, words = revoked.wait()
    report.equal(code, 5, "exit code of who is revoked")
    report.expect("revoked" in words, words)
    report.expect(time.time() - revoked_at < 2, f"ended after {time.time() - revoked_at:.2f} s")
    wrong = system.cli("calls", "listen", call, "--delay", "0.1", check=False)
    report.equal(wrong.returncode, 2, "exit code of a delay that cannot be")
    sending.join()
    code, words = patient.wait()
    report.equal((code, words, patient.rate), (0, "", 16000), "end")
    recorded = system.audio(call)
    compare(report, "from before the answer", (patient.rate, patient.channels()), recorded)
    # It begins three seconds before the first stream is known.
    before = len(patient.channels()[0]) / patient.rate - len(recorded[1][0]) / recorded[0]
    report.expect(0 <= before < 3, f"{before:.3f} s more were heard than recorded")


def main():
    if live.INSIDE not in os.environ:
        sys.exit(live.enter_namespace())
    options = harness.arguments()
    report = harness.Report()
    live.lay_cable()
    with live.ListenSystem(options.bin) as system:
        system.start_live_sensor("s1", "span0")
        wire = live.Wire()
        # The clocks are compared when both have been up for some seconds.
        time.sleep(3)
        one_call(report, system, wire)
        changing_call(report, system, wire)
    report.finish()


if __name__ == "__main__":
    main()
