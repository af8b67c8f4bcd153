#!/usr/bin/env python3
"""Saves the recording of every call of a number, newest first.

    save_recordings.py --ca ca.pem --token-file ann.token collector:4700 101 DIR
"""

import argparse
import pathlib

import callbraid_client


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca")
    parser.add_argument("--token-file")
    parser.add_argument("collector")
    parser.add_argument("number", help="the beginning of it")
    parser.add_argument("dir", type=pathlib.Path)
    options = parser.parse_args()

    service = callbraid_client.connect(options.collector, options.ca, options.token_file)
    for call in callbraid_client.calls(service, number_prefix=options.number):
        begin = call.start_time.ToDatetime()
        path = options.dir / f"{begin:%Y%m%d-%H%M%S}-{call.caller}-{call.callee}-{call.id[:8]}.wav"
        findings = callbraid_client.save_recording(service, call.id, path)
        print(path, *findings, sep="\n  ")


main()
