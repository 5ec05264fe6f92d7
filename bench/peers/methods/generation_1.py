from generating import measure

measure(batch=1)
