#!/usr/bin/env python3
"""Writes call scenes: one pcap for each capture point, and truth.json.

    generate.py FOLDER [--seed N] [--only TEXT]     writes FOLDER/SCENE/...
    generate.py --list
"""

import argparse
import pathlib

import scene
import scenes_basic  # noqa: F401, as the others: they enter themselves
import scenes_midcall  # noqa: F401
import scenes_network  # noqa: F401
import scenes_reuse  # noqa: F401
import scenes_setup  # noqa: F401


def write_all(folder, seed=0, only=""):
    """The truth of each scene, and the names of those that want a collector alone.
    Writes the scenes, and a list of their captures for programs."""
    truths = {name: scene.build(name, seed).write(folder)
              for name in sorted(scene.CATALOGUE) if only in name}
    with open(pathlib.Path(folder) / "captures.tsv", "w") as listing:
        for name, truth in truths.items():
            for sensor, how in truth["sensors"].items():
                for file in how["files"]:
                    print(name, sensor, how["site"], file, sep="\t", file=listing)
    return truths, [name for name in truths if scene.CATALOGUE[name][2].get("alone")]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="scenes whose name contains this")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if not options.list and not options.folder:
        parser.error("where to?")
    if options.list:
        for name in sorted(scene.CATALOGUE):
            print(f"{name:24} {scene.CATALOGUE[name][1]}")
        return
    write_all(options.folder, options.seed, options.only)


if __name__ == "__main__":
    main()
