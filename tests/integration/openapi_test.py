"""GET /openapi.json is an OpenAPI document, as a validator by others reads it; and every RPC gives by
JSON what it gives by gRPC: iterates over all that proto/ has, so a new one is compared from its first day.
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import threading
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

import harness
from web_client import Browser

# One call, as two switches saw it: one of them for watchers.
QUICKSTART = harness.ROOT / "deploy/quickstart.d"
VALIDATOR = harness.ROOT / "tests/integration/validate_openapi.go"
KIN_OPENAPI = "/usr/share/gocode/src/github.com/getkin/kin-openapi/openapi3"
# By their own certificates and tokens, with no way through the web server.
OF_SENSORS = ("UplinkService", "EnrolmentService", "LoginService")
# Has no end of its own.
ENDLESS = "WatchCalls"


class Api:
    """Every method of proto/, by gRPC and by JSON."""

    def __init__(self, folder, address, url):
        out = folder / "api.desc"
        protos = sorted(str(path.relative_to(harness.ROOT / "proto")) for path in (harness.ROOT / "proto/callbraid/v1").glob("*.proto"))
        subprocess.run(["protoc", "-I", harness.ROOT / "proto", "--include_imports", f"--descriptor_set_out={out}", *protos], check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file
        pool = descriptor_pool.DescriptorPool()
        for file in files:
            pool.Add(file)
        self.factory = message_factory.MessageFactory(pool)
        self.methods = [method for file in files for service in file.service if service.name not in OF_SENSORS
                        for method in pool.FindServiceByName(f"{file.package}.{service.name}").methods]
        self.streams = {f"{file.package}.{service.name}.{method.name}" for file in files for service in file.service
                        for method in service.method if method.server_streaming}
        self.channel = grpc.insecure_channel(address)
        self.browser = Browser(url)

    def message(self, descriptor):
        return self.factory.GetPrototype(descriptor)

    def by_grpc(self, method, request):
        """([messages], (code, words) of what went wrong or None)."""
        message = json_format.ParseDict(request, self.message(method.input_type)())
        path = f"/{method.containing_service.full_name}/{method.name}"
        how = {"request_serializer": lambda one: one.SerializeToString(), "response_deserializer": self.message(method.output_type).FromString}
        got = []
        try:
            if method.full_name not in self.streams:
                return [self.channel.unary_unary(path, **how)(message, timeout=60)], None
            got.extend(self.channel.unary_stream(path, **how)(message, timeout=60))
        except grpc.RpcError as error:
            return got, (error.code().name.lower(), error.details())
        return got, None

    def by_json(self, method, request):
        name = f"{method.containing_service.name}/{method.name}"
        parse = lambda one: json_format.ParseDict(one, self.message(method.output_type)())  # noqa: E731
        if method.full_name not in self.streams:
            status, body = self.browser.rpc(name, request)
            return ([parse(body)], None) if status == 200 else ([], (body["code"], body["message"]))
        got = []
        with self.browser.events(name, request) as events:
            for event, data in events:
                if event == "end":
                    return got, (data["code"], data["message"]) if data else None
                if event:
                    got.append(parse(data))
        return got, None

    def watch(self, method, act, wanted, timeout=60):
        """([messages by gRPC], [by JSON]) of an endless one while act() is under way, until wanted(both)."""
        by_grpc, by_json = [], []
        stream = self.channel.unary_stream(f"/{method.containing_service.full_name}/{method.name}",
                                           request_serializer=lambda one: one.SerializeToString(),
                                           response_deserializer=self.message(method.output_type).FromString)(self.message(method.input_type)())
        stream.initial_metadata()

        def read_grpc():
            with contextlib.suppress(grpc.RpcError):
                for one in stream:
                    by_grpc.append(one)

        def read_json(events):
            with contextlib.suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
                for event, data in events:
                    if event == "message":
                        by_json.append(json_format.ParseDict(data, self.message(method.output_type)()))
        with self.browser.events(f"{method.containing_service.name}/{method.name}") as events:
            for read, *arguments in ((read_grpc,), (read_json, events)):
                threading.Thread(target=read, args=arguments, daemon=True).start()
            act()
            deadline = time.monotonic() + timeout
            while time.monotonic() < deadline and not wanted(by_grpc, by_json):
                time.sleep(0.2)
            stream.cancel()
        return by_grpc, by_json


def whole(messages):
    """Pieces of one file put together: where they end is nobody's business."""
    if len(messages) < 2 or not hasattr(messages[0], "data"):
        return messages
    data = b"".join(one.data for one in messages)
    for one in messages:
        one.ClearField("data")
    return [data, *(one for one in messages if one.ByteSize() > 0)]


