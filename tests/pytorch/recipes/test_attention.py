"""What attention computes: random configurations against every query beside every key, and PyTorch's own modules."""

import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

from cnncalc.errors import LayerError
from cnncalc.graph import Node
from cnncalc.layers import LAYERS
from cnncalc.pytorch.builder import build_layer

from ...examples import examples
from ...layers.attention_oracle import Dense
from ...layers.configurations import CONFIGURATIONS, Draw
from ...layers.test_pytorch import require

COUNT = examples(300)


def node_of(arguments, shapes):
    layer = LAYERS["attention"].make(arguments, len(shapes[0]) - 1)
    output = layer.output(shapes, require)
    return Node("x", layer, (), tuple(shapes), output, layer.weights(shapes, output), layer.buffers(shapes, output))


def test_random_configurations_compute_what_the_fields_say():
    torch.manual_seed(0)
    seen = 0
    for index in range(COUNT):
        config = CONFIGURATIONS["attention"](Draw(f"values {index}"))
        try:
            node = node_of(config.arguments, config.shapes)
        except LayerError:
            continue
        module = build_layer(node, dtype=torch.float64).eval()
        dense = Dense(config.arguments, config.shapes).double()
        assert [n for n, _ in module.named_parameters()] == list(node.weights)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn_like(parameter))
        dense.load_state_dict(module.state_dict())
        inputs = [torch.randn(2, *shape, dtype=torch.float64) for shape in config.shapes]
        torch.testing.assert_close(module(*inputs), dense(*inputs), msg=lambda m, c=config: f"{c}\n{m}")
        seen += 1
    assert seen > COUNT // 2


def test_multihead_attention_of_pytorch():
    """Its projections are layers around ours; queries from elsewhere are a second input."""
    torch.manual_seed(0)
    for heads, causal in ((1, False), (4, False), (4, True)):
        theirs = torch.nn.MultiheadAttention(16, heads, batch_first=True, dtype=torch.float64)
        x, other = (torch.randn(2, n, 16, dtype=torch.float64) for n in (9, 5))
        for keys in (x, x if causal else other):
            mask = torch.ones(9, 9, dtype=torch.bool).triu(1) if causal else None
            wanted = theirs(x, keys, keys, need_weights=False, attn_mask=mask, is_causal=causal)[0]
            q, k, v = (
                (y @ weight.T + bias).mT
                for y, weight, bias in zip(
                    (x, keys, keys), theirs.in_proj_weight.chunk(3), theirs.in_proj_bias.chunk(3), strict=True
                )
            )
            arguments = {"num_heads": heads, "is_causal": causal}
            module = build_layer(node_of(arguments, tuple(tuple(each.shape[1:]) for each in (q, k, v))))
            torch.testing.assert_close(theirs.out_proj(module(q, k, v).mT), wanted)


def shifted_window_attention(x, qkv, table, window, heads, shift):
    """As torchvision writes it (`shifted_window_attention`), without padding: [batch, H, W, C]."""
    batch, height, width, channels = x.shape
    shift = [0 if window >= n else shift for n in (height, width)]
    x = torch.roll(x, (-shift[0], -shift[1]), (1, 2))
    rows, columns = height // window, width // window
    x = x.view(batch, rows, window, columns, window, channels).permute(0, 1, 3, 2, 4, 5)
    x = x.reshape(batch * rows * columns, window**2, channels)
    q, k, v = F.linear(x, qkv).view(len(x), window**2, 3, heads, -1).permute(2, 0, 3, 1, 4)
    scores = q * (channels // heads) ** -0.5 @ k.mT
    places = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
    far = places[:, :, None] - places[:, None, :] + window - 1
    index = far[0] * (2 * window - 1) + far[1]
    scores = scores + table[index.view(-1)].view(window**2, window**2, -1).permute(2, 0, 1)
    if sum(shift):
        part = torch.zeros(height, width)
        slices = [((0, -window), (-window, -s), (-s, None)) for s in shift]
        for number, (a, b) in enumerate((a, b) for a in slices[0] for b in slices[1]):
            part[a[0] : a[1], b[0] : b[1]] = number
        part = part.view(rows, window, columns, window).permute(0, 2, 1, 3).reshape(rows * columns, window**2)
        mask = torch.where(part[:, None, :] != part[:, :, None], -100.0, 0.0)
        scores = scores.view(batch, rows * columns, heads, window**2, window**2) + mask[:, None]
        scores = scores.view(-1, heads, window**2, window**2)
    x = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, rows, columns, window, window, channels)
    x = x.permute(0, 1, 3, 2, 4, 5).reshape(batch, height, width, channels)
    return torch.roll(x, shift, (1, 2))


def test_shifted_windows_of_torchvision():
    torch.manual_seed(0)
    for height, width in ((14, 14), (7, 14), (7, 7), (21, 14)):
        for shift in (0, 3):
            arguments = {"num_heads": 2, "window": 7, "shift": shift, "relative_bias": "offset"}
            module = build_layer(node_of(arguments, ((24, height, width),)), dtype=torch.float64)
            table = module.relative_position_bias_table
            torch.nn.init.normal_(table)
            x, qkv = torch.randn(2, height, width, 8, dtype=torch.float64), torch.randn(24, 8, dtype=torch.float64)
            wanted = shifted_window_attention(x, qkv, table, 7, 2, shift)
            torch.testing.assert_close(module(F.linear(x, qkv).movedim(-1, 1)).movedim(1, -1), wanted)


def test_half_precision_and_other_devices_of_the_module():
    arguments = {"num_heads": 2, "window": 2, "shift": 1, "relative_bias": "offset", "rotary": True, "qk_norm": "l2"}
    module = build_layer(node_of(arguments, ((24, 4, 4),)), dtype=torch.bfloat16)
    assert module(torch.randn(2, 24, 4, 4, dtype=torch.bfloat16)).dtype == torch.bfloat16
