"""Disks that fail, are full, slow, or cannot be written: all goes on when they do again."""

import errno
import os
import subprocess
import time

import injections
from fault_layer import ALWAYS, DELAY

SPEED = 2
CHANGES = "write sync rename unlink"


def while_failing(run, random, program, error, calls, path, words, times=2):
    """The disk fails for a second, some times; the program lives, and says so."""
    layer = run.layer(program)
    if program == "collector":
        run.restart_collector(stop=True)
    run.play(SPEED)
    # One that starts on a disk that fails does not start, which is right.
    run.wait_for_log("s1", "connected to collector")
    hits = 0
    for _ in range(times):
        time.sleep(random.uniform(0.3, 0.8))
        layer.fail(error, calls, path)
        injections.wait_for(lambda: layer.hit > 0)
        time.sleep(random.uniform(0.5, 1.5))
        hits += layer.hit > 0
        layer.clear()
    process = run.collector if program == "collector" else run.running[program]
    run.expect(process.poll() in (None, 0), f"{program} lives: {process.poll()}")
    run.wait_for_log(program, *words)
    run.finish()
    return hits


def eio_on_write_at_collector(run, random):
    return while_failing(run, random, "collector", errno.EIO, "write", ".log",
                         ["the store cannot be written", "can be written again"])


def eio_on_sync_at_collector(run, random):
    return while_failing(run, random, "collector", errno.EIO, "sync", ".log",
                         ["the store cannot be written", "can be written again"])


def enospc_at_collector(run, random):
    return while_failing(run, random, "collector", errno.ENOSPC, "write", "/data/",
                         ["the store cannot be written", "can be written again"])


def read_only_at_collector(run, random):
    return while_failing(run, random, "collector", errno.EROFS, CHANGES, "/data/",
                         ["the store cannot be written", "can be written again"])


def eio_on_write_at_sensor(run, random):
    return while_failing(run, random, "s1", errno.EIO, "write", ".seg",
                         ["reading waits", "takes frames again"])


def enospc_at_sensor(run, random):
    return while_failing(run, random, "s1", errno.ENOSPC, "write", "/spool-s1/",
                         ["reading waits", "takes frames again"])


def read_only_at_sensor(run, random):
    return while_failing(run, random, "s1", errno.EROFS, CHANGES, "/spool-s1/",
                         ["reading waits", "takes frames again"])


def eio_on_sync_at_sensor(run, random):
    return while_failing(run, random, "s1", errno.EIO, "sync", ".seg",
                         ["a power failure would lose frames", "syncs again"])


def eio_on_read_at_collector(run, random):
    """Tables cannot be read: that is said of what is asked for, and passes."""
    layer = run.layer("collector")
    run.play(SPEED)
    time.sleep(1)
    run.restart_collector()
    hits = 0
    for _ in range(2):
        layer.fail(errno.EIO, "read", ".sst")
        asked = run.cli("calls", "list", check=False)
        run.expect(asked.returncode == 0 or "Input/output error" in asked.stderr,
                   f"calls list says so: {asked.returncode}, {asked.stderr}")
        time.sleep(random.uniform(0.5, 1))
        hits += layer.hit > 0
        layer.clear()
        time.sleep(0.3)
        run.restart_collector()
    run.finish()
    return hits


def eio_on_read_at_sensor(run, random):
    """What waits cannot be read for a while; then it is delivered all the same."""
    layer = run.layer("s1")
    run.stop_collector()
    run.play("max")
    time.sleep(1)
    run.running["s1"].kill()  # What waits is on the disk only.
    run.running["s1"].wait()
    (run.dir / "s1.log").unlink()
    run.play("max", ["s1"])
    # Started: it dials.
    run.wait_for_log("s1", "refused; is the collector running")
    layer.fail(errno.EIO, "read", ".seg")
    run.start_collector()
    injections.wait_for(lambda: layer.hit > 0)
    time.sleep(1)
    hits = layer.hit > 0
    layer.clear()
    run.finish()
    return hits + eio_when_a_sensor_starts(run, layer)


