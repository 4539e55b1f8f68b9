"""Functions of torch that are made of others, as those others: the recorder runs these in their place."""

import math
from typing import Any

import torch
from torch.nn import functional

from costmodel.graphs.errors import InputError


def scaled_dot_product_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """softmax(s Q Kᵀ + M) V (Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1).

    Raises:
        InputError: heads that share keys.
    """
    del dropout_p
    if enable_gqa:
        raise InputError("attention whose heads share keys", mend="repeat the keys for every head")
    scores = (query * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)) @ key.transpose(-2, -1)
    if is_causal:
        attn_mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
    if attn_mask is not None:
        outside = torch.finfo(scores.dtype).min
        scores = scores + (
            torch.zeros(attn_mask.shape).masked_fill(~attn_mask, outside) if attn_mask.dtype == torch.bool else attn_mask
        )
    return functional.softmax(scores, dim=-1) @ value


def multi_head_attention_forward(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: torch.Tensor | None,
    in_proj_bias: torch.Tensor | None,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: torch.Tensor,
    out_proj_bias: torch.Tensor | None,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: torch.Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[torch.Tensor, None]:
    """Attention of several heads over (length, batch, features); the weights of attention themselves are not returned.

    Raises:
        InputError: an option of torch's that is not the plain one.
    """
    del embed_dim_to_check, dropout_p, training, need_weights, average_attn_weights, is_causal
    unusual = {"bias_k": bias_k, "bias_v": bias_v, "static_k": static_k, "static_v": static_v, "key_padding_mask": key_padding_mask}
    used = [name for name, option in unusual.items() if option is not None] + ["add_zero_attn"] * add_zero_attn
    if used or query.dim() != 3:
        what = f"attention with {', '.join(used) or 'a sample without its batch'}"
        raise InputError(what, mend="leave it out")
    if use_separate_proj_weight or in_proj_weight is None:
        weights = [q_proj_weight, k_proj_weight, v_proj_weight]
    else:
        weights = list(in_proj_weight.detach().chunk(3))
    biases = [None] * 3 if in_proj_bias is None else list(in_proj_bias.detach().chunk(3))
    q, k, v = (
        functional.linear(x, w, b).reshape(x.shape[0], x.shape[1], num_heads, -1).permute(1, 2, 0, 3)
        for x, w, b in zip((query, key, value), weights, biases, strict=True)
    )
    heads = scaled_dot_product_attention(q, k, v, attn_mask)
    joined = heads.permute(2, 0, 1, 3).reshape(query.shape[0], query.shape[1], -1)
    return functional.linear(joined, out_proj_weight, out_proj_bias), None


COMPOSITES = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "multi_head_attention_forward": multi_head_attention_forward,
}
"""Name of a function → what is run in its place."""
