"""kill -9 at chosen points: at the n-th write, sync, rename or unlink of certain files."""

import collections
import time

import injections
import known_media
import spool_files
from fault_layer import KILL_AFTER, KILL_BEFORE, KILL_HALFWAY

SPEED = 2
COMPACTION = "rocksdb:low"  # The thread that does it.


def has_died(process, timeout):
    deadline = time.monotonic() + timeout
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.poll() is not None


def start_again(run, layer):
    """However often it is killed while it starts; returns how often that was."""
    for died in range(20):
        try:
            run.start_collector()
            return died
        except RuntimeError:
            if layer.hit:
                layer.clear()
    raise RuntimeError("the collector does not start any more")


def strike_collector(run, random, times, action, calls, path, furthest):
    """While sensors deliver, kills at a random one of the next `furthest` calls."""
    layer = run.layer("collector")
    run.restart_collector(stop=True)
    run.play(SPEED)
    hits = 0
    for _ in range(times):
        layer.strike(action, calls, path, random.randint(1, furthest))
        if has_died(run.collector, 8):
            hits += 1
        layer.clear()
        if run.collector.poll() is not None:
            run.start_collector()
        time.sleep(random.uniform(0, 0.2))
    run.finish()
    return hits


def before_sync_of_a_commit(run, random):
    return strike_collector(run, random, 5, KILL_BEFORE, "sync", ".log", 6)


def after_sync_of_a_commit(run, random):
    """Durable, and not acknowledged: all of it comes again."""
    return strike_collector(run, random, 5, KILL_AFTER, "sync", ".log", 6)


def in_the_middle_of_a_commit(run, random):
    return strike_collector(run, random, 5, KILL_HALFWAY, "write", ".log", 6)


def while_the_collector_starts(run, random):
    """The log is read, tables and a manifest are written, and the old ones go."""
    layer = run.layer("collector")
    run.play(SPEED)
    hits = 0
    for path, calls in (("/data/", "write sync rename unlink"), (".sst", "write sync"),
                        ("MANIFEST", "write sync"), ("CURRENT", "rename")) * 2:
        time.sleep(random.uniform(0.1, 0.4))
        run.kill_collector()
        layer.strike(random.choice((KILL_BEFORE, KILL_AFTER)), calls, path,
                     1 if path == "CURRENT" else random.randint(1, 5))
        hits += start_again(run, layer)
        hits += layer.hit > 0 and has_died(run.collector, 1)
        layer.clear()
        if run.collector.poll() is not None:
            run.start_collector()
    run.finish()
    return hits


def during_a_compaction(run, random):
    """Every start leaves a table of each kind; four of them are put together."""
    layer = run.layer("collector")
    run.play(SPEED / 2)
    for _ in range(3):
        time.sleep(0.6)
        run.restart_collector()
    hits = 0
    for _ in range(5):
        time.sleep(random.uniform(0.3, 0.6))
        run.kill_collector()
        layer.strike(random.choice((KILL_BEFORE, KILL_AFTER, KILL_HALFWAY)), "write sync unlink",
                     "/data/", random.randint(1, 20), thread=COMPACTION)
        died = start_again(run, layer)
        hits += died + has_died(run.collector, 3)
        layer.clear()
        if run.collector.poll() is not None:
            run.start_collector()
    run.finish()
    return hits


def collector_during_a_replay(run, random):
    """What waits is delivered as fast as it can be; each start gets some of it."""
    layer = run.layer("collector")
    run.stop_collector()
    run.play("max")
    time.sleep(1.5)
    hits = 0
    for _ in range(6):
        layer.strike(random.choice((KILL_BEFORE, KILL_AFTER)), "sync", ".log", random.randint(1, 3))
        hits += start_again(run, layer)
        if has_died(run.collector, 4):
            hits += 1
        else:
            run.kill_collector()
    layer.clear()
    run.start_collector()
    run.finish()
    return hits


def strike_sensor(run, random, times, action, calls, path, furthest, prepare=None):
    layer = run.layer("s1")
    run.play(SPEED)
    hits = 0
    for _ in range(times):
        layer.strike(action, calls, path, random.randint(1, furthest))
        if has_died(run.running["s1"], 3):
            hits += layer.hit
        layer.clear()
        run.play_on(SPEED, "s1")
    run.finish()
    return hits


def before_write_of_a_record(run, random):
    return strike_sensor(run, random, 4, KILL_BEFORE, "write", ".seg", 8)


def in_the_middle_of_a_record(run, random):
    return strike_sensor(run, random, 4, KILL_HALFWAY, "write", ".seg", 8)


def before_sync_of_a_segment(run, random):
    return strike_sensor(run, random, 4, KILL_BEFORE, "sync", ".seg", 2)


def around_the_meta_of_a_spool(run, random):
    """Its draft is half written, synced, or renamed."""
    return (strike_sensor(run, random, 2, KILL_HALFWAY, "write", "meta.new", 3) +
            strike_sensor(run, random, 2, KILL_BEFORE, "rename", "/meta", 3) +
            strike_sensor(run, random, 2, KILL_AFTER, "rename", "/meta", 3))


def what_is_on_the_disk_of_a_sensor(run, random):
    """Killed in the middle of a record while cut off: what is whole is delivered, once."""
    run.compared = False
    layer = run.layer("s1")
    run.stop_collector()
    hits = 0
    run.play(SPEED, ["s1"])
    run.expect(injections.wait_for(lambda: spool_files.packets(run.dir / "spool-s1").total() > 400),
               "the sensor writes to its spool")
    layer.strike(KILL_HALFWAY, "write", ".seg", random.randint(1, 20))
    if has_died(run.running["s1"], 5):
        hits += 1
    layer.clear()
    on_disk = spool_files.packets(run.dir / "spool-s1")
    run.captures["s1"] = [known_media.write(run.dir / "nothing.pcap", [])]
    for _ in range(3):  # Twice it is killed in the middle of its delivery.
        run.play("max", ["s1"])
        if hits == 1:
            run.start_collector()
        if hits < 3:
            time.sleep(random.uniform(0.1, 0.4))
            run.running["s1"].kill()
            run.running["s1"].wait()
            hits += 1
    run.finish()
    calls = [call["id"] for call in run.calls(settle=2.5)]
    stored = collections.Counter(known_media.ssrc(frame) for _, _, frame in run.packets(calls))
    run.expect(stored == on_disk, f"stored {stored}, on the disk {on_disk}")
    return hits


injections.main(
    before_sync_of_a_commit, after_sync_of_a_commit, in_the_middle_of_a_commit,
    while_the_collector_starts, during_a_compaction, collector_during_a_replay,
    before_write_of_a_record, in_the_middle_of_a_record, before_sync_of_a_segment,
    around_the_meta_of_a_spool, what_is_on_the_disk_of_a_sensor)
