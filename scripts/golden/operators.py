"""packages/grad/fixtures/operators.json: operators and their gradients by PyTorch in float64."""

import torch
import torch.nn.functional as F

from common import generator, normal, numbers, versions, write

cases: list[dict] = []


def case(name: str, op: str, f, inputs: dict, attributes: dict | None = None, counts=1.0) -> None:
    """Adds f(**inputs) and the gradients of sum(output * cotangent) by the floating inputs."""
    inputs = {k: as_float32(v) for k, v in inputs.items()}
    leaves = {k: v.clone().requires_grad_(v.dtype.is_floating_point) for k, v in inputs.items()}
    output = f(**leaves)
    cotangent = normal(output.shape, 1000 + len(cases)) * counts
    (output * cotangent).sum().backward()
    cases.append(
        {
            "name": name,
            "op": op,
            "attributes": attributes or {},
            "inputs": {k: numbers(v) for k, v in inputs.items()},
            "output": numbers(output),
            "cotangent": numbers(cotangent),
            "gradients": {k: numbers(v.grad) for k, v in leaves.items() if v.requires_grad},
        }
    )


def as_float32(x: torch.Tensor) -> torch.Tensor:
    return x.float().double() if x.dtype.is_floating_point else x


def integers(shape, high: int, seed: int) -> torch.Tensor:
    return torch.randint(high, shape, generator=generator(seed))


def elementwise() -> None:
    x = normal((3, 7), 1, 2.0)
    x[0, :3] = torch.tensor([0.0, -9.0, 9.0], dtype=torch.float64)
    unary = {
        "silu": F.silu, "softplus": F.softplus, "erf": torch.erf, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        "logSigmoid": F.logsigmoid, "exp": torch.exp,
    }
    for op, f in unary.items():
        case(op, op, f_of_x(f), {"x": x})
    for approximate in ("tanh", "none"):
        case(f"gelu {approximate}", "gelu", lambda x, a=approximate: F.gelu(x, approximate=a), {"x": x},
             {"approximate": approximate})
    positive = normal((3, 7), 2).abs() + 0.05
    tiny = torch.tensor([[1e-6, -1e-6, 1e-3, -0.5, -0.9, 4.0, 100.0]]).to(torch.float64)
    case("log1p", "log1p", f_of_x(torch.log1p), {"x": tiny})
    for op, f in {"log": torch.log, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt}.items():
        case(op, op, f_of_x(f), {"x": positive})
    case("pow", "pow", lambda x, y: x**y, {"x": positive, "y": normal((7,), 3)})
    case("clip", "clip", lambda x: x.clamp(-1.25, 0.75), {"x": x}, {"low": -1.25, "high": 0.75})
    case("minimum broadcast", "minimum", torch.minimum, {"input": normal((3, 7), 4), "other": normal((7,), 5)})
    case("maximum broadcast", "maximum", torch.maximum, {"input": normal((3, 1), 6), "other": normal((1, 5), 7)})
    case("div broadcast", "div", lambda x, y: x / y, {"x": normal((2, 3, 4), 8), "y": normal((3, 1), 9).abs() + 0.2})


def f_of_x(f):
    return lambda x: f(x)


def softmaxes() -> None:
    x = normal((2, 5, 6), 10, 3.0)
    x[0, 0] += 200.0  # overflows unless the maximum is subtracted
    for axis in (-1, 1):
        case(f"softmax axis {axis}", "softmax", lambda x, d=axis: F.softmax(x, d), {"x": x}, {"axis": axis})
        case(f"logSoftmax axis {axis}", "logSoftmax", lambda x, d=axis: F.log_softmax(x, d), {"x": x}, {"axis": axis})
        case(f"logsumexp axis {axis}", "logsumexp", lambda x, d=axis: torch.logsumexp(x, d), {"x": x},
             {"axis": axis, "keepDims": False})


def reductions() -> None:
    x = normal((3, 4, 5), 20)
    for axis in (-1, 0, 1):
        case(f"max axis {axis}", "max", lambda x, d=axis: x.amax(d), {"x": x}, {"axes": [axis], "keepDims": False})
        case(f"min axis {axis}", "min", lambda x, d=axis: x.amin(d, keepdim=True), {"x": x},
             {"axes": [axis], "keepDims": True})
    case("mean two axes", "mean", lambda x: x.mean((0, 2)), {"x": x}, {"axes": [0, 2], "keepDims": False})
    case("sum all", "sum", lambda x: x.sum(), {"x": x}, {"axes": [0, 1, 2], "keepDims": False})


def norms() -> None:
    inputs = {"x": normal((2, 3, 8), 30, 2.0) + 1.0, "weight": normal((8,), 31), "bias": normal((8,), 32)}
    for epsilon in (1e-5, 0.1):
        case(f"layerNorm epsilon {epsilon}", "layerNorm",
             lambda x, weight, bias, e=epsilon: F.layer_norm(x, (8,), weight, bias, e), inputs, {"epsilon": epsilon})
        case(f"rmsNorm epsilon {epsilon}", "rmsNorm",
             lambda x, weight, e=epsilon: F.rms_norm(x, (8,), weight, e),
             {k: inputs[k] for k in ("x", "weight")}, {"epsilon": epsilon})


