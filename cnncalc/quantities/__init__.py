"""Numbers, sizes, amounts, bytes and times: one parser and one formatter for each."""
