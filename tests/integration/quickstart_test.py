"""The README's first command: exits 0, one call over two switches, a stereo WAV.

With --build it is the command as it stands, else with the programs of --bin. The
recording's left channel must be the caller's own audio file, the right one
the callee's, and neither the other's.
"""

import pathlib
import subprocess
import sys
import tempfile

import harness


def main():
    options = harness.arguments()
    how = [] if options.build else ["--bin", options.bin]
    report = harness.Report()
    report.case = "quickstart"
    data = harness.ROOT / "deploy/quickstart.d"
    with tempfile.TemporaryDirectory() as folder:
        wav = pathlib.Path(folder) / "call.wav"
        result = subprocess.run([harness.ROOT / "deploy/quickstart", "--once", "-o", wav, *how],
                                capture_output=True, text=True, timeout=1500)
        sys.stdout.write(result.stdout)
        sys.stderr.write(result.stderr)
        if not report.equal(result.returncode, 0, "exit code"):
            report.finish()
        for words in ("s1", "s2", "same dialog", "same RTP"):
            report.expect(words in result.stdout, f"the printed call names {words!r}")
        rate, channels = harness.read_wav(wav)
        report.equal(len(channels), 2, "channels")
        for name, samples, own, other in (("left", channels[0], "caller", "callee"),
                                          ("right", channels[1], "callee", "caller")):
            right = harness.correlation(rate, samples, data / f"{own}.wav")
            wrong = harness.correlation(rate, samples, data / f"{other}.wav")
            print(f"{name}: {right:.3f} with the {own}'s audio, {wrong:.3f} with the {other}'s")
            report.expect(right > 0.9, f"{name} is the {own}")
            report.expect(wrong < 0.2, f"{name} is not the {other}")
    report.finish()


main()
