"""What the wire (wire.py) did to each stream, against what the collector says."""


def check(report, directory, call):
    if not (directory / "wire.csv").exists():
        return
