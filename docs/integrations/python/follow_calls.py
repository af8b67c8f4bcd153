#!/usr/bin/env python3
"""A line of CSV for each call that is over, from START on and for ever.

    follow_calls.py --ca ca.pem --token-file crm.token collector:4700 2026-11-23T00:00:00Z >> calls.csv
"""

import argparse
import csv
import datetime
import sys

import callbraid_client
from callbraid.v1 import call_pb2


def seconds(begin, end):
    return max(0.0, (end.ToNanoseconds() - begin.ToNanoseconds()) / 1e9)


def row(call):
    answered = call.HasField("answer_time")
    return [call.id, call.start_time.ToJsonString(), call.caller, call.callee,
            "ANSWERED" if answered else "NO ANSWER",
            f"{seconds(call.answer_time, call.end_time) if answered else 0:.1f}",
            " ".join(call_pb2.CallFlag.Name(flag).removeprefix("CALL_FLAG_").lower()
                     for flag in call.flags)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca")
    parser.add_argument("--token-file")
    parser.add_argument("collector")
    parser.add_argument("start", type=lambda text: datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")))
    options = parser.parse_args()

    service = callbraid_client.connect(options.collector, options.ca, options.token_file)
    out = csv.writer(sys.stdout)
    for call in callbraid_client.finished_calls(service, options.start):
        out.writerow(row(call))
        sys.stdout.flush()


main()
