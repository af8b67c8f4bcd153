"""A Callbraid collector's API from Python: a channel, and what most programs want of it.

Needs grpcio and protobuf; `generate` beside this file makes callbraid/v1/*_pb2.py from proto/.
"""

import datetime
import pathlib
import time

import grpc
from callbraid.v1 import call_pb2, query_pb2, query_pb2_grpc

# States of a call that is over.
OVER = (call_pb2.CALL_STATE_COMPLETED, call_pb2.CALL_STATE_UNANSWERED)


def connect(address, ca=None, token_file=None, cert=None, key=None):
    """The calls of the collector at `address`.

    `ca`: the authorities of its certificate; None is plaintext, for a collector that runs with
    --insecure. Who asks is told by a token (`callbraid tokens create`) or a client certificate.
    """
    if ca is None:
        return query_pb2_grpc.CallServiceStub(grpc.insecure_channel(address))

    def read(path):
        return path and pathlib.Path(path).read_bytes()

    credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
    if token_file:
        token = pathlib.Path(token_file).read_text().strip()
        credentials = grpc.composite_channel_credentials(
            credentials, grpc.access_token_call_credentials(token))
    return query_pb2_grpc.CallServiceStub(grpc.secure_channel(address, credentials))


def calls(service, since=None, **conditions):
    """Each call that meets the conditions of ListCallsRequest, newest first."""
    request = query_pb2.ListCallsRequest(page_size=500, **conditions)
    if since is not None:
        request.start_from.FromDatetime(since.astimezone(datetime.timezone.utc))
    while True:
        page = service.ListCalls(request, timeout=30)
        yield from page.calls
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def save_recording(service, call_id, path, **options):
    """Writes the recording; `options` as in GetAudioRequest. Returns what is not as expected."""
    findings = []
    request = query_pb2.GetAudioRequest(id=call_id, **options)
    with open(path, "wb") as file:
        for part in service.GetAudio(request, timeout=600):
            findings.extend(part.findings)
            file.write(part.data)
    return findings


def changes(service, since, token=""):
    """Calls that changed, for ever, each as it is then; `token`: the resume_token to go on from.

    Without one, and when what happened since is no longer known, those that began after `since`
    and are over come first. Breaks do not show: after each comes what happened meanwhile.
    """
    while True:
        watch = service.WatchCalls(query_pb2.WatchCallsRequest(resume_token=token))
        try:
            if not token:
                # The watch before the list, so that none ends in between: from its metadata on,
                # which this waits for, a watch misses nothing.
                watch.initial_metadata()
                yield from reversed(list(calls(service, since, states=OVER)))
            for response in watch:
                yield response.call
                # It was dealt with: whoever iterates has come back for more.
                token = response.resume_token or token
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                token = ""
            elif error.code() not in (grpc.StatusCode.UNAVAILABLE,
                                      grpc.StatusCode.RESOURCE_EXHAUSTED):
                raise
            time.sleep(1)


def finished_calls(service, since):
    """Each call that began after `since`, once, when it is over; goes on for ever.

    What ended while nobody listened comes first. A call that is found to be part of another
    later (a leg at a sensor that was cut off) comes again as that one: go by the id.
    """
    told = set()
    for call in changes(service, since):
        if call.state in OVER and call.id not in told:
            told.add(call.id)
            yield call
