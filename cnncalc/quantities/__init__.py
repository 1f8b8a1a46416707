"""Numbers, sizes, amounts, bytes and times: one reader of each from text, and one writer."""
