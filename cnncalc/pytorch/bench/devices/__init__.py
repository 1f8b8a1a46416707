"""The devices that a benchmark runs on: CPU, CUDA and Metal, each behind the protocol of `device`."""
