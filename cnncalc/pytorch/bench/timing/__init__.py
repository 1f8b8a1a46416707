"""Time calls: warm up, measure, and summarize by the median and its interval; also layer by layer."""
