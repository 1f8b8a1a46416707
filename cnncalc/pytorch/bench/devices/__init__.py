"""What a benchmark runs on: the processor, CUDA, Metal, each behind the protocol of `device`."""
