import torch
from common import report, timed

SIZE = 2048
a, b = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE)
report(gflops=2 * SIZE**3 / timed(7, lambda: torch.matmul(a, b)) / 1e9)
