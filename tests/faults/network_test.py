"""A WAN that is cut, stands still, is slow or far: what it did not carry comes later, once."""

import time

import around
import injections

SPEED = 2


def over(run):
    wan = around.Wan(run.address)
    run.at_end.append(lambda: wan.__exit__())
    return wan


def cut(run, random):
    wan = over(run)
    run.play(SPEED, collector=wan.address)
    for _ in range(3):
        time.sleep(random.uniform(0.2, 0.8))
        wan("cut")
        time.sleep(random.uniform(0.2, 1.5))
        wan("join")
    run.finish()
    return 3


def many_short_cuts(run, random):
    """Acks are lost with what they acknowledge: much is delivered twice."""
    wan = over(run)
    wan("delay", 0.1)
    run.play(SPEED, collector=wan.address)
    for _ in range(20):
        time.sleep(random.uniform(0.1, 0.6))
        wan("cut")
        wan("join")
    run.finish()
    return 20


def half_open(run, random):
    """Nothing passes and nothing is closed, for so long that keep-alive gives up."""
    wan = over(run)
    run.play(SPEED, collector=wan.address)
    time.sleep(random.uniform(0.5, 1.5))
    wan("stall")
    time.sleep(24)
    wan("flow")
    run.finish()
    return 1


def short_stalls(run, random):
    wan = over(run)
    run.play(SPEED, collector=wan.address)
    for _ in range(3):
        time.sleep(random.uniform(0.2, 0.5))
        wan("stall")
        time.sleep(random.uniform(0.5, 2.0))
        wan("flow")
    run.finish()
    return 3


def far_away(run, random):
    """400 ms each way, and cut in between."""
    wan = over(run)
    wan("delay", 0.4)
    run.play(SPEED, collector=wan.address)
    time.sleep(random.uniform(2, 3))
    wan("cut")
    wan("join")
    run.finish()
    return 2


def slow(run, random):
    """A third of what the media need, until they were read."""
    wan = over(run)
    wan("rate", 100_000)
    run.play(SPEED, collector=wan.address)
    time.sleep(8)
    wan("rate", 0)
    run.finish()
    return 1


def cut_and_killed(run, random):
    """Whoever is killed, whenever, over a WAN that is cut and far."""
    wan = over(run)
    wan("delay", 0.05)
    run.play(SPEED, collector=wan.address)
    for _ in range(9):
        time.sleep(random.uniform(0.1, 0.6))
        victim = random.choice(("wan", "collector", "s1", "s2"))
        if victim == "wan":
            wan("cut")
            time.sleep(random.uniform(0, 0.5))
            wan("join")
        elif victim == "collector":
            run.restart_collector()
        else:
            run.running[victim].kill()
            run.running[victim].wait()
            run.play(SPEED, [victim], collector=wan.address)
    run.finish()
    return 9


injections.main(half_open, cut, many_short_cuts, short_stalls, far_away, slow, cut_and_killed)
