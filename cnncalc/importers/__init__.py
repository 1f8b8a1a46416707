"""Networks from elsewhere, as specs."""
