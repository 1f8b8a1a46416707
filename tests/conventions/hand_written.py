"""Networks that are written in every way at once: modules, functions, methods, operators, shared, derived modules."""

import torch
from torch import nn
from torch.nn import functional


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        x = functional.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class SameConv(nn.Conv2d):
    def forward(self, x):
        return functional.conv2d(functional.pad(x, (1, 1, 1, 1)), self.weight, self.bias, self.stride)


class Block(nn.Module):
    """One ReLU for all, and a sum by an operator."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels, affine=False)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + x)


class Convolutional(nn.Module):
    """Each kind of layer as a module, as a function and as a method or operator."""

    def __init__(self):
        super().__init__()
        self.stem = SameConv(3, 16, 3, stride=2)
        self.norm = LayerNorm2d(16)
        self.act = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.blocks = nn.Sequential(Block(16), Block(16))
        self.depthwise = nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.gate = nn.Sigmoid()
        self.mix = nn.Conv2d(32, 24, 1)
        self.softmax = nn.Softmax(dim=1)
        self.head = nn.Linear(24, 10)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        x = functional.relu(self.norm(self.stem(x)))
        x = self.blocks(self.pool(x))
        y = torch.relu(self.depthwise(x))
        y = y.mul(self.gate(y)) + torch.mul(x, y) * x
        z = torch.add(functional.avg_pool2d(x, 3, 1, 1), functional.gelu(y)).add(x.relu())
        x = self.act(self.mix(torch.cat([y, z], 1)))
        x = functional.interpolate(x, scale_factor=2) + functional.interpolate(
            functional.max_pool2d(x, 2), scale_factor=4.0
        )
        x = functional.leaky_relu(self.act(x), 0.1) * 0.5
        x = functional.silu(x) / 2
        a = functional.adaptive_avg_pool2d(x, 1).flatten(1)
        b = x.mean([2, 3])
        x = functional.linear(a, self.head.weight, self.head.bias) + self.head(self.drop(b))
        return self.softmax(x)


class Attending(nn.Module):
    """Attention as a module, with its weights and without, as a function, and as products; tied weights."""

    def __init__(self, width=24, heads=3):
        super().__init__()
        self.heads = heads
        self.patch = nn.Conv2d(3, width, 4, stride=4)
        self.mha = nn.MultiheadAttention(width, heads, batch_first=True)
        self.returning = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(3))
        self.first = nn.Linear(width, 2 * width)
        self.second = nn.Linear(2 * width, width)
        self.tied = nn.Linear(width, 2 * width)
        self.tied.weight = self.first.weight
        self.tied.bias = self.first.bias
        self.dropout = nn.Dropout(0.1)

    def split(self, x, layer):
        n, tokens, width = x.shape
        return layer(x).reshape(n, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        y = self.norm(x)
        x = x + self.mha(y, y, y, need_weights=False)[0]
        x = x + self.returning(x, x, x)[0]
        q, k, v = self.split(x, self.qkv[0])
        x = x + functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        q, k, v = self.split(x, self.qkv[1])
        weights = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(dim=-1)
        x = x + (self.dropout(weights) @ v).transpose(1, 2).reshape(x.shape)
        q, k, v = self.split(x, self.qkv[2])
        weights = functional.softmax(torch.matmul(q, k.transpose(-2, -1)) / q.shape[-1] ** 0.5, dim=-1)
        x = x + torch.matmul(weights, v).transpose(1, 2).reshape(x.shape)
        x = x + self.second(functional.gelu(self.first(x)))
        x = torch.add(x, self.second(torch.relu(self.tied(x))))
        return self.norm(x).mean(1)
