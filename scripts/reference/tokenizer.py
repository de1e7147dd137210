"""Byte-level BPE with single digits, trained in pure Python and written as a Hugging Face tokenizer.json."""
import argparse
import json
import math
import re
from collections import Counter
from pathlib import Path

SPECIALS = ["<|endoftext|>", "<|mdm_mask|>", "<|startoftext|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
EOS, MASK, BOS, HEADER, HEADER_END, EOT = range(6)

# LLaDA's template: the header of the assistant is always appended.
CHAT_TEMPLATE = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    "+ message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}"
    "{{ content }}{% endfor %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
)


def _byte_alphabet():
    """GPT-2's map from bytes to printable characters."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in printable}
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + len(table) - len(printable))
    return table


BYTE_TO_CHAR = _byte_alphabet()
CHAR_TO_BYTE = {char: byte for byte, char in BYTE_TO_CHAR.items()}
_DIGIT_OR_REST = re.compile(r"\d|\D+")
_GPT2 = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def pre_tokens(text):
    """Digits alone, then GPT-2's expression on what lies between them; bytes written as printable characters."""
    pieces = [piece for part in _DIGIT_OR_REST.findall(text) for piece in _GPT2.findall(part)]
    return ["".join(BYTE_TO_CHAR[byte] for byte in piece.encode()) for piece in pieces]


class Tokenizer:
    """Encoder and decoder; agrees with Hugging Face's on the text it was trained for (checked by test/mini)."""

    def __init__(self, vocab, merges):
        self.tokens = vocab
        self.ids = {token: index for index, token in enumerate(vocab)}
        self.merges = merges
        self._rank = {merge: rank for rank, merge in enumerate(merges)}
        self._cache = {}

    @staticmethod
    def load(path):
        model = json.loads(Path(path).read_text(encoding="utf-8"))["model"]
        vocab = sorted(model["vocab"], key=model["vocab"].get)
        return Tokenizer(vocab, [tuple(merge.split(" ")) for merge in model["merges"]])

    def _word(self, word):
        if word not in self._cache:
            parts = list(word)
            while len(parts) > 1:
                ranks = [self._rank.get(pair, 1 << 30) for pair in zip(parts, parts[1:])]
                best = min(range(len(ranks)), key=ranks.__getitem__)
                if ranks[best] == 1 << 30:
                    break
                parts[best : best + 2] = [parts[best] + parts[best + 1]]
            self._cache[word] = [self.ids[part] for part in parts]
        return self._cache[word]

    def encode(self, text):
        """Ids of plain text; special tokens in it are not recognised."""
        return [index for word in pre_tokens(text) for index in self._word(word)]

    def decode(self, ids):
        """Text of ids, without the specials."""
        chars = "".join(self.tokens[index] for index in ids if index >= len(SPECIALS))
        return bytes(CHAR_TO_BYTE[char] for char in chars).decode("utf-8", "replace")

    def chat(self, prompt):
        """Ids of the chat frame around one user turn, up to and with the assistant's header."""
        user = [BOS, HEADER, *self.encode("user"), HEADER_END, *self.encode("\n\n" + prompt.strip()), EOT]
        return [*user, HEADER, *self.encode("assistant"), HEADER_END, *self.encode("\n\n")]


def train(texts, size):
    """BPE on damped pre-token counts. Returns (vocabulary, merges); the vocabulary starts with specials and bytes.

    The logarithm keeps frequent templates from spending the merges that rare names and options need: in the mini
    benchmarks every word shall be one token.
    """
    counts = Counter(word for text in texts for word in pre_tokens(text))
    counts = Counter({word: int(4 * math.log(count + 1)) for word, count in counts.items()})
    words = {word: list(word) for word in counts}
    vocab = [*SPECIALS, *(BYTE_TO_CHAR[byte] for byte in range(256))]
    known, merges = set(vocab), []
    while len(vocab) < size:
        pairs = Counter()
        for word, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        pair, _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        joined = "".join(pair)
        merges.append(pair)
        if joined not in known:
            known.add(joined)
            vocab.append(joined)
        for parts in words.values():
            i = 0
            while i < len(parts) - 1:
                if (parts[i], parts[i + 1]) == pair:
                    parts[i : i + 2] = [joined]
                i += 1
    vocab += [f"<|reserved_{i}|>" for i in range(size - len(vocab))]
    return vocab, merges


def save(tokenizer, folder):
    """Writes tokenizer.json and tokenizer_config.json."""
    added = [
        dict(id=i, content=token, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
        for i, token in enumerate(SPECIALS)
    ]
    byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    document = dict(
        version="1.0",
        truncation=None,
        padding=None,
        added_tokens=added,
        normalizer=None,
        pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=True), byte_level]),
        post_processor=None,
        decoder=dict(byte_level, add_prefix_space=True),
        model=dict(
            type="BPE",
            dropout=None,
            unk_token=None,
            continuing_subword_prefix=None,
            end_of_word_suffix=None,
            fuse_unk=False,
            byte_fallback=False,
            ignore_merges=False,
            vocab=tokenizer.ids,
            merges=[" ".join(merge) for merge in tokenizer.merges],
        ),
    )
    config = dict(
        added_tokens_decoder={
            str(token["id"]): {key: value for key, value in token.items() if key != "id"} for token in added
        },
        bos_token=SPECIALS[BOS],
        eos_token=SPECIALS[EOS],
        pad_token=SPECIALS[EOS],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=512,
        tokenizer_class="PreTrainedTokenizerFast",
    )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="/tmp/train", help="folder of <benchmark>.train.jsonl")
    parser.add_argument("--out", default="models/reference")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--texts", type=int, default=3000, help="training texts taken from each benchmark")
    args = parser.parse_args()
    texts = ["user", "assistant", "\n\n"] * 2000
    for path in sorted(Path(args.data).glob("*.train.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for _, line in zip(range(args.texts), lines):
                texts += json.loads(line).values()
    tokenizer = Tokenizer(*train(texts, args.size))
    save(tokenizer, args.out)
    words = {word for text in texts for word in pre_tokens(text)}
    split = sorted(word for word in words if len(tokenizer._word(word)) > 1)
    print(f"{len(words)} pre-tokens, {len(tokenizer.merges)} merges, {len(split)} pre-tokens of several tokens: {split}")


if __name__ == "__main__":
    main()
