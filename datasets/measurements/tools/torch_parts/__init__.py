"""Parts of `measure_torch.py`: each measures one kind of work and writes its rows as they come."""
