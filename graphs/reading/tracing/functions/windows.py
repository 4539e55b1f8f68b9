"""Windows without weights: pools, padding, changes of resolution."""

from typing import Any

from costmodel.graphs.reading.tracing.axes import features, hold
from costmodel.graphs.reading.tracing.calls import Operation
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown, per_axis


def _made(given: Given, x: Any, kind: str, fields: dict) -> Made:
    value = given.value(x)
    if len(value.axes) < 3:
        raise Unknown("a window over a sample without a batch")
    hold(value.axes[1:], "feature")
    return Made(Operation(kind, fields), (value,), (value.axes[0], *features(given.out.shape[1:])))


def _pool(kind: str, dimensions: int, given: Given, x: Any, kernel: Any, stride: Any, padding: Any, ceil: bool) -> Made:
    sizes = per_axis(kernel, dimensions), per_axis(kernel if stride in (None, ()) else stride, dimensions)
    padded = per_axis(padding, dimensions)
    k, s, p = ([v] * dimensions if isinstance(v, int) else v for v in (*sizes, padded))
    wanted = [(n + 2 * pad - kk) // ss + 1 for n, kk, ss, pad in zip(x.shape[-dimensions:], k, s, p, strict=True)]
    if ceil and wanted != list(given.out.shape[-dimensions:]):
        raise Unknown(f"{kind} with ceil_mode=True, whose last windows are cut off")
    fields = {"kernel": sizes[0], "stride": sizes[1]} | ({"padding": padded} if any(p) else {})
    return _made(given, x, f"{kind}{dimensions}d", fields)


def _max_pool(n: int) -> Any:
    def pool(
        given: Given,
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Made:
        if per_axis(dilation, n) != 1 or return_indices:
            raise Unknown("max_pool with dilation or indices")
        return _pool("maxpool", n, given, input, kernel_size, stride, padding, ceil_mode)

    return pool


def _avg_pool(n: int) -> Any:
    def pool(
        given: Given,
        input: Any,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Made:
        if divisor_override not in (None, 1) or (not count_include_pad and per_axis(padding, n) != 0):
            raise Unknown("avg_pool with a divisor of its own")
        return _pool("sumpool" if divisor_override else "avgpool", n, given, input, kernel_size, stride, padding, ceil_mode)

    return pool


def _lp_pool(n: int) -> Any:
    def pool(
        given: Given,
        input: Any,
        norm_type: float,
        kernel_size: Any,
        stride: Any = None,
        ceil_mode: bool = False,
    ) -> Made:
        if norm_type != 1:
            raise Unknown(f"lp_pool of norm {norm_type}")
        return _pool("sumpool", n, given, input, kernel_size, stride, 0, ceil_mode)

    return pool


def _adaptive(kind: str, n: int) -> Any:
    def pool(given: Given, input: Any, output_size: Any, return_indices: bool = False) -> Made:
        sizes, wanted = input.shape[-n:], given.out.shape[-n:]
        if return_indices or any(a % b for a, b in zip(sizes, wanted, strict=True)):
            raise Unknown(f"adaptive pooling of {tuple(sizes)} to {tuple(wanted)}, whose windows differ in size")
        kernel = [a // b for a, b in zip(sizes, wanted, strict=True)]
        return _pool(kind, n, given, input, kernel, None, 0, False)

    return pool


def pad(given: Given, input: Any, pad: Any, mode: str = "constant", value: float | None = None) -> Made:
    """Values around the last axes; ``pad`` counts from the last axis on, before and after."""
    if mode == "constant" and value:
        raise Unknown(f"padding with {value}")
    amounts = [int(n) for n in pad]
    pairs = [[amounts[i], amounts[i + 1]] for i in range(0, len(amounts), 2)][::-1]
    x = given.value(input)
    if any(n < 0 for n in amounts):
        raise Unknown("padding of less than nothing")
    hold(x.axes[len(x.axes) - len(pairs) :], "feature")
    axes = (*x.axes[: len(x.axes) - len(pairs)], *features(given.out.shape[len(x.axes) - len(pairs) :]))
    how = "zeros" if mode == "constant" else mode
    return Made(Operation("pad", {"amounts": pairs, "mode": how}), (x,), axes, leaf=False)


def interpolate(
    given: Given,
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Made:
    """Another resolution."""
    del size, scale_factor, recompute_scale_factor
    if mode not in ("nearest", "bilinear", "linear") or align_corners or antialias:
        raise Unknown(f"interpolate with mode='{mode}'" + (" and align_corners" if align_corners else ""))
    return _made(given, input, "upsample", {"size": list(given.out.shape[2:]), "mode": mode})


FUNCTIONS = {
    "pad": pad,
    "interpolate": interpolate,
    **{f"max_pool{n}d": _max_pool(n) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _avg_pool(n) for n in (1, 2, 3)},
    **{f"lp_pool{n}d": _lp_pool(n) for n in (1, 2)},
    **{f"adaptive_avg_pool{n}d": _adaptive("avgpool", n) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": _adaptive("maxpool", n) for n in (1, 2, 3)},
}
