"""Writes Tests/DataTests/Golden/pipelines.json: what Hugging Face's `tokenizers` makes of small texts with each part that
a tokenizer.json may name, alone and in whole tokenizers. The Swift tests read it and need no Python.

    python Scripts/golden_pipelines.py            needs: pip install tokenizers
"""
import hashlib
import json
import pathlib

from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

FOLDER = pathlib.Path(__file__).parent.parent / "Tests/DataTests/Golden"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]

TEXTS = [
    "", " ", "   ", "The graft grows.", "  two  spaces ", "\t tab\r\nline\n\n", "I'LL it's 'Ve 'ſ 'D", "x12 3456789 ½Ⅷ٣²",
    "Don't!!! (stop), ok? #1 $2 a_b", "Gärtner déjà e\u0301 İIı ß Σς", "ﬁ ﬀ ① ㍿ Å K ½ ㌔",
    "\u5ac1\u63a5\u7684\u679d\u6761\u3002\u300cabc\u300d def", "🌱🌳👩‍👩‍👧 🇪🇺🇩 1️⃣", "\u00a0no\u2003em\u3000wide\u200bzero\ufeff\u2028l\u0085n",
    "\u0000\u0001\u007f\u009f\ufffd", "\ud55c\uad6d\uc5b4 \u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940", "\u2581\u2581a \u2581b", "a\n\n\nb  \n  c\n", "f(x)=x**2;//y\r\n\r\n  z",
    "<s>a</s> [MASK] b<mask>c  <x> y<x>", "été, c'est l'été… 1.5€ «non»", "hello world hello", "unhappiness playing replayed",
]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = LLAMA3.replace("{1,3}", "")
BLOOM = r" ?[^(\s|[.,!?…。，、।۔،])]+"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK = r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = [
    GPT2, LLAMA3, QWEN, BLOOM, O200K, DEEPSEEK, r"\d", r"\d{3}", r"\w+|[^\w\s]+", r"[一-龥぀-ゟ゠-ヿ]+", r"(?<=a)b|(?<!l)o", r"\bo?\w+?\b",
    r"^\s+|\s+$", r"a|ab|abc", r"(?:ab)+?c?", r"[^\W\d_]+", r"[a-c&&[^b]]+", r"x{2,}|e{1,2}?", r"\s++\S", r"(?>l+)o", r"\p{Han}+|\p{^L}",
    r"\x20+|\u4f60|[\t\n]", r"(?=h)\w|(?!w)\S{2}", r"[[:punct:]]+", r"\A.|.\z", r"(l|o)(?:r|w)",
]


def ranges(found):
    out = []
    for c in sorted(found):
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def classes():
    clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    strip = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    accents, nfd = normalizers.StripAccents(), normalizers.NFD()

    def split(pre):
        return [c for c in SCALARS if len(pre.pre_tokenize_str("a" + chr(c) + "b")) == 3]

    def matched(pattern):
        # One marker that no class holds next to nothing: a match is the scalar by itself.
        pre = pre_tokenizers.Split(Regex(r"\A" + pattern + r"\z"), "removed")
        return [c for c in SCALARS if not pre.pre_tokenize_str(chr(c))]

    return {
        "control": ranges(c for c in SCALARS if clean.normalize_str(f"a{chr(c)}b") == "ab" and c not in (0, 0xFFFD)),
        "nonspacing": ranges(c for c in SCALARS if nfd.normalize_str(chr(c)) == chr(c)
                             and strip.normalize_str(f"a{chr(c)}b") == "ab"),
        "mark": ranges(c for c in SCALARS if accents.normalize_str(f"a{chr(c)}b") == "ab"),
        "punctuation": ranges(split(pre_tokenizers.Punctuation())),
        "number": ranges(split(pre_tokenizers.Digits())),
        "white": ranges(c for c in SCALARS if len(pre_tokenizers.WhitespaceSplit().pre_tokenize_str(f"a{chr(c)}b")) == 2),
        **{pattern: ranges(matched(pattern)) for pattern in [
            r"\p{L}", r"\p{N}", r"\p{M}", r"\p{P}", r"\p{S}", r"\s", r"\w", r"\d", r"\p{Lu}", r"\p{Han}", "(?i:s)"]},
    }