def products() -> None:
    shapes = {
        "2d": ((3, 4), (4, 5)), "batched": ((2, 3, 4), (2, 4, 5)), "shared right": ((2, 2, 3, 4), (4, 5)),
        "broadcast batch": ((2, 1, 3, 4), (3, 4, 2)), "left broadcast": ((3, 4), (2, 4, 5)),
    }
    for i, (name, (a, b)) in enumerate(shapes.items()):
        case(f"matmul {name}", "matmul", lambda a, b: a @ b, {"a": normal(a, 40 + i), "b": normal(b, 50 + i)})
    case("matmul transposed", "matmul", lambda a, b: a.mT @ b.mT,
         {"a": normal((2, 4, 3), 60), "b": normal((2, 5, 4), 61)}, {"transposeA": True, "transposeB": True})
    case("linear with bias", "linear", F.linear,
         {"input": normal((2, 3, 4), 62), "weight": normal((5, 4), 63), "bias": normal((5,), 64)})


def convolutions() -> None:
    for stride, padding, dilation in (([1, 1], [0, 0], [1, 1]), ([2, 2], [1, 1], [1, 1]),
                                      ([1, 2], [2, 1], [2, 1]), ([2, 1], [0, 1], [1, 2])):
        case(f"conv2d stride {stride} padding {padding} dilation {dilation}", "conv2d",
             lambda x, weight, s=stride, p=padding, d=dilation: F.conv2d(x, weight, None, s, p, d),
             {"x": normal((2, 3, 6, 7), 70), "weight": normal((4, 3, 3, 2), 71, 0.5)},
             {"strides": stride, "padding": padding, "dilations": dilation, "groups": 1})
    case("conv2d with bias", "conv2d", lambda x, weight, bias: F.conv2d(x, weight, bias, 1, 1),
         {"x": normal((1, 2, 4, 4), 72), "weight": normal((3, 2, 3, 3), 73), "bias": normal((3,), 74)},
         {"strides": [1, 1], "padding": [1, 1], "dilations": [1, 1], "groups": 1})


def indexing() -> None:
    x = normal((4, 5, 3), 80)
    case("embedding", "embedding", lambda weight, indices: F.embedding(indices, weight),
         {"weight": normal((6, 4), 81), "indices": torch.tensor([[0, 5, 2], [2, 2, 1]])})
    case("gather axis 1", "gather", lambda x, indices: x[:, indices], {"x": x, "indices": torch.tensor([4, 0, 0, 2])},
         {"axis": 1})
    case("takeAlongAxis -1", "takeAlongAxis", lambda x, indices: torch.take_along_dim(x, indices, -1),
         {"x": x, "indices": integers((4, 5, 2), 3, 82)}, {"axis": -1})
    case("takeAlongAxis 1", "takeAlongAxis", lambda x, indices: torch.take_along_dim(x, indices, 1),
         {"x": x, "indices": integers((4, 6, 3), 5, 83)}, {"axis": 1})
    case("indexAdd repeated rows", "indexAdd", lambda x, updates, indices: x.index_add(0, indices, updates),
         {"x": normal((4, 3), 84), "updates": normal((5, 3), 85), "indices": torch.tensor([3, 0, 3, 3, 1])},
         {"axis": 0})
    case("putAlongAxisAdd repeated", "putAlongAxisAdd",
         lambda x, updates, indices: x.scatter_add(1, indices, updates),
         {"x": normal((3, 4), 86), "updates": normal((3, 6), 87), "indices": integers((3, 6), 4, 88)}, {"axis": 1})


def attention() -> None:
    """Rotary embedding and attention as modeling_llama computes them."""
    positions, theta, width = torch.tensor([[0, 1, 2, 3, 4], [0, 0, 0, 1, 2]]), 10000.0, 6
    frequency = theta ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angle = positions[..., None] * frequency  # [B, T, D/2]

    def rotary(x, positions):
        cos, sin = (g(torch.cat([angle, angle], -1))[:, None] for g in (torch.cos, torch.sin))
        first, second = x.chunk(2, -1)
        return x * cos + torch.cat([-second, first], -1) * sin

    case("rotary half-split", "rotary", rotary, {"x": normal((2, 3, 5, width), 90), "positions": positions},
         {"theta": theta})

    mask = torch.ones(2, 5, dtype=torch.bool)
    mask[1, :2] = False
    for kv_heads in (4, 2, 1):
        def attend(q, k, v, mask, groups=4 // kv_heads):
            causal = torch.ones(5, 5, dtype=torch.bool).tril()
            allowed = causal & mask[:, None, None, :] | torch.eye(5, dtype=torch.bool)  # padded queries: themselves
            k, v = (x.repeat_interleave(groups, 1) for x in (k, v))
            return F.scaled_dot_product_attention(q, k, v, allowed) * mask[:, None, :, None]

        case(f"attention causal, 4 heads, {kv_heads} key/value heads, left padding", "attention", attend,
             {"q": normal((2, 4, 5, width), 91), "k": normal((2, kv_heads, 5, width), 92),
              "v": normal((2, kv_heads, 5, width), 93), "mask": mask},
             {"causal": True, "scale": width**-0.5}, counts=mask[:, None, :, None])


def cross_entropy() -> None:
    logits, targets = normal((2, 4, 7), 95, 2.0), integers((2, 4), 7, 96)
    mask = torch.tensor([[0, 1, 1, 1], [0, 0, 1, 1]], dtype=torch.bool)

    def loss(logits, targets, mask):
        labels = torch.where(mask, targets, -100)
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)

    case("crossEntropy mean over the mask", "crossEntropy", loss, {"logits": logits, "targets": targets, "mask": mask})


if __name__ == "__main__":
    for family in (elementwise, softmaxes, reductions, norms, products, convolutions, indexing, attention,
                   cross_entropy):
        family()
    write("packages/grad/fixtures/operators.json",
          {"source": "PyTorch, float64; gradients of sum(output * cotangent)", "versions": versions(), "cases": cases})
