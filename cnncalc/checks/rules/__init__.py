"""The rules of `cnncalc check`, one file each, named after the fault that it finds."""