def blocks():
    """For each block of 256 scalars that a normalizer changes: the first eight digits of its SHA-256."""
    out = {}
    for name, step in [("NFC", normalizers.NFC()), ("NFD", normalizers.NFD()), ("NFKC", normalizers.NFKC()),
                       ("NFKD", normalizers.NFKD()), ("Lowercase", normalizers.Lowercase())]:
        found = {}
        for block in range(0x1100):
            letters = [chr(c) for c in range(256 * block, 256 * block + 256) if not 0xD800 <= c < 0xE000]
            changed = [step.normalize_str(letter) for letter in letters]
            if changed != letters:
                found[str(block)] = hashlib.sha256("\n".join(changed).encode()).hexdigest()[:8]
        out[name] = found
    return out


def parts():
    n, p, d = normalizers, pre_tokenizers, decoders
    bert = [n.BertNormalizer(), n.BertNormalizer(lowercase=False), n.BertNormalizer(strip_accents=False),
            n.BertNormalizer(clean_text=False, handle_chinese_chars=False)]
    steps = bert + [
        n.NFC(), n.NFD(), n.NFKC(), n.NFKD(), n.Lowercase(), n.StripAccents(), n.Strip(), n.Strip(left=False), n.Nmt(),
        n.Replace(" ", "\u2581"), n.Replace(Regex(" {2,}"), " "), n.Replace(Regex(r"\s*\n"), "|"), n.Prepend("\u2581"),
        n.Sequence([n.NFKD(), n.StripAccents(), n.Lowercase()]), n.ByteLevel(),
    ]
    normal = [{"part": state(step, "normalizer"), "out": [step.normalize_str(text) for text in TEXTS]} for step in steps]
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
    steps = [p.Split(Regex(pattern), "isolated") for pattern in PATTERNS]
    steps += [p.Split(Regex(r"\s"), b, invert) for b in behaviors for invert in (False, True)] + [p.Split("l", b) for b in behaviors]
    steps += [p.Punctuation(b) for b in behaviors]
    steps += [
        p.ByteLevel(), p.ByteLevel(add_prefix_space=False), p.ByteLevel(add_prefix_space=False, use_regex=False),
        p.WhitespaceSplit(), p.Whitespace(), p.Digits(), p.Digits(individual_digits=True), p.BertPreTokenizer(),
        p.CharDelimiterSplit("l"), p.Metaspace(), p.Metaspace(prepend_scheme="never"), p.Metaspace(prepend_scheme="first"),
        p.Metaspace(split=False), p.Sequence([p.Digits(individual_digits=True), p.ByteLevel(add_prefix_space=False)]),
        p.Sequence([p.Split(Regex(LLAMA3), "removed", True), p.ByteLevel(add_prefix_space=False, use_regex=False)]),
        p.Sequence([p.WhitespaceSplit(), p.Metaspace()]), p.Sequence([p.ByteLevel(), p.Digits()]),
    ]
    pre = [{"part": state(step, "pre_tokenizer"), "out": [[piece for piece, _ in step.pre_tokenize_str(text)] for text in TEXTS]}
           for step in steps]
    lists = [
        [], ["a"], ["\u2581Hello", "\u2581wor", "ld", "\u2581"], ["\u2581\u2581a", "\u2581b\u2581"], ["play", "##ing", ",", "do", "not", "n't", "'", "s", "."],
        ["<0xE4>", "<0xBD>", "<0xA0>", "x"], ["<0xE4>", "<0xBD>", "a", "<0xff>", "<0x4G>", "<0x41>"], ["\u0120a", "\u00e5", "\u0127", "\u0123", "b"], ["\u0120", "\u010a", "caf\u00c3\u00a9"],
        ["low</w>", "er", "</w>"], [" ", "  a  ", "a"], ["ab", " c", "n't", " ' x", " do not", "a .b"],
    ]
    steps = [
        d.ByteLevel(), d.WordPiece(), d.WordPiece(cleanup=False), d.Metaspace(), d.Metaspace(prepend_scheme="never"),
        d.ByteFallback(), d.Fuse(), d.Strip(" ", 1, 0), d.Strip("a", 2, 0), d.Strip("a", 0, 1), d.Replace("\u2581", " "), d.Replace(Regex("[ab]+"), "-"), d.BPEDecoder(),
        d.Sequence([d.Replace("\u2581", " "), d.ByteFallback(), d.Fuse(), d.Strip(" ", 1, 0)]),
    ]
    back = [{"part": state(step, "decoder"), "out": [step.decode(tokens) for tokens in lists]} for step in steps]
    return {"normalizers": normal, "preTokenizers": pre, "decoders": back, "tokens": lists}


