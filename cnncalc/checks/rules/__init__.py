"""The rules of `cnncalc check`, one file each, named after the fault that the rule finds."""
