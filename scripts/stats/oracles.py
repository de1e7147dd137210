"""Writes the expected values of src/stats to test/fixtures/stats, by other ways than the program's.

Python's standard library only: fractions, decimals of 60 or more digits, enumeration.

    python3 scripts/stats/oracles.py
"""

import itertools
import json
import math
from decimal import Decimal, getcontext
from fractions import Fraction
from pathlib import Path

getcontext().prec = 60
FOLDER = Path(__file__).parents[2] / "test" / "fixtures" / "stats"


def write(name, how, **cases):
    text = json.dumps({"how": how, **cases}, indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n")


# Normal distribution


def normal_cdf(x):
    """The Taylor series of the integral at 0, with the digits that its cancellation takes."""
    getcontext().prec = 60 + int(x * x / 2)
    x = Decimal(x)
    term = total = x
    k = 0
    while abs(term) > Decimal(10) ** -(getcontext().prec - 2):
        k += 1
        term *= -x * x / (2 * k)
        total += term / (2 * k + 1)
    value = Decimal("0.5") + total / (2 * PI).sqrt()
    getcontext().prec = 60
    return +value


def normal_quantile(p):
    p = Decimal(p)
    low, high = Decimal(-12), Decimal(12)
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if normal_cdf(middle) < p else (low, middle)
    return low


def pi():
    """Machin's formula."""

    def arctan_inverse(x):
        total, term, k = Decimal(0), Decimal(1) / x, 0
        while abs(term) > Decimal(10) ** -900:
            total += term / (2 * k + 1) * (-1) ** k
            term /= x * x
            k += 1
        return total

    getcontext().prec = 910
    value = 4 * (4 * arctan_inverse(5) - arctan_inverse(239))
    getcontext().prec = 60
    return value


PI = pi()


def normal():
    points = ["0", "0.1", "1", "-1", "1.959963984540054", "2.9999", "-2.9999", "3", "-3", "-5.5", "6", "-10", "-20"]
    levels = ["0.5", "0.9", "0.975", "0.995", "0.025", "0.2", "0.001", "0.99999", "0.000000000001"]
    write(
        "normal",
        "Taylor series of the integral in decimals of 60 digits and more; quantiles by bisection of it.",
        cdf=[{"x": float(x), "p": float(normal_cdf(Decimal(x)))} for x in points],
        quantile=[{"p": float(p), "x": float(normal_quantile(p))} for p in levels],
    )


# McNemar


def binomial_half(n, k):
    return Fraction(math.comb(n, k), 2**n)


def mcnemar_exact(first, second):
    """The probability of all splits that are no likelier than the one seen."""
    n = first + second
    seen = binomial_half(n, first)
    return sum(binomial_half(n, k) for k in range(n + 1) if binomial_half(n, k) <= seen)


def mcnemar_mid_p(first, second):
    """Twice the tail, the split seen counted half."""
    n, k = first + second, min(first, second)
    if n == 0:
        return Fraction(1)
    return 2 * (sum(binomial_half(n, i) for i in range(k)) + binomial_half(n, k) / 2)


def mcnemar():
    splits = [(0, 0), (0, 1), (0, 5), (1, 9), (2, 2), (10, 3), (7, 7), (40, 60), (300, 200), (1000, 1100)]
    cases = [
        {"first": a, "second": b, "exact": float(mcnemar_exact(a, b)), "midP": float(mcnemar_mid_p(a, b))}
        for a, b in splits
    ]
    write(
        "mcnemar",
        "Sums of binomial probabilities in fractions. Exact: all splits no likelier than the one seen. "
        "Mid-p: twice the tail, the split seen counted half.",
        cases=cases,
    )


# Holm


def holm_by_closure(p_values):
    """A hypothesis falls if every intersection that it is part of falls to Bonferroni's test."""
    ids = range(len(p_values))
    subsets = [s for size in range(1, len(p_values) + 1) for s in itertools.combinations(ids, size)]
    local = {s: min(Fraction(1), len(s) * min(p_values[i] for i in s)) for s in subsets}
    return [max(p for s, p in local.items() if i in s) for i in ids]


def holm():
    families = [
        ["0.01", "0.04", "0.03", "0.005"],
        ["0.01", "0.02", "0.03", "0.04", "0.05"],
        ["0.2"],
        ["1", "0.9", "0.001", "1"],
        ["0.02", "0.02", "0.02"],
        ["0.5", "0.0001", "0.013", "0.013", "0.04", "0.7", "0.009", "0.03"],
    ]
    cases = [
        {"p": [float(p) for p in family], "adjusted": [float(p) for p in holm_by_closure(list(map(Fraction, family)))]}
        for family in families
    ]
    write("holm", "The closure principle with Bonferroni's test of each of the 2^m - 1 intersections.", cases=cases)


# Tango's interval


def likeliest_lost_share(n, gained, lost, difference):
    """Root of the likelihood's slope, by bisection."""
    low, high = max(Decimal(0), -difference), (1 - difference) / 2

    def slope(q):
        rising = (gained / (q + difference) if gained else 0) + (lost / q if lost else 0)
        return rising - 2 * (n - gained - lost) / (1 - 2 * q - difference)

    for _ in range(170):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def tango_bound(n, gained, lost, sign):
    z = normal_quantile("0.975")
    estimate = Decimal(gained - lost) / n
    inside, outside = estimate, Decimal(sign)
    for _ in range(80):
        middle = (inside + outside) / 2
        q = likeliest_lost_share(n, gained, lost, middle)
        variance = n * (2 * q + middle - middle**2)
        distance = abs(gained - lost - n * middle)
        inside, outside = (middle, outside) if distance**2 < z**2 * variance else (inside, middle)
    return float(inside)


def paired_difference():
    tables = [(21, 1, 7), (32, 3, 5), (32, 0, 0), (100, 0, 1), (100, 10, 10), (160, 40, 20), (500, 4, 9), (1319, 60, 91), (30, 18, 12)]
    cases = [
        {"n": n, "gained": g, "lost": l, "low": tango_bound(n, g, l, -1), "high": tango_bound(n, g, l, 1)}
        for n, g, l in tables
    ]
    write(
        "paired-difference",
        "The score test inverted in decimals of 60 digits; the likeliest shares given a difference by bisection of "
        "the likelihood's slope, not by the closed form. The first case is published: Bentur et al. 2009 as worked "
        "in Fagerland, Lydersen and Laake, Statistics in Medicine 33:2850 (2014), -0.517 to -0.026.",
        cases=cases,
    )


# BCa


def quantile(values, p):
    """Linear between order statistics (type 7)."""
    ordered = sorted(values)
    place = Decimal(p) * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def bca(pairs, statistic):
    """Over all n^n data sets that can be drawn."""
    n = len(pairs)
    values = [statistic(drawn) for drawn in itertools.product(pairs, repeat=n)]
    estimate = statistic(pairs)
    share = Fraction(sum(2 * (v < estimate) + (v == estimate) for v in values), 2 * len(values))
    bias = normal_quantile(Decimal(share.numerator) / share.denominator)
    left_out = [statistic(pairs[:i] + pairs[i + 1 :]) for i in range(n)]
    centre = sum(left_out) / n
    cubes, squares = (sum((centre - v) ** k for v in left_out) for k in (3, 2))
    acceleration = Decimal(float(cubes)) / (6 * Decimal(float(squares)) ** Decimal("1.5"))
    bounds = []
    for z in (normal_quantile("0.025"), normal_quantile("0.975")):
        shifted = bias + z
        bounds.append(float(quantile(list(map(to_decimal, values)), normal_cdf(bias + shifted / (1 - acceleration * shifted)))))
    return {"acceleration": float(acceleration), "low": bounds[0], "high": bounds[1]}


def to_decimal(fraction):
    return Decimal(fraction.numerator) / fraction.denominator


def bca_cases():
    def difference(pairs):
        return Fraction(sum(own - base for own, base in pairs), len(pairs))

    def ratio(pairs):
        return Fraction(sum(own for own, _ in pairs), sum(base for _, base in pairs))

    samples = [
        [(3, 7), (5, 8), (20, 21), (4, 10)],
        [(100, 90), (42, 80), (61, 60), (7, 30), (55, 128)],
    ]
    cases = [
        {"pairs": pairs, "statistic": name, **bca(pairs, statistic)}
        for pairs in samples
        for name, statistic in (("difference", difference), ("ratio", ratio))
    ]
    write(
        "bca",
        "All n^n data sets that can be drawn, in fractions; the normal distribution in decimals of 60 digits. Published: "
        "Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 14, variance of the spatial data "
        "(factor 1/n): acceleration 0.061, and 115.8 to 259.6 at 90 % from 2,000 resamples.",
        cases=cases,
        published={
            "values": [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41],
            "acceleration": 0.061,
            "low": 115.8,
            "high": 259.6,
        },
    )


# Rounds


def student_quantile(p, freedom):
    """Simpson's rule on the density, 4,000 pieces, and bisection."""
    constant = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)

    def cdf(t):
        pieces, width = 4000, t / 4000
        weights = (1 if i in (0, pieces) else 4 if i % 2 else 2 for i in range(pieces + 1))
        heights = ((1 + (i * width) ** 2 / freedom) ** (-(freedom + 1) / 2) for i in range(pieces + 1))
        return 0.5 + constant * width / 3 * math.fsum(w * h for w, h in zip(weights, heights))

    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cdf(middle) < p else (low, middle)
    return low


