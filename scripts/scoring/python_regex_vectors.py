"""Writes test/fixtures/python-regex-vectors.json: what Python's re says of patterns and texts.

python3 scripts/scoring/python_regex_vectors.py > test/fixtures/python-regex-vectors.json   (Python 3.7 to 3.13)
"""

import json
import random
import re
import sys
import warnings

warnings.simplefilter("error", DeprecationWarning)
warnings.simplefilter("ignore", FutureWarning)

SPACES = "a\x1cb\x1dc\x1ed\x1fe\x85f\xa0g\u1680h\u2003i\u2028j\u2029k\u202fl\u205fm\u3000n\ufeffo\u200bp\u180eq \t\n\r\f\vr"
LINES = "one\ntwo\r\nthree\rfour\x85five\u2028six\u2029seven\n"
DIGITS = "1 \u0663 \u0967 \uff15 \u00b2 \u00bd \u2167 \u4e00 \U0001d7d8 \u2460 9"
WORDS = "a_b \u00e9t\u00e9 na\u0131ve \u4f60\u597d e\u0301 \U00010400x \u00aa \u2167 x\u200dy \U0001f600z \u0903"
TURKISH = "i I \u0130 \u0131 \u0130\u0307 k K \u212a s S \u017f \u00df \u1e9e \u00e5 \u212b \u03c3 \u03c2 \u03a3 \u0390 \u1fd3"
ASTRAL = "\U0001f600\U0001f601 x\U0001d7d8y \U00010428\U00010400"
MATH = "Final Answer: The final answer is $\\frac{1}{2}$. I hope it is correct.\n"
GSM = "He pays $1,250.50 for 3 bags...\n#### 1,250\n#### -7 $ .5 -..\n"