def eio_when_a_sensor_starts(run, layer):
    """It must not take for torn what it cannot read."""
    spool = sorted((run.dir / "spool-s1").glob("*/*.seg"))
    sizes = [path.stat().st_size for path in spool]
    layer.fail(errno.EIO, "read", ".seg")
    run.play("max", ["s1"])
    run.expect(run.running["s1"].wait(timeout=60) == 1, "it does not start")
    run.wait_for_log("s1", "cannot read", "Input/output error")
    run.expect([path.stat().st_size for path in spool] == sizes, "its spool is as it was")
    layer.clear()
    run.play("max", ["s1"])
    run.finish()
    return layer.hit > 0


def slow_disk(run, random):
    """Each sync takes 300 ms, on both sides."""
    layers = [run.layer("collector"), run.layer("s1")]
    run.restart_collector(stop=True)
    for layer, path in zip(layers, ("/data/", "/spool-s1/")):
        layer.strike(DELAY, "sync", path, count=ALWAYS, argument=300)
    run.play(SPEED)
    run.finish()
    hits = sum(layer.hit for layer in layers)
    for layer in layers:
        layer.clear()
    return hits


def mounted(run, name, options):
    """A tmpfs in the run's folder."""
    path = run.dir / name
    path.mkdir()
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "none", path],
            stderr=subprocess.DEVNULL).returncode != 0:
        raise injections.Skipped("no tmpfs can be mounted here")
    run.at_end.append(lambda: subprocess.run(["umount", "-l", path]))
    return path


def fill(disk):
    """Leaves no byte free; returns the file that takes it all."""
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for step in (65536, 512, 1):
            try:
                while file.write(b"\0" * step):
                    pass
            except OSError:
                pass
    return ballast


def full_disk_of_the_collector(run, random):
    """Full twice, and killed and started again while it is full."""
    run.stop_collector()
    disk = mounted(run, "small", "size=64m")
    (disk / "data").mkdir()
    subprocess.run(["rm", "-rf", run.dir / "data"], check=True)
    (run.dir / "data").symlink_to(disk / "data")
    run.start_collector()
    run.play(SPEED)
    for turn in range(2):
        time.sleep(random.uniform(0.5, 1.0))
        ballast = fill(disk)
        run.wait_for_log("collector", "No space left")
        if turn == 1:
            run.kill_collector()
            try:
                run.start_collector()
            except RuntimeError:  # It says so, and ends.
                pass
        ballast.unlink()
        if run.collector.poll() is not None:
            run.start_collector()
    run.finish()
    return 2


def full_disk_of_a_sensor(run, random):
    disk = mounted(run, "small", "size=8m")
    (run.dir / "spool-s1").symlink_to(disk)
    run.play(SPEED)
    for _ in range(2):
        time.sleep(random.uniform(0.5, 1.0))
        ballast = fill(disk)
        run.wait_for_log("s1", "No space left", "reading waits")
        time.sleep(0.5)
        ballast.unlink()
    run.finish()
    return 2


def started_on_a_read_only_disk(run, random):
    """One line, exit code 1; the same folder, writable, goes on."""
    run.stop_collector()
    collector = mounted(run, "disk-collector", "size=64m")
    sensor = mounted(run, "disk-s1", "size=64m")
    subprocess.run(["rm", "-rf", run.dir / "data"], check=True)
    (run.dir / "data").symlink_to(collector)
    (run.dir / "spool-s1").symlink_to(sensor)
    run.start_collector()
    run.play(SPEED)
    time.sleep(1)
    run.kill_collector()
    run.running["s1"].kill()
    run.running["s1"].wait()
    for disk in (collector, sensor):
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        run.start_collector()
        run.expect(False, "the collector does not start")
    except RuntimeError as error:
        run.expect("ead-only" in str(error), f"the collector says so: {error}")
    run.play(SPEED, ["s1"])
    run.expect(run.running["s1"].wait(timeout=60) == 1, "the sensor does not start")
    run.wait_for_log("s1", "Read-only file system")
    for disk in (collector, sensor):
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    run.start_collector()
    run.play(SPEED, ["s1"])
    run.finish()
    return 2


injections.main(
    eio_on_write_at_collector, eio_on_sync_at_collector, eio_on_read_at_collector,
    enospc_at_collector, read_only_at_collector, full_disk_of_the_collector,
    eio_on_write_at_sensor, eio_on_sync_at_sensor, eio_on_read_at_sensor,
    enospc_at_sensor, read_only_at_sensor, full_disk_of_a_sensor, slow_disk,
    started_on_a_read_only_disk)