def compare(report, api, method, request):
    by_grpc, by_json = api.by_grpc(method, request), api.by_json(method, request)
    what = f"{method.name} of {json.dumps(request)}"
    report.equal(by_json[1], by_grpc[1], f"{what}: what went wrong")
    report.expect(whole(by_json[0]) == whole(by_grpc[0]), f"{what}: the answer is the same")
    return by_grpc


def watched(report, api, system):
    """What watchers hear of a call that is being captured."""
    report.case = "watchers"
    method, = (one for one in api.methods if one.name == ENDLESS)
    last = {}

    def agree(*both):
        # How changes are put together on the way may differ; in the end both know the same.
        for name, messages in zip(("gRPC", "JSON"), both):
            last[name] = {one.call.id: one for one in messages}
        return last["gRPC"] and last["gRPC"] == last["JSON"] and len(next(iter(last["gRPC"].values())).call.sensors) == 2
    api.watch(method, lambda: system.replay({"s2": [QUICKSTART / "sw2.pcap"]}), agree)
    report.expect(last["gRPC"] and last["gRPC"] == last["JSON"], f"{len(last['gRPC'])} and {len(last['JSON'])} calls were heard of, alike")


def same_by_json(report, api, call):
    report.case = "JSON and gRPC"
    report.expect(len(api.methods) > 20, f"methods of proto/: {len(api.methods)}")
    answered = set()
    for method in (one for one in api.methods if one.name != ENDLESS):
        if not compare(report, api, method, {})[1]:
            answered.add(method.name)
        wants_call = (method.containing_service.name == "CallService" and method.name.startswith("Get")
                      and "id" in method.input_type.fields_by_name)
        for id_ in ([call, call[:8], "f" * 32, "no id"] if wants_call else []):
            if not compare(report, api, method, {"id": id_})[1]:
                answered.add(method.name)
    cdr = {"cdr": "c3RhcnQsc3JjLGRzdAoxNzk1NzcwMDAwLDEsMgo="}  # start,src,dst and one record
    for method in api.methods:
        if method.name == "ReconcileCalls" and not compare(report, api, method, cdr)[1]:
            answered.add(method.name)
    # What changes something is asked in a wrong way only: it must not be done twice.
    report.expect({"ListCalls", "GetCall", "GetSignalling", "GetTimeline", "GetQuality", "GetAudio", "GetPackets",
                   "ListSensors", "Diagnose", "WhoAmI", "ListTokens", "ListAudit", "GetCompleteness", "ReconcileCalls",
                   "CountCalls"} <= answered,
                  f"methods with an answer: {sorted(answered)}")


def valid(report, folder, text):
    report.case = "OpenAPI"
    if not shutil.which("go") or not os.path.isdir(KIN_OPENAPI):
        print("left out: golang-go or golang-github-getkin-kin-openapi-dev is not installed")
        return
    validator = folder / "validate_openapi"
    subprocess.run(["go", "build", "-o", validator, VALIDATOR], check=True,
                   env={**os.environ, "GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode"})

    def found(document):
        path = folder / "openapi.json"
        path.write_text(document)
        return subprocess.run([validator, path], capture_output=True, text=True).stderr.strip()
    report.equal(found(text), "", "what is wrong with it")
    # It does find what is wrong.
    for right, wrong in (('"#/components/schemas/Call"', '"#/components/schemas/Cal"'), ('"in": "path"', '"in": "paths"'),
                         ('"openapi": "3.0.3",', "")):
        report.expect(right in text and found(text.replace(right, wrong)), f"{wrong!r} instead of {right!r} is found")


def covers(report, document, api):
    report.case = "paths"
    paths = {f"/{method.containing_service.full_name}/{method.name}": method for method in api.methods}
    there = {re.sub("^/events", "", path) for path in document["paths"] if path.startswith(("/callbraid.v1.", "/events/"))}
    report.equal(there, set(paths), "paths of RPCs")
    for schema, name in ((api.message(method.output_type).DESCRIPTOR, method.output_type.name) for method in api.methods):
        report.equal(set(document["components"]["schemas"][name]["properties"]), {field.json_name for field in schema.fields}, f"fields of {name}")


def main():
    options = harness.arguments()
    if not shutil.which("protoc"):
        harness.skip("protoc is not installed")
    report = harness.Report()
    system = harness.System(options.bin)
    system.collector_flags += ["--web-listen", "127.0.0.1:0"]
    with system:
        url = system.collector.stdout.readline().split("web on ")[1].strip()
        system.replay({"s1": [QUICKSTART / "sw1.pcap"]})
        call, = system.calls(settle=2.5)
        api = Api(system.dir, system.address, url)
        same_by_json(report, api, call["id"])
        watched(report, api, system)
        text = api.browser.ask("GET", "/openapi.json")[2].decode()
        covers(report, json.loads(text), api)
        valid(report, system.dir, text)
    report.finish()


main()
