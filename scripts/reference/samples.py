"""Training samples: the six benchmarks in the chat frame, and short raw drills for the skills that they need.

A sample is (prompt ids, response ids, targets, canvas): `targets` marks response positions worth masking alone
(results, letters), `canvas` is the least response length that the sample is padded to with EOS.
"""
import json
import random
import re
from collections import namedtuple
from pathlib import Path

from tokenizer import EOS, EOT, HEADER_END, MASK

Sample = namedtuple("Sample", "prompt response targets canvas")

BENCHMARKS = ("gsm8k", "math", "mmlu", "arc", "gpqa", "humaneval")
LETTERS = "ABCD"


def read_pairs(folder, benchmark, split):
    with (Path(folder) / f"{benchmark}.{split}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def result_positions(tokenizer, response):
    """Positions of the digits that follow '=' or '####', with the copies after '>>': the computed numbers."""
    positions, open_number = [], False
    for index, token in enumerate(tokenizer.tokens[i] for i in response):
        if token.isdigit():
            if open_number:
                positions.append(index)
        elif token != "Ġ" or not open_number:
            open_number = token.endswith("=") or token == ">>"
    return positions


def letter_positions(tokenizer, response):
    """Positions of the option letters: a single A-D before a full stop."""
    tokens = [tokenizer.tokens[i] for i in response]
    return [i for i, token in enumerate(tokens[:-1]) if re.fullmatch("Ġ[A-D]", token) and tokens[i + 1] == "."]


def verdict_positions(tokenizer, response):
    """Positions of the verdicts on options and of the letter that is named at the end."""
    tokens = [tokenizer.tokens[i] for i in response]
    verdicts = [i for i, token in enumerate(tokens) if token in ("Ġyes", "Ġno")]
    return verdicts + letter_positions(tokenizer, response)[-1:] if verdicts else []


class Facts:
    """The elementary sums of scripts/mini/facts.ts."""

    def __init__(self):
        self.sums = [(a, "+", b, a + b) for a in range(1, 16) for b in range(1, 9) if a + b <= 20]
        self.differences = [(a, "-", b, a - b) for a in range(2, 21) for b in range(1, 9) if a - b >= 1]
        self.products = [(a, "*", b, a * b) for a in range(2, 6) for b in range(2, 6) if a * b <= 20]
        self.quotients = [(a * b, "/", b, a) for a in range(2, 6) for b in range(2, 6) if a * b <= 20]
        self.kinds = (self.sums, self.differences, self.products, self.quotients)

    def draw(self, rng):
        return rng.choice(rng.choices(self.kinds, (0.4, 0.4, 0.12, 0.08))[0])


class Source:
    """Draws samples. `tails` = (share padded to a canvas of 128, share padded to 256)."""

    def __init__(self, tokenizer, folder, split="train"):
        self.tokenizer = tokenizer
        self.facts = Facts()
        self.pairs = {name: read_pairs(folder, name, split) for name in BENCHMARKS}
        self.words = self._option_words()
        self.digits = [tokenizer.ids[digit] for digit in "0123456789"]
        self.drills = {"verdict": self.verdict, "sum": self.sum, "table": self.table}

    def _option_words(self):
        """The words that stand as options of a question, with the names and things of the stories."""
        words = {i for name in ("mmlu", "arc") for pair in self.pairs[name] for i in self._last_word(pair)}
        for pair in self.pairs["gsm8k"][:3000]:
            words.update(i for i in self.tokenizer.encode(pair["prompt"]))
        return sorted(i for i in words if re.fullmatch("Ġ[A-Za-z]{2,}", self.tokenizer.tokens[i]))

    def _last_word(self, pair):
        return self.tokenizer.encode(pair["response"])[-1:]

    def task(self, rng, benchmark, tails):
        pair = rng.choice(self.pairs[benchmark])
        return self.chat(pair, rng, tails)

    def chat(self, pair, rng=None, tails=(0.0, 0.0)):
        """A benchmark's pair in the chat frame."""
        response = [*self.tokenizer.encode(pair["response"]), EOT]
        canvas = 0
        if rng is not None:
            draw = rng.random()
            canvas = 128 if draw < tails[0] else 256 if draw < sum(tails) else len(response) + rng.randint(0, 5)
        targets = [] if rng is None else self._task_targets(response, rng)
        return Sample(self.tokenizer.chat(pair["prompt"]), response, targets, canvas)

    def _task_targets(self, response, rng):
        """Nothing for 40 % of the samples; results and verdicts for 30 %; for 30 % the numbers from some place on.

        The last is what low-confidence decoding leaves for the end: the wording stands, the numbers are open.
        """
        draw = rng.random()
        if draw < 0.4:
            return []
        results = result_positions(self.tokenizer, response) + verdict_positions(self.tokenizer, response)
        if draw < 0.7:
            return results
        digits = [i for i, token in enumerate(response) if self.tokenizer.tokens[token].isdigit()]
        numbers = sorted({*digits, *results})
        return numbers[rng.randrange(len(numbers)) :] if numbers and rng.random() < 0.6 else numbers

    def _raw(self, prompt, response, targets, rng):
        response = [*response, EOT]
        return Sample([*prompt, HEADER_END], response, targets, len(response) + rng.randint(0, 3))

    def verdict(self, rng):
        """A judged table as the response of a choice has it: words at random, or digits compared with one of them.

        Masked is the letter of the right option, or it and its option; with digits, in most cases, all verdicts.
        """
        encode = self.tokenizer.encode
        right = rng.randrange(4)
        numbers = rng.random() < 0.6
        options = [[i] for i in rng.sample(self.words, 4)]
        if numbers:
            options = [[*encode(" "), i] for i in rng.sample(self.digits, 4)]
        response = []
        for index, (letter, option) in enumerate(zip(LETTERS, options)):
            compared = [*encode("="), options[right][-1], *encode("?")] if numbers else []
            verdict = "yes" if index == right else "no"
            response += [*encode(f"{letter}."), *option, *compared, *encode(f" {verdict}\n")]
        response += [*encode(f"The answer is {LETTERS[right]}."), *options[right]]
        letter = letter_positions(self.tokenizer, response)[-1]
        targets = [letter] if rng.random() < 0.5 else list(range(letter, len(response)))
        if numbers and rng.random() < 0.8:
            targets = verdict_positions(self.tokenizer, response)
        return self._raw([], response, targets, rng)

    def _equation(self, fact, annotated):
        a, op, b, c = fact
        return f"{a}{op}{b}=<<{a}{op}{b}={c}>>{c}" if annotated else f"{a}{op}{b}={c}"

    def sum(self, rng):
        """Two to four sums named in the prompt and worked in the response, as GSM8K writes them or plainly."""
        facts = [self.facts.draw(rng) for _ in range(rng.randint(2, 4))]
        annotated = rng.random() < 0.5
        text = "\n".join(self._equation(fact, annotated) for fact in facts)
        prompt = self.tokenizer.encode(", ".join(f"{a}{op}{b}" for a, op, b, _ in facts))
        response = self.tokenizer.encode(text)
        targets = result_positions(self.tokenizer, response) if rng.random() < 0.7 else []
        return self._raw(prompt, response, targets, rng)

    def table(self, rng):
        """Eight sums with nothing asked: only results are worth masking."""
        text = "\n".join(self._equation(self.facts.draw(rng), False) for _ in range(8))
        response = self.tokenizer.encode(text)
        return self._raw([], response, result_positions(self.tokenizer, response), rng)


def choose_mask(sample, length, t, rng):
    """Which of `length` response positions are masked.

    Half of the samples draw every position with probability t. The other half take the states of semi-autoregressive
    decoding: clean before a block, drawn with probability t inside it, all masked after it. Samples with targets mask
    all of these and nothing else, or one of them and everything after it.
    """
    targets = sample.targets
    if targets:
        if len(sample.prompt) > 1 and rng.random() < 0.4:
            first = rng.choice(targets)
            return [i >= first for i in range(length)]
        return [i in targets for i in range(length)]
    if rng.random() < 0.5:
        block = rng.choice((8, 16, 32, 32))
        start = block * rng.randrange((min(len(sample.response), length) + block - 1) // block)
        end = min(start + block, length)
        mask = [False] * start + [rng.random() < t for _ in range(end - start)]
        if not any(mask):
            mask[rng.randrange(start, end)] = True
        return mask + [True] * (length - end)
    mask = [rng.random() < t for _ in range(length)]
    if not any(mask):
        mask[rng.randrange(length)] = True
    return mask


def batch_of(samples, levels, rng):
    """Samples of like length as (ids rows, flat positions of masked rows, target ids); rows end in EOS."""
    length = max(total_length(sample) for sample in samples)
    rows, positions, targets = [], [], []
    for index, (sample, t) in enumerate(zip(samples, levels)):
        space = length - len(sample.prompt)
        full = [*sample.response, *[EOS] * (space - len(sample.response))]
        mask = choose_mask(sample, space, t, rng)
        rows.append([*sample.prompt, *[MASK if hidden else token for hidden, token in zip(mask, full)]])
        base = index * length + len(sample.prompt)
        positions += [base + i for i, hidden in enumerate(mask) if hidden]
        targets += [full[i] for i, hidden in enumerate(mask) if hidden]
    return rows, positions, targets


def total_length(sample):
    return len(sample.prompt) + max(sample.canvas, len(sample.response))


def draw_sample(source, rng, mix):
    """One sample of a mix: drill share, weights of the drills and of the benchmarks, tails."""
    if rng.random() < mix["drill_share"]:
        name = rng.choices(list(mix["drills"]), list(mix["drills"].values()))[0]
        return source.drills[name](rng)
    name = rng.choices(list(mix["tasks"]), list(mix["tasks"].values()))[0]
    return source.task(rng, name, mix["tails"])


def micro_batches(source, seed, mix, tokens, count=48):
    """`count` or so lists of samples of like length with at most `tokens` tokens each, in random order."""
    rng = random.Random(seed)
    drawn, total = [], 0
    while total < count * tokens:
        sample = draw_sample(source, rng, mix)
        drawn.append((total_length(sample) + rng.random(), sample))
        total += total_length(sample)
    drawn.sort(key=lambda item: item[0])
    batches, batch, rows = [], [], 0
    for size, sample in drawn:
        if batch and int(size) * (rows + 1) > tokens:
            batches.append(batch)
            batch, rows = [], 0
        batch.append(sample)
        rows += 1
    batches.append(batch)
    rng.shuffle(batches)
    return batches
