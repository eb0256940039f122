"""The same step as train_hf.py's without any library of models: GPT-2 and LoRA as plain functions of tensors, the fastest
that torch and JAX can be asked for.

    python train_lean.py torch|compile|jax train SIZE CONFIG THREADS [SECONDS]     one JSON line
    python train_lean.py torch|compile|jax agree SIZE CONFIG FILE                  five losses from what is in FILE

CONFIG is full or lora. `compile` is torch.compile, which needs a C++ compiler. Needs torch and safetensors, or jax,
safetensors and numpy.
"""
import os
import sys

if len(sys.argv) < 6:
    sys.exit(__doc__)
kind, mode, size, config, last = sys.argv[1:6]
if kind not in ("torch", "compile", "jax") or config not in ("full", "lora"):
    sys.exit(f"{kind} {config} is not written out here.\n{__doc__}")
threads = int(last) if mode == "train" else 1
os.environ["OMP_NUM_THREADS"] = str(threads)
if kind == "jax":
    os.environ["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.sched_setaffinity(0, {0})

import numpy

from common import RATE, SIZES, line, measured

LAYERS, WIDTH, HEADS, VOCABULARY, TIME, ROWS = SIZES[size]
RANK, SCALE = 8, 2.0
SHAPES = {
    "attn.c_attn": (WIDTH, 3 * WIDTH), "attn.c_proj": (WIDTH, WIDTH), "mlp.c_fc": (WIDTH, 4 * WIDTH),
    "mlp.c_proj": (4 * WIDTH, WIDTH)}


def start():
    """The model's numbers by name, LoRA's, and tokens: drawn, or out of the file."""
    if mode == "agree":
        from safetensors.numpy import load_file

        given = load_file(last)
        tokens = given.pop("tokens").astype(numpy.int64)
        base = {n.removeprefix("transformer."): x for n, x in given.items() if ".lora." not in n}
        return base, {n: x for n, x in given.items() if ".lora." in n}, tokens
    draw = numpy.random.default_rng(1)

    def normal(*shape):
        return draw.standard_normal(shape, dtype=numpy.float32) * numpy.float32(0.02)

    base, lora = {"wte.weight": normal(VOCABULARY, WIDTH), "wpe.weight": normal(TIME, WIDTH)}, {}
    for norm in ["ln_f"] + [f"h.{i}.ln_{j}" for i in range(LAYERS) for j in (1, 2)]:
        base[norm + ".weight"], base[norm + ".bias"] = numpy.ones(WIDTH, "f"), numpy.zeros(WIDTH, "f")
    for i in range(LAYERS):
        for name, shape in SHAPES.items():
            base[f"h.{i}.{name}.weight"], base[f"h.{i}.{name}.bias"] = normal(*shape), numpy.zeros(shape[1], "f")
        lora[f"blocks.{i}.attn.qkv.lora.A"] = normal(RANK, WIDTH)
        lora[f"blocks.{i}.attn.qkv.lora.B"] = numpy.zeros((3 * WIDTH, RANK), "f")
    return base, lora if config == "lora" else {}, draw.integers(0, VOCABULARY, (ROWS, TIME))


def with_torch(base, lora, tokens):
    """A step in torch."""
    import torch
    import torch.nn.functional as f

    torch.set_num_threads(threads)
    p = {n: torch.tensor(x, requires_grad=not lora or n in lora) for n, x in {**base, **lora}.items()}
    tokens = torch.tensor(tokens)

    def norm(x, name):
        return f.layer_norm(x, (WIDTH,), p[name + ".weight"], p[name + ".bias"])

    def linear(x, name):
        return torch.addmm(p[name + ".bias"], x.view(-1, x.shape[-1]), p[name + ".weight"]).view(*x.shape[:-1], -1)

    def loss(tokens):
        rows, time = tokens.shape
        x = p["wte.weight"][tokens] + p["wpe.weight"][:time]
        for i in range(LAYERS):
            h = norm(x, f"h.{i}.ln_1")
            qkv = linear(h, f"h.{i}.attn.c_attn")
            if lora:
                a, b = p[f"blocks.{i}.attn.qkv.lora.A"], p[f"blocks.{i}.attn.qkv.lora.B"]
                qkv = qkv + f.linear(f.linear(h, a), b) * SCALE
            q, k, v = qkv.view(rows, time, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
            y = f.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + linear(y.transpose(1, 2).reshape(rows, time, WIDTH), f"h.{i}.attn.c_proj")
            h = f.gelu(linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate="tanh")
            x = x + linear(h, f"h.{i}.mlp.c_proj")
        logits = f.linear(norm(x, "ln_f")[:, :-1], p["wte.weight"])
        return f.cross_entropy(logits.reshape(-1, VOCABULARY), tokens[:, 1:].reshape(-1))

    run = torch.compile(loss) if kind == "compile" else loss
    optimiser = torch.optim.AdamW([x for x in p.values() if x.requires_grad], lr=RATE, weight_decay=0.0, fused=True)

    def step():
        value = run(tokens)
        value.backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return value.item()

    return step


def with_jax(base, lora, tokens):
    """A step in JAX: one compiled function from old numbers to new ones, in the memory of the old."""
    import jax
    import jax.numpy as jnp

    def norm(p, x, name):
        mean = x.mean(-1, keepdims=True)
        deviation = jax.lax.rsqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-5)
        return (x - mean) * deviation * p[name + ".weight"] + p[name + ".bias"]

    def linear(p, x, name):
        return x @ p[name + ".weight"] + p[name + ".bias"]

    def loss(trained, frozen, tokens):
        p = {**frozen, **trained}
        rows, time = tokens.shape
        seen = jnp.tril(jnp.ones((time, time), bool))
        x = p["wte.weight"][tokens] + p["wpe.weight"][:time]
        for i in range(LAYERS):
            h = norm(p, x, f"h.{i}.ln_1")
            qkv = linear(p, h, f"h.{i}.attn.c_attn")
            if lora:
                a, b = p[f"blocks.{i}.attn.qkv.lora.A"], p[f"blocks.{i}.attn.qkv.lora.B"]
                qkv = qkv + (h @ a.T) @ b.T * SCALE
            q, k, v = qkv.reshape(rows, time, 3, HEADS, WIDTH // HEADS).transpose(2, 0, 3, 1, 4)
            scores = jnp.where(seen, q @ k.swapaxes(-1, -2) / (WIDTH // HEADS) ** 0.5, -1e30)
            y = (jax.nn.softmax(scores, -1) @ v).transpose(0, 2, 1, 3).reshape(rows, time, WIDTH)
            x = x + linear(p, y, f"h.{i}.attn.c_proj")
            h = jax.nn.gelu(linear(p, norm(p, x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate=True)
            x = x + linear(p, h, f"h.{i}.mlp.c_proj")
        logits = norm(p, x, "ln_f")[:, :-1] @ p["wte.weight"].T
        chosen = jnp.take_along_axis(logits, tokens[:, 1:, None], -1)[..., 0]
        return (jax.nn.logsumexp(logits, -1) - chosen).mean()

    def update(trained, m, v, t, frozen, tokens):
        value, g = jax.value_and_grad(loss)(trained, frozen, tokens)
        m = {n: 0.9 * m[n] + 0.1 * g[n] for n in g}
        v = {n: 0.999 * v[n] + 0.001 * g[n] ** 2 for n in g}
        c, d = 1 - 0.9**t, 1 - 0.999**t
        new = {n: trained[n] - RATE * (m[n] / c) / (jnp.sqrt(v[n] / d) + 1e-8) for n in g}
        return value, (new, m, v, t + 1)

    compiled = jax.jit(update, donate_argnums=(0, 1, 2, 3))
    trained, frozen = (lora, base) if lora else (base, {})
    trained, frozen = jax.tree.map(jnp.asarray, trained), jax.tree.map(jnp.asarray, frozen)
    zeros = [jax.tree.map(jnp.zeros_like, trained) for _ in range(2)]
    state, tokens = (trained, *zeros, jnp.float32(1)), jnp.asarray(tokens)

    def step():
        nonlocal state
        value, state = compiled(*state, frozen, tokens)
        jax.block_until_ready(state)
        return float(value)

    return step


def main():
    step = (with_jax if kind == "jax" else with_torch)(*start())
    out = {"bench": mode, "fw": kind, "size": size, "config": config}
    if mode == "agree":
        out["losses"] = [step() for _ in range(5)]
    else:
        out |= {"threads": threads} | measured(
            step, float(sys.argv[6]) if len(sys.argv) > 6 else 2.0, ROWS * TIME)
    line(out)


main()
