"""What every golden script shares: seeds, tensors as JSON, files with stable bytes."""

import argparse
import base64
import json
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(shape, seed: int, scale: float = 1.0) -> torch.Tensor:
    """Normal numbers that float32 holds exactly, as float64."""
    return (torch.randn(shape, generator=generator(seed)) * scale).to(torch.float64)


def number(x) -> float:
    """A float64 with nine significant digits: more than float32 distinguishes."""
    return float(f"{float(x):.9g}")


def numbers(x: torch.Tensor) -> dict:
    """{dtype, shape, data}: row-major, booleans as 0 and 1."""
    flat = x.detach().reshape(-1)
    if x.dtype.is_floating_point:
        return {"dtype": "float32", "shape": list(x.shape), "data": [number(v) for v in flat.tolist()]}
    dtype = "bool" if x.dtype == torch.bool else "int32"
    return {"dtype": dtype, "shape": list(x.shape), "data": [int(v) for v in flat.tolist()]}


def packed(x: torch.Tensor) -> dict:
    """{dtype, shape, base64}: little-endian float32, row-major."""
    raw = x.detach().to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
    return {"dtype": "float32", "shape": list(x.shape), "base64": base64.b64encode(raw).decode("ascii")}


def write(path: str, value, indent_depth: int = 2) -> None:
    """Writes JSON with one line for each value below `indent_depth`."""
    target = ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(dump(value, indent_depth) + "\n")
    size = target.stat().st_size
    assert size < 300_000, f"{path} has {size} bytes; a fixture may have 300,000"
    print(f"{path}: {size:,} bytes")


def dump(value, depth: int, indent: str = "") -> str:
    if depth == 0 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    inner = indent + " "
    if isinstance(value, dict):
        body = [f"{inner}{json.dumps(k)}: {dump(v, depth - 1, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(body) + f"\n{indent}}}"
    body = [inner + dump(v, depth - 1, inner) for v in value]
    return "[\n" + ",\n".join(body) + f"\n{indent}]"


def versions(*modules) -> dict:
    return {m.__name__: m.__version__.split("+")[0] for m in (torch, *modules)}


def arguments(description: str, **options) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    for name, text in options.items():
        parser.add_argument(f"--{name}", required=True, help=text)
    return parser.parse_args()


__all__ = ["np", "torch", "ROOT", "generator", "normal", "number", "numbers", "packed", "write", "versions", "arguments"]
