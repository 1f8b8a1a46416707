"""Memory of a run in bytes, predicted and counted tensor by tensor, and the largest batch that fits."""