def middle_of(values):
    ordered = sorted(values)
    n = len(ordered)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def moments(values):
    logs = [math.log(v) for v in values]
    centre = math.fsum(logs) / len(logs)
    return centre, math.fsum((v - centre) ** 2 for v in logs) / (len(logs) - 1) / len(logs)


def rounds():
    runs = [[101.2, 99.8, 103.5], [50.1, 49.2, 51.7, 48.8, 50.3], [98, 102, 100, 99, 101, 104, 97, 100, 60, 101]]
    single = []
    for values in runs:
        centre, variance = moments(values)
        margin = student_quantile(0.975, len(values) - 1) * math.sqrt(variance)
        single.append({"values": values, "median": middle_of(values), "low": math.exp(centre - margin), "high": math.exp(centre + margin)})
    ratios = []
    for own, baseline in itertools.permutations(runs, 2):
        (a, u), (b, v) = moments(own), moments(baseline)
        freedom = (u + v) ** 2 / (u**2 / (len(own) - 1) + v**2 / (len(baseline) - 1))
        margin = student_quantile(0.975, freedom) * math.sqrt(u + v)
        ratios.append({
            "own": own, "baseline": baseline, "median": middle_of(own) / middle_of(baseline),
            "low": math.exp(a - b - margin), "high": math.exp(a - b + margin),
        })  # fmt: skip
    write(
        "rounds",
        "Student's distribution by Simpson's rule on its density; moments of the logs with exact sums; Welch's error and "
        "Satterthwaite's degrees of freedom by their formulas.",
        single=single,
        ratios=ratios,
    )


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for part in (normal, mcnemar, holm, paired_difference, bca_cases, rounds):
        part()
