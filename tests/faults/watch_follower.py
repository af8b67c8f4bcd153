"""Follows the calls of a collector, and can be killed at any moment: what it dealt with is in its
journal, one line a response, and it goes on behind that.

    watch_follower.py HOST:PORT JOURNAL [TOKEN]
"""

import http.client
import json
import pathlib
import sys
import time
import urllib.parse

PATH = "/events/callbraid.v1.CallService/WatchCalls?request=" + urllib.parse.quote(
    json.dumps({"includeCurrent": True}))


def lines_of(journal):
    """The whole lines; one that was cut by a kill was not dealt with."""
    path = pathlib.Path(journal)
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1]], text.rfind("\n") + 1


def state_of(lines):
    """(calls by id, the last id of an event, how often it had to begin anew)"""
    calls, last_id, anew = {}, "", 0
    for line in lines:
        if line.get("anew"):
            calls, last_id, anew = {}, "", anew + 1
            continue
        last_id = line["id"] or last_id
        response = line["response"]
        if response["change"] == "CHANGE_UPDATED":
            calls[response["call"]["id"]] = response["call"]
        else:
            calls.pop(response["call"]["id"], None)
    return calls, last_id, anew


def events(response):
    """(id, event, data) of server-sent events; the id is that of this event, or ""."""
    event_id, event, data = "", "message", None
    while line := response.readline():
        line = line.decode().rstrip("\n")
        if line.startswith("id: "):
            event_id = line[4:]
        elif line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: "):
            data = json.loads(line[6:])
        elif not line and data is not None:
            yield event_id, event, data
            event_id, event, data = "", "message", None


def follow(address, journal, headers, last_id):
    """One connection; returns the last id."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("GET", PATH, headers={
            **headers, **({"Last-Event-ID": last_id} if last_id else {})})
        for event_id, event, data in events(connection.getresponse()):
            if event == "end":
                if data.get("code") in ("out_of_range", "invalid_argument"):
                    journal.write(json.dumps({"anew": data}) + "\n")
                    last_id = ""
                break
            journal.write(json.dumps({"id": event_id, "response": data}) + "\n")
            journal.flush()
            last_id = event_id or last_id
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    journal.flush()
    return last_id


def main():
    address, path, *token = sys.argv[1:]
    lines, size = lines_of(path)
    with open(path, "a") as journal:
        journal.truncate(size)
        _, last_id, _ = state_of(lines)
        headers = {"Authorization": f"Bearer {token[0]}"} if token else {}
        while True:
            last_id = follow(address, journal, headers, last_id)
            time.sleep(0.05)


if __name__ == "__main__":
    main()
