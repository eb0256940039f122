"""Writes Tests/DataTests/Golden/: a byte-pair tokenizer as Hugging Face's library learns it, and what it makes
of awkward texts. The Swift tests read these files and need no Python.

    python Scripts/golden_tokenizer.py            write the files (needs: pip install tokenizers)
    python Scripts/golden_tokenizer.py FILE       open a tokenizer.json and print the ids of the awkward texts
"""
import json
import pathlib
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/DataTests/Golden"

SAMPLE = """The gardener cuts a young shoot and joins it to an old root. The root stays; the shoot grows.
A graft that is joined badly dries out, and a graft that is joined well bears fruit in its third summer.
I can't say when it'll bloom. We've waited, they're waiting, he'd waited, I'm tired: it's the gardener's work!
Don't water it at noon!!!  Water it at 6:30 or at 18:45, with 12 litres, never with 120.
Ein Gärtner pfropft im Frühjahr; das Mädchen sieht zu. Une greffe réussie, déjà à l'été: ça va!
\u5ac1\u63a5\u7684\u679d\u6761\u548c\u6839\u3002 \u041f\u0440\u0438\u0432\u0438\u0432\u043a\u0430 \u0440\u0430\u0441\u0442\u0451\u0442. 🌱🌳 and \t tabs\t\tand   spaces
aaaa aaaaa aaaaaaa banana bananas bandana: the same letters again and again and again, root, roots, rooted.
""".splitlines()

TEXTS = [
    "", " ", "  ", "a", "The graft grows.", " leading", "trailing ", "two  spaces", "three   spaces   ",
    "line\nend", "blank\n\nlines\n", "tab\tand\r\nreturn", "it's we've they'll I'd I'm can't you're 's",
    "IT'S WE'VE 'sun 'till ''quoted''", "1234 5.67 8a9 ½ Ⅷ ٣", "!!! ?! ...hello #tag @name :-)", "<|endoftext|>",
    "one<|endoftext|>two <|endoftext|> three", "<|endoftext", "Gärtner Frühjahr déjà", "e\u0301 combining",
    "\u5ac1\u63a5", "🌱🌳 👩‍👩‍👧", "\u00a0no\u00a0break\u2003em\u3000wide", "aaaaaaaaaaaaaaaaaaaaaaaaa", "\u0000\u0001\u007f",
    "_under_score", "a_b-c/d\\e", "x" * 300, "ab" * 100 + " " + "ba" * 50, "\u200b\u200d\ufeff", "ﬁne Ǆ ʰ",
]

# Single tokens and cuts through letters: bytes that are not UTF-8 become U+FFFD.
CUTS = ["🌱", "\u5ac1\u63a5", "déjà", "a🌳b"]


def learn(digits=False):
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = byte_level
    if digits:
        parts = [pre_tokenizers.Digits(individual_digits=True), byte_level]
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SAMPLE, trainer)
    return tokenizer


def cases(tokenizer):
    rows = []
    for text in TEXTS + SAMPLE:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        rows.append({"text": text, "ids": ids, "back": tokenizer.decode(ids, skip_special_tokens=False)})
    return rows


def cuts(tokenizer):
    rows = []
    for text in CUTS:
        ids = tokenizer.encode(text).ids
        for i in range(len(ids)):
            for j in range(i + 1, len(ids) + 1):
                rows.append({"ids": ids[i:j], "back": tokenizer.decode(ids[i:j], skip_special_tokens=False)})
    return rows


def main():
    if len(sys.argv) > 1:
        tokenizer = Tokenizer.from_file(sys.argv[1])
        for row in cases(tokenizer):
            print(json.dumps(row["ids"]))
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    plain, digits = learn(), learn(digits=True)
    (FOLDER / "tokenizer.json").write_text(plain.to_str())
    facts = {
        "sample": SAMPLE, "cases": cases(plain), "digits": cases(digits), "cuts": cuts(plain),
        "digitsTokenizer": json.loads(digits.to_str()),
    }
    (FOLDER / "tokenizer-cases.json").write_text(json.dumps(facts, ensure_ascii=True, indent=0))


main()