# Each pattern with every text behind it.
CASES = [
    # Dot, and the ends of lines and texts.
    (".+", "", [LINES, SPACES, "", "\n", "a\r\nb"]),
    (".+", "s", [LINES, "\n\n"]),
    ("(?s).*e", "", [LINES]),
    ("(?s:.+)x.", "", ["a\nx\nb", "a\nxy"]),
    ("e$", "", ["one", "one\n", "one\n\n", "one\r", "one\r\n", "one\u2028"]),
    ("$", "", ["", "\n", "a\n", "a\n\n"]),
    ("^|$", "m", [LINES, "", "\n", "a\r\nb\n"]),
    ("^.", "m", [LINES]),
    ("^.", "", [LINES]),
    (".$", "m", [LINES]),
    (r"\A.|.\Z", "m", [LINES, "a", "ab", "ab\n"]),
    (r"\Ao|\n\Z", "", [LINES]),
    (r"^(.*?)(?=\n|$)", "", ["(b)\nwhy", "", "\n", "a\r\nb", "x"]),
    (r"^(.*?)\s*$", "", ["a  ", "a \n", "a\x1c\x85", "a\ufeff", "\n\n"]),
    (r"\.$", "", ["1.", "1.\n", "1.\n\n", "1.\r"]),
    (r"(?s).*#### ", "", [GSM, "#### 5", "none"]),
    # Categories.
    (r"\s", "", [SPACES]),
    (r"\S+", "", [SPACES, LINES]),
    (r"[^\s]+|[\s]", "", [SPACES]),
    (r"[\S\n]+", "", [LINES]),
    (r"\d+", "", [DIGITS, "12a34"]),
    (r"\D+", "", [DIGITS]),
    (r"[\d.]+", "", [DIGITS]),
    (r"[^\d]+", "", ["1a2"]),
    (r"\w+", "", [WORDS, DIGITS, TURKISH]),
    (r"\W+", "", [WORDS, SPACES]),
    (r"[\w-]+", "", ["a-b c_d \u00e9-1"]),
    (r"[\W\d]+", "", ["ab1 2c"]),
    (r"\b", "", ["a b", "", " ", "\u00e9t\u00e9", "e\u0301e", "\U00010400"]),
    (r"\bA\b", "", ["A B AB A\u00e9 A\u0301 (A)", "\u4f60A A"]),
    (r"\B", "", ["ab c", "", " ", "  "]),
    (r"\B.", "", ["ab\u00e9 c"]),
    (r"\w+", "i", [TURKISH, "\u0345a"]),
    # Case.
    ("i", "i", [TURKISH]),
    ("I", "i", [TURKISH]),
    ("\u0130", "i", [TURKISH]),
    ("\u0131", "i", [TURKISH]),
    ("(?i)k|s", "", [TURKISH]),
    ("\u00df", "i", [TURKISH]),
    ("\u00e5", "i", [TURKISH]),
    ("\u03c3", "i", [TURKISH]),
    ("\u0390", "i", [TURKISH]),
    ("[a-z]", "i", [TURKISH, "aZ[_"]),
    ("[^a-z]", "i", [TURKISH]),
    ("[A-H]", "i", [TURKISH, "aHiI"]),
    ("[\u0131x]", "i", [TURKISH]),
    ("\U00010400", "i", [ASTRAL]),
    ("[\U00010400-\U00010427]+", "i", [ASTRAL]),
    (r"(?i)ANSWER\s*:\s*([A-D])", "", ["answer: b, Answer\u3000:\u2028c", "ANSWER\x85:\x1cD", "Answer\ufeff: A"]),
    ("(?i:a)b", "", ["ab Ab aB AB"]),
    ("(?i)a(?-i:b)c", "", ["abc ABC AbC aBc"]),
    ("(?im)^x.$", "", ["Xa\nxb\r\nxc"]),
    # Astral characters.
    (".", "", [ASTRAL, "\ufeffa"]),
    ("..", "", [ASTRAL]),
    ("[^x]", "", [ASTRAL]),
    ("[\U0001f600-\U0001f64f]+", "", [ASTRAL]),
    (r"\U0001f600|\u0078", "", [ASTRAL]),
    ("", "", [ASTRAL, "", "ab"]),
    ("(?<=\U0001f600).", "", [ASTRAL]),
    (".{2}x", "", [ASTRAL]),
    # findall: no group, one, several; empty matches.
    (r"(-?[$0-9.,]{2,})|(-?[0-9]+)", "", [GSM, "7 $", "12 ...", ""]),
    (r"#### (\-?[0-9\.\,]+)", "", [GSM, "####5"]),
    (r"\-?\d+\.\d+|\-?\d+", "", [GSM, DIGITS]),
    (r"The answer is (\-?[0-9\.\,]+).", "", ["The answer is 5.\nThe answer is 1,250 or", "The answer is 5"]),
    (r"(?<=The answer is )(.*)(?=.)", "", ["The answer is (B).", "The answer is (B)\n", "The answer is \n"]),
    (r"(\([A-Z]\))", "", ["(A) or (B)", "(a)"]),
    (r":[\s]*(A|B|C|D)", "", ["x: A, y:\x1cD, z:\ufeffB"]),
    (r"Final Answer: The final answer is(.*?). I hope it is correct.", "", [MATH, MATH + MATH]),
    (r"[\s\uff0c\uff1a:,]([ABCD])[\u3002\uff0c,\.]?$", "s", ["so B", "so B.", "so B.\n", "so B.\n\n", "\uff1aC\u3002"]),
    (r"1.\s?(.*?)$", "s", ["1. B", "1)\nC\nD\n"]),
    (r"a*", "", ["aab", "b", ""]),
    (r"a*?", "", ["aab"]),
    (r"\b|\w+", "", ["ab cd", "\U0001f600 a"]),
    (r"\w*|\b", "", ["ab cd"]),
    (r"(a)|(b)|", "", ["abc"]),
    (r"(a)?(b)?", "", ["abba"]),
    (r"x*(?=(y))|y", "", ["xyxy"]),
    (r"|.", "", ["ab\n", ASTRAL]),
    (r"(?:|a)(?:b|)", "", ["aab"]),
    (r"(?P<sign>-)?(?P<digits>\d+)", "", ["-1 2"]),
    (r"(?P<q>['\"]).*?(?P=q)", "", ["'a\"' \"b'\" 'c"]),
    (r"(.)\1", "", ["aabb\n\n", ASTRAL + ASTRAL]),
    (r"(.)\1*0|\0", "", ["aa0b0\0"]),
    (r"(a+)\10", "", ["aaaa0"]),
    (r"(?:(\d),)+", "", ["1,2,3 4,"]),
    (r"(\d|x)+", "", ["12x"]),
    # Escapes, classes and quantifiers that JavaScript reads in another way.
    (r"\a|\f|\v|\x41|\101|\07", "", ["\a\f\vA\x07"]),
    (r"[\b\x41-\x43\n]", "", ["\bB\nb"]),
    (r"[]a]+", "", ["a]b"]),
    (r"[^]a]+", "", ["a]b"]),
    (r"[a\]-]+", "", ["-]a"]),
    (r"[-a]+|[b-]+", "", ["-a-b"]),
    (r"[a-]x", "", ["ax-x"]),
    (r"[!--]+", "", ["!+-."]),
    (r"[&&||~~[(){}/^$]+", "", ["&&||~~[(){}/^$ &"]),
    (r"[\101-\103\0]+", "", ["ABC\0D"]),
    (r"a{,2}", "", ["aaa"]),
    (r"a{,}", "", ["aaab"]),
    (r"a{2}", "", ["aaaa", "a{2}"]),
    (r"a{2,}?", "", ["aaaa"]),
    (r"a{}|b{x}|c{1", "", ["a{}b{x}c{1c"]),
    (r"x{1,a}|{|}", "", ["x{1,a}{}"]),
    (r"\{\}\[\]\(\)\.\*\-\#\ \!\/\"\'\%\&\~\`\@\=\:\;\<\>\,\_", "", ["{}[]().*-# !/\"'%&~`@=:;<>,_"]),
    (r"(?=a)*b|c", "", ["ab"]),
    (r"(?:ab(?#comment)){2}", "", ["ababab"]),
    (r"a(?#comment)+", "", ["aaa"]),
    (r"(?=(a+))a", "", ["aaa"]),
    (r"(?!(a))b", "", ["ab"]),
    (r"(?<!a)b|(?<=ab)c", "", ["abcb"]),
    (r"(?<=a|b)c|(?<=\s)d", "", ["acbc\x1cd"]),
    (r"(?<=^a)b|(?<=\b)c", "m", ["ab\nab c"]),
    (r"(?u)\w+", "", ["\u00e9"]),
    (r"(?m)(?s)^.*$", "", ["a\nb"]),
    (r"(?s-i:a.)", "i", ["A\na\n"]),
    # What Python refuses.
    *[(bad, "", [""]) for bad in [
        "(", ")", "a)", "[", "[]", "[^]", "[a", "*", "+a", "a**", "a*{2}", "a???", "^*", "$+", r"\b?", "|*", "(*)", "(?:+)",
        "a{2,1}", "[z-a]", r"[\d-a]", r"[a-\s]", r"\q", r"[\q]", r"[\A]", r"[\8]", "\\", "[\\", r"\x4", r"\u004", r"\U00110000", r"\400",
        r"[\400]", r"\1", r"(a)\2", r"(\1)", "(?P=x)", "(?P<a>x)(?P<a>y)", "(?P<1>x)", "(?<n>x)", "(?P>x)", "(?q)", "(?",
        "(?#", "a(?i)b", "(?i-i:x)", "(?<=a*)b", "(?<!ab|c)d", "(?P<a", "(?:", "(?=", "(?i", "{2}", "(?Px)",
    ]],
]


