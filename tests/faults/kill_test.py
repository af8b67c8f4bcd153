"""kill -9, SIGSTOP and restarts at random moments: nothing that was captured is lost."""

import signal
import time

import injections

SPEED = 2


def victims_at_random(run, random, kills, shortest, longest):
    run.play(SPEED)
    for _ in range(kills):
        time.sleep(random.uniform(shortest, longest))
        victim = random.choice(("collector", "s1", "s2"))
        if victim == "collector":
            run.restart_collector()
            continue
        run.running[victim].kill()
        run.running[victim].wait()
        run.play(SPEED, [victim])
    run.finish()
    return kills


def kill_collector(run, random):
    run.play(SPEED)
    for _ in range(6):
        time.sleep(random.uniform(0.1, 0.9))
        run.restart_collector()
    run.finish()
    return 6


def kill_sensor(run, random):
    run.play(SPEED)
    for _ in range(8):
        time.sleep(random.uniform(0.1, 1.0))
        sensor = random.choice(("s1", "s2"))
        run.running[sensor].kill()
        run.running[sensor].wait()
        run.play(SPEED, [sensor])
    run.finish()
    return 8


def kill_anyone(run, random):
    """Whoever is hit, whenever."""
    return victims_at_random(run, random, 12, 0.0, 1.0)


def kill_in_quick_succession(run, random):
    """A process that hardly came up is killed again."""
    return victims_at_random(run, random, 12, 0.0, 0.15)


def stop_and_continue(run, random):
    """Each of the three stands still for seconds, and goes on."""
    run.play(SPEED)
    for victim in random.sample(("collector", "s1", "s2"), 3):
        time.sleep(random.uniform(0.0, 0.5))
        process = run.collector if victim == "collector" else run.running[victim]
        if process.poll() is not None:
            continue
        process.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(1.0, 3.0))
        process.send_signal(signal.SIGCONT)
    run.finish()
    return 3


def collector_is_replaced(run, random):
    """An upgrade: stopped and started with sensors connected."""
    run.play(SPEED)
    for _ in range(3):
        time.sleep(random.uniform(0.2, 0.8))
        run.restart_collector(stop=True)
    run.finish()
    return 3


injections.main(kill_collector, kill_sensor, kill_anyone, kill_in_quick_succession,
                stop_and_continue, collector_is_replaced)
