"""Keys heard as tones, by Fourier transform: another method than the collector's.

Strict: the two frequencies have nearly all of the energy, for 40 ms at least.
"""

ROWS = (697, 770, 852, 941)
COLUMNS = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
HOP_S = 0.01
WINDOW_S = 0.03
LEAST_HOPS = 3  # Windows in which a key is whole, of a tone of 50 ms.
QUIETEST = 60  # RMS, of 32768.


def keys_in(rate, samples):
    """[(key, seconds)]"""
    import numpy
    size, hop = int(rate * WINDOW_S), int(rate * HOP_S)
    if len(samples) < size:
        return []
    time = numpy.arange(size) / rate
    window = numpy.hanning(size)
    basis = {hz: window * numpy.exp(-2j * numpy.pi * hz * time) for hz in ROWS + COLUMNS}
    pure = window.sum() ** 2 / 4  # What a tone of amplitude 1 gives.
    runs, last, length, begin = [], None, 0, 0
    for at in range(0, len(samples) - size + 1, hop):
        part = samples[at:at + size].astype(float)
        energy = (window * part * part).sum()
        key = None
        if energy > QUIETEST ** 2 * window.sum():
            power = {hz: abs((part * wave).sum()) ** 2 / pure for hz, wave in basis.items()}
            row, column = max(ROWS, key=power.get), max(COLUMNS, key=power.get)
            total = energy / window.sum()
            twist = power[row] / max(power[column], 1e-9)
            if (power[row] + power[column]) / 2 > 0.8 * total and 0.1 < twist < 10:
                key = KEYS[ROWS.index(row)][COLUMNS.index(column)]
        if key == last:
            length += 1
            continue
        if last is not None and length >= LEAST_HOPS:
            runs.append((last, begin))
        last, length, begin = key, 1, at / rate
    if last is not None and length >= LEAST_HOPS:
        runs.append((last, begin))
    return runs
