"""Parquet files as `datasets` and pyarrow write them: lists of messages, whole numbers, missing values, each compression."""

import datasets
import pyarrow
import pyarrow.parquet
from common import ROOT

ROWS = [
    {
        "prompt": [{"role": "user", "content": f"Question {i}? Größe 日本 😀"}],
        "chosen": [{"role": "assistant", "content": f"Answer {i}."}],
        "rejected": [{"role": "assistant", "content": "No."}],
        "margin": i / 2,
        "id": i,
        "note": None if i % 2 else "even",
    }
    for i in range(3)
]

folder = ROOT / "packages/cli/fixtures"
folder.mkdir(parents=True, exist_ok=True)
datasets.Dataset.from_list(ROWS).to_parquet(folder / "preference.parquet")
thumbs = pyarrow.table({
    "prompt": ["a", "b", "c"], "completion": ["x", "y", "z"], "label": [True, False, True],
    "score": pyarrow.array([1, None, 3], pyarrow.int64()),
})
for compression in ("gzip", "zstd", "brotli", "none"):
    pyarrow.parquet.write_table(thumbs, folder / f"thumbs-{compression}.parquet", compression=compression)
for file in sorted(folder.glob("*.parquet")):
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")
