"""What the Python peers have in common: the rules of measure.h, for one thread."""
import time

WARM_UP_NANOSECONDS = 20_000_000


def measure(milliseconds, turn):
    """Calls `turn` as a warm-up and then for so long, and prints the line of figures."""
    turn()
    start = time.monotonic_ns() + WARM_UP_NANOSECONDS
    end = start + milliseconds * 1_000_000
    samples = []
    while True:
        before = time.monotonic_ns()
        if before >= end and samples:
            break
        turn()
        if before >= start:
            samples.append(time.monotonic_ns() - before)
    samples.sort()
    count = len(samples)
    print(
        f"p50={samples[count // 2]} p99={samples[count - 1 - count // 100]}"
        f" operations={count} rate={count * 1000 / milliseconds:.1f}"
    )
