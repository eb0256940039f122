"""Writes Tests/Golden/feedback/trl.json: losses of TRL's trainers on fixed numbers, and PPO step by step.

    python3 -m pip install torch trl
    python3 Scripts/golden_feedback.py

SFT, reward model, DPO, GRPO and RLOO are TRL's own methods, called on a stand-in for the trainer whose model hands
out the fixed numbers. PPO, which TRL 1 has no longer, follows its 0.23 in formulas: KL, rewards, GAE, whitening, the
clipped losses, and the controller of 0.11.
"""

import json
import os
from types import SimpleNamespace

import torch
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.reward_trainer import RewardTrainer
from trl.trainer.rloo_trainer import RLOOTrainer

OUT = os.path.join(os.path.dirname(__file__), "..", "Tests", "Golden", "feedback", "trl.json")
torch.manual_seed(5)


class Numbers(dict):
    """Counts nothing: every list of measurements is a new one."""

    def __missing__(self, key):
        return []


class Accelerator:
    device = "cpu"
    num_processes = 1
    sync_gradients = True

    def gather(self, x):
        return x

    gather_for_metrics = gather

    def reduce(self, x, reduction):
        return x


def trainer(**more):
    return SimpleNamespace(
        model=SimpleNamespace(training=True), accelerator=Accelerator(), aux_loss_enabled=False,
        _metrics={"train": Numbers(), "eval": Numbers()}, _total_train_tokens=0, _tp_size=1,
        current_gradient_accumulation_steps=1, **more)


def table(x):
    return {"shape": list(x.shape), "values": [float(v) for v in x.detach().reshape(-1)]}


def supervised():
    logits = torch.randn(2, 6, 7, requires_grad=True)
    labels = torch.tensor([[-100, -100, 3, 1, 0, -100], [-100, 5, 6, -100, 2, 2]])
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 7), labels[:, 1:].reshape(-1))
    (gradient,) = torch.autograd.grad(loss, logits)
    log = logits.log_softmax(-1)[:, :-1].gather(-1, labels[:, 1:].clamp(min=0).unsqueeze(-1)).squeeze(-1)
    mask = labels[:, 1:] != -100
    dft = -(log.detach().exp() * log * mask).sum() / mask.sum()
    return {"logits": table(logits), "labels": labels.tolist(), "loss": loss.item(), "gradient": table(gradient),
            "dft": dft.item()}


def reward():
    scores, margin = torch.randn(8, 1), torch.rand(4)
    out = {"scores": table(scores), "margin": margin.tolist(), "losses": {}}
    for name, has_margin, center in [("plain", 0, None), ("margin", 1, None), ("center", 0, 0.01), ("both", 1, 0.3)]:
        one = trainer(args=SimpleNamespace(center_rewards_coefficient=center))
        inputs = {"attention_mask": torch.ones(8, 3)}
        if has_margin:
            inputs["margin"] = margin
        model = lambda **_: SimpleNamespace(logits=scores)  # noqa: E731
        out["losses"][name] = RewardTrainer.compute_loss(one, model, inputs).item()
    p, d = torch.tensor([0.6, 0.9, 0.5, 1.0]), (scores[:4] - scores[4:]).squeeze(-1)
    log = torch.nn.functional.logsigmoid
    out["agreement"] = p.tolist()
    out["losses"]["soft"] = -(p * log(d) + (1 - p) * log(-d)).mean().item()
    return out


