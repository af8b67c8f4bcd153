#!/usr/bin/env python3
"""Is what was captured of a scene what was said?

    capture_check.py DIR

DIR has truth.json and sw?.pcap. Prints the dialogs, and who is heard in each RTP
stream; ends with 1 if that is not the right party, or also another one, or if a
pressed key is missing.
"""

import pathlib
import sys

from scene_call import Scene


def check_stream(scene, call, one, ssrc):
    speaker = call.speaker(one.source, one.destination)
    title = (
        f"  {one.sensor} {one.source} -> {one.destination} {ssrc:08x}, "
        f"{len(one.packets)} packets, {one.copies} copies, is {speaker}:"
    )
    good, values = True, "not G.711, not heard"
    begin, end, text_s = next(call.pieces(speaker, one.begin_ns, one.end_ns))
    if audio := one.audio(end):
        good, values = scene.judge(audio, speaker, text_s)
    pressed = call.keys(speaker, one.begin_ns, one.end_ns)
    if pressed or one.keys():
        good &= pressed == one.keys()
        values += f", keys {one.keys()} of {pressed}"
    print(title, values, "ok" if good else "WRONG")
    return good


def main():
    scene = Scene(pathlib.Path(sys.argv[1]))
    good = True
    for call in scene.calls:
        print(f"{call.name}:")
        for (call_id, hosts), dialog in call.witness.dialogs.items():
            print(f"  {'+'.join(sorted(dialog.sensors))} {call_id} {' - '.join(hosts)}")
        for (*_, ssrc), one in call.witness.sightings.items():
            good &= check_stream(scene, call, one, ssrc)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