def random_case(rng):
    """A pattern of small parts, valid or not, and a text that it has a chance to match."""
    letters = ["a", "b", ".", r"\s", r"\w", r"\d", "[ab]", "[^a]", r"[\w ]", "$", "^", r"\b", r"\B", "\U0001f600", "i", r"\n", r"\Z"]
    pattern = ""
    for _ in range(rng.randint(1, 4)):
        part = "".join(rng.choice(letters) for _ in range(rng.randint(1, 2)))
        pattern += rng.choice(["%s", "(%s)", "(?:%s)", "%s|", "(?=%s)", "(?<=%s)", "(%s)?", "(?!%s)", "%s"]) % part
        pattern += rng.choice(["", "", "", "*", "+", "?", "*?", "{2}", "{,1}"])
    text = "".join(rng.choice("aab1i \n\r\u0130\u2028\x85\ufeff\U0001f600") for _ in range(rng.randint(0, 7)))
    return pattern, "".join(rng.sample("ims", rng.choice([0, 0, 1, 2]))), text


def vector(pattern, flags, text):
    bits = 0
    for letter in flags:
        bits |= {"i": re.I, "m": re.M, "s": re.S}[letter]
    try:
        expression = re.compile(pattern, bits)
    except (re.error, DeprecationWarning, OverflowError):
        return [pattern, flags]
    return [pattern, flags, text, [list(m) if isinstance(m, tuple) else m for m in expression.findall(text)]]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    rng = random.Random(7)
    vectors = [vector(pattern, flags, text) for pattern, flags, texts in CASES for text in texts]
    vectors += [vector(*random_case(rng)) for _ in range(count)]
    # Characters that are equal where case is ignored.
    characters = [chr(c) for c in range(0x20000) if not 0xD800 <= c < 0xE000]
    cased = "".join(c for c in characters if c.lower() != c or c.upper() != c)
    groups = {"".join(re.findall(re.escape(c), cased, re.I)) for c in cased}
    large = sorted(group for group in groups if len(group) > 2)
    pairs = "".join(sorted(group for group in groups if len(group) == 2))
    print('{"python": %s,\n"caseless": %s,\n"pairs": %s,\n"vectors": [' % (
        json.dumps(sys.version.split()[0]), json.dumps(large), json.dumps(pairs, ensure_ascii=False)))
    print(",\n".join(json.dumps(v) for v in vectors))
    print("]}")


main()
