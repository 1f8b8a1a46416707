"""From a call to its time: warm up, measure, the median and its interval; layer by layer."""