def state(step, key):
    tokenizer = Tokenizer(models.BPE())
    setattr(tokenizer, key, step)
    return json.loads(tokenizer.to_str())[key]


SAMPLE = [text for text in TEXTS if text] * 2 + [
    "the young tree bears no fruit yet", "sweet fruit, sour fruit", "low lower lowest new newer newest wide wider widest",
    "play playing player unhappy happiness happily",
] * 3


def whole():
    out = []

    def add(name, tokenizer, tokens=()):
        if tokens:
            tokenizer.add_tokens(list(tokens))
        tokenizer = Tokenizer.from_str(tokenizer.to_str())
        rows = []
        for text in TEXTS:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            rows.append({"ids": ids, "back": tokenizer.decode(ids, skip_special_tokens=False),
                         "plain": tokenizer.decode(ids), "framed": tokenizer.encode(text).ids,
                         "pair": tokenizer.encode(text, "two texts").ids})
        out.append({"name": name, "tokenizer": json.loads(tokenizer.to_str()), "rows": rows})

    added = [AddedToken("<x>", lstrip=True, rstrip=True, normalized=False), AddedToken("hello", single_word=True),
             AddedToken("<mask>", lstrip=True, special=True, normalized=False), AddedToken("[MASK]", special=True, normalized=False),
             AddedToken("WORLD", normalized=True), AddedToken("hap", normalized=False), AddedToken("happi", normalized=False)]
    for name, pattern in [("llama3", LLAMA3), ("bloom", BLOOM)]:
        tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama3"))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(
            vocab_size=420, special_tokens=["<s>", "</s>"], show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])])
        add(name, tokenizer, added)
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(
        vocab_size=500, show_progress=False, limit_alphabet=60,
        special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]))
    document = json.loads(tokenizer.to_str())
    document["added_tokens"] = document["added_tokens"][:3]
    add("llama2", Tokenizer.from_str(json.dumps(document)), added)
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.BPEDecoder()
    tokenizer.train_from_iterator(SAMPLE, trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<unk>"], show_progress=False, end_of_word_suffix="</w>", limit_alphabet=40))
    add("suffix", tokenizer)
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(SAMPLE, trainers.UnigramTrainer(
        vocab_size=200, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        "$A </s>", "$A </s> $B </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    add("t5", tokenizer, added)
    document = json.loads(tokenizer.to_str())
    document["model"]["byte_fallback"] = True
    document["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    add("t5 bytes", Tokenizer.from_str(json.dumps(document)))
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=12))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(SAMPLE, trainers.WordPieceTrainer(
        vocab_size=260, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False, limit_alphabet=60))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    add("bert", tokenizer, added)
    tokenizer = Tokenizer(models.WordLevel(unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(SAMPLE, trainers.WordLevelTrainer(vocab_size=60, special_tokens=["?"], show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 2))
    add("words", tokenizer)
    return out


def main():
    facts = {"texts": TEXTS, "classes": classes(), "blocks": blocks(), **parts(), "whole": whole()}
    (FOLDER / "pipelines.json").write_text(json.dumps(facts, separators=(",", ":")))


main()
