"""The bytes of an event file as TensorBoard's own protocol buffers and record writer make them: packages/cli/fixtures/event-file.json."""
import io
import json
import pathlib

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

points = [
    {"name": "dpo/loss", "value": 0.6931471824645996, "step": 1, "time": 1764000000250},
    {"name": "dpo/rewards/margins", "value": -1.5, "step": 300, "time": 1764000001500},
    {"name": "ppo/objective/kl", "value": 0.0, "step": 1, "time": 1764000002000},
    {"name": "größe", "value": 1e-30, "step": 123456789012, "time": 1764000003000},
]
out = io.BytesIO()
out.close, bytes_of = (lambda: None), out.getvalue
writer = RecordWriter(out)
writer.write(Event(wall_time=points[0]["time"] / 1000, file_version="brain.Event:2").SerializeToString())
for point in points:
    summary = Summary(value=[Summary.Value(tag=point["name"], simple_value=point["value"])])
    writer.write(Event(wall_time=point["time"] / 1000, step=point["step"], summary=summary).SerializeToString())
writer.flush()
target = pathlib.Path(__file__).parents[2] / "packages/cli/fixtures/event-file.json"
target.write_text(json.dumps({"points": points, "hex": bytes_of().hex()}, indent=2, ensure_ascii=False) + "\n")