def preference():
    lengths = [5, 2, 4, 3, 3, 5]
    mask = torch.tensor([[0] + [1] * n + [0] * (5 - n) for n in lengths])
    policy = -torch.rand(6, 5) * 3 * mask[:, 1:]
    reference = -torch.rand(6, 5) * 3 * mask[:, 1:]
    both = [x.sum(1).chunk(2) for x in (policy, reference)]
    out = {"policy": table(policy), "reference": table(reference), "lengths": lengths, "losses": {}}
    for name, form, beta, smoothing in [
            ("sigmoid", "sigmoid", 0.1, 0), ("sharp", "sigmoid", 2.5, 0), ("hinge", "hinge", 0.3, 0),
            ("ipo", "ipo", 0.1, 0), ("robust", "robust", 0.5, 0.1)]:
        one = trainer(
            loss_types=[form], loss_weights=[1.0], beta=beta, label_smoothing=smoothing, ld_alpha=None,
            precompute_ref_logps=True, f_divergence_type="reverse_kl", use_weighting=False,
            args=SimpleNamespace())
        inputs = {"input_ids": torch.ones(6, 6, dtype=torch.long), "completion_mask": mask,
                  "attention_mask": torch.ones(6, 6, dtype=torch.long),
                  "ref_chosen_logps": both[1][0], "ref_rejected_logps": both[1][1]}
        answer = SimpleNamespace(
            log_probs=policy, entropy=torch.zeros(6, 5), mean_logits=torch.zeros(6, 5),
            is_top1=torch.zeros(6, 5, dtype=torch.bool))
        out["losses"][name] = float(DPOTrainer._compute_loss(one, lambda **_: answer, inputs, False))
    d = 0.5 * ((both[0][0] - both[1][0]) - (both[0][1] - both[1][1]))
    log = torch.nn.functional.logsigmoid
    out["losses"]["smoothed"] = -(0.9 * log(d) + 0.1 * log(-d)).mean().item()
    return out


def rollout(rows=6, width=5):
    lengths = [5, 2, 3, 1, 4, 5]
    mask = torch.tensor([[1.0] * n + [0] * (width - n) for n in lengths])
    old, ref, new = (-torch.rand(rows, width) * 2 * mask for _ in range(3))
    new = old + (new - old) * 0.3
    return lengths, mask, old, ref, new


def groups():
    lengths, mask, old, ref, new = rollout()
    scores = torch.tensor([1.0, 0.2, -0.5, 0.7, 0.7, 2.0])
    out = {"lengths": lengths, "old": table(old), "reference": table(ref), "new": table(new),
           "scores": scores.tolist(), "advantages": {}, "losses": {}, "gradients": {}}
    grouped = scores.view(2, 3)
    centred = (scores - grouped.mean(1).repeat_interleave(3))
    out["advantages"] = {
        "group": (centred / (grouped.std(1).repeat_interleave(3) + 1e-4)).tolist(),
        "batch": (centred / (scores.std() + 1e-4)).tolist(), "none": centred.tolist()}
    advantages = torch.tensor(out["advantages"]["group"])
    for name, form, beta, level, up in [
            ("unbiased", "dapo", 0.2, "token", 0.2), ("grpo", "grpo", 0.0, "token", 0.2), ("bnpo", "bnpo", 0.0, "token", 0.2),
            ("dapo", "dapo", 0.04, "token", 0.28), ("dr_grpo", "dr_grpo", 0.1, "token", 0.2),
            ("sequence", "grpo", 0.0, "sequence", 0.2), ("sequence dapo", "dapo", 0.3, "sequence", 0.2)]:
        leaf = new.clone().requires_grad_()
        one = trainer(
            loss_type=form, beta=beta, importance_sampling_level=level, epsilon_low=0.2, epsilon_high=up,
            max_completion_length=7, top_entropy_quantile=1.0, off_policy_mask_threshold=None, use_vllm=False,
            vllm_importance_sampling_correction=False, _entropy_bonus_enabled=False, use_adaptive_entropy=False,
            args=SimpleNamespace(delta=None, use_bias_correction_kl=name == "unbiased", steps_per_generation=1),
            _get_per_token_logps_and_entropies=lambda *_, **__: (leaf, torch.zeros(6, 5), None))
        inputs = {"prompt_ids": torch.ones(6, 1), "prompt_mask": torch.ones(6, 1), "completion_ids": torch.ones(6, 5),
                  "completion_mask": mask, "advantages": advantages, "old_per_token_logps": old,
                  "ref_per_token_logps": ref, "num_items_in_batch": mask.sum()}
        loss = GRPOTrainer._compute_loss(one, None, inputs)
        out["losses"][name] = loss.item()
        out["gradients"][name] = table(torch.autograd.grad(loss, leaf)[0] * mask)
    rewards = scores - 0.05 * ((old - ref) * mask).sum(1)
    others = (rewards.view(2, 3).sum(1, keepdim=True) - rewards.view(2, 3)) / 2
    advantages = rewards - others.view(-1)
    leaf = new.clone().requires_grad_()
    one = trainer(epsilon_low=0.2, epsilon_high=0.2,
                  _get_per_token_logps_and_entropies=lambda *_, **__: (leaf, torch.zeros(6, 5), None))
    inputs = {"prompt_ids": torch.ones(6, 1), "prompt_mask": torch.ones(6, 1), "completion_ids": torch.ones(6, 5),
              "completion_mask": mask, "advantages": advantages, "old_logps": (old * mask).sum(1)}
    loss = RLOOTrainer._compute_loss(one, None, inputs)
    out["rloo"] = {"advantages": advantages.tolist(), "loss": loss.item(),
                   "gradient": table(torch.autograd.grad(loss, leaf)[0] * mask)}
    return out


