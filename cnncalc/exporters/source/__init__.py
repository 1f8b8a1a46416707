"""A graph as one readable Python file with its `nn.Module`."""
