"""The results of a run and its environment, their JSON record, and comparison with a saved one."""