def proximal():
    lengths, mask, old, ref, new = rollout()
    width = mask.shape[1]
    real = mask.bool()
    kept = torch.tensor([[t <= n for t in range(width)] for n in lengths])
    values, now = torch.randn(6, width), torch.randn(6, width)
    scores = torch.randn(6)
    ends = torch.tensor([min(n, width - 1) for n in lengths])
    out = {"lengths": lengths, "old": table(old), "reference": table(ref), "new": table(new),
           "values": table(values), "now": table(now), "scores": scores.tolist(), "runs": {}, "kl": {}}
    d = (old - ref) * mask
    out["kl"] = {"k1": d.sum(1).mean().item(), "k2": (d * d / 2).sum(1).mean().item(),
                 "k3": ((torch.exp(-d) - 1 + d) * mask).sum(1).mean().item()}

    def whitened(x, mask, shift):
        chosen = x[mask]
        white = (x - chosen.mean()) * torch.rsqrt(chosen.var() + 1e-8)
        return white if shift else white + chosen.mean()

    for name, estimator, gamma, lam, whiten_rewards in [
            ("k1", 1, 1.0, 0.95, False), ("k3", 3, 0.97, 0.9, False), ("rewards", 1, 1.0, 0.95, True)]:
        kl = d if estimator == 1 else (torch.exp(-d) - 1 + d) * mask
        rewards = -0.05 * kl
        rewards[range(6), ends] += scores
        v = values * kept
        if whiten_rewards:
            rewards = whitened(rewards, kept, False) * kept
        later, backwards = torch.zeros(6), []
        for t in reversed(range(width)):
            after = v[:, t + 1] if t + 1 < width else torch.zeros(6)
            later = rewards[:, t] + gamma * after - v[:, t] + gamma * lam * later
            backwards.append(later)
        advantages = torch.stack(backwards[::-1], 1)
        returns = advantages + v
        advantages = whitened(advantages, real, True) * mask
        leaf, head = new.clone().requires_grad_(), now.clone().requires_grad_()
        ratio = torch.exp(leaf - old)
        policy = torch.max(-advantages * ratio, -advantages * ratio.clamp(0.8, 1.2))[real].mean()
        near = torch.clamp(head, v - 0.2, v + 0.2)
        value = 0.5 * torch.max((head - returns) ** 2, (near - returns) ** 2)[kept].mean()
        loss = policy + 0.1 * value
        dp, dv = torch.autograd.grad(loss, [leaf, head])
        out["runs"][name] = {
            "advantages": table(advantages), "returns": table(returns * kept), "policy": policy.item(),
            "value": value.item(), "dpolicy": table(dp * mask), "dvalue": table(dv)}
    coefficient, out["controller"] = 0.2, []
    for kl in [1.0, 3.0, 6.0, 7.0, 30.0, 6.1]:
        error = min(max(kl / 6.0 - 1, -0.2), 0.2)
        coefficient *= 1 + error * 256 / 10000
        out["controller"].append(coefficient)
    return out


with open(OUT, "w") as file:
    json.dump({"sft": supervised(), "reward": reward(), "dpo": preference(), "grpo": groups(), "ppo": proximal()}, file)
print(os.path.getsize(OUT), "bytes")
