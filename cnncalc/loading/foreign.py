"""Says what can be done with a file that holds a network, or its weights, in a format that is not read."""

from __future__ import annotations

from pathlib import PurePath

_TENSORFLOW = "a TensorFlow graph is not read: convert it: python -m tf2onnx.convert --help"
_LITE = "TensorFlow Lite is not read: convert it: python -m tf2onnx.convert --tflite {name} --output net.onnx"
_WEIGHTS = "weights do not say how layers are connected: name the code that builds the network: {example}"
_TORCH = _WEIGHTS.format(example="torch:package.module:factory")
_CFG = "not a cfg of Darknet, which begins with [net]"
_OTHER = "{format} is not read: export the network to ONNX from the framework in which it was trained"
_CODE = "code is named with the class or function that builds the network: torch:{name}:Net"
_ARRAYS = "arrays do not say how layers are connected: name a spec, or the code that builds the network"

_BY_SUFFIX = {
    "json": "neither a spec, which has 'input' and 'layers', nor a Keras model, with 'class_name' and 'config'",
    "pb pbtxt savedmodel": _TENSORFLOW,
    "tflite lite": _LITE,
    "pt pth ckpt safetensors bin pkl pickle ptl torchscript tar": _TORCH,
    "caffemodel": _WEIGHTS.format(example="the .prototxt beside it"),
    "cfg": _CFG,
    "lua": "not a layer list of Torch7, which makes modules such as nn.ReLU()",
    "js": "not a layer list of ConvNetJS, which begins with an object of type:'input'",
    "weights": _WEIGHTS.format(example="the .cfg of Darknet beside it"),
    "mlmodel mlpackage mlmodelc": _OTHER.format(format="Core ML"),
    "xml": _OTHER.format(format="OpenVINO's format"),
    "param": _OTHER.format(format="ncnn's format"),
    "engine trt plan": _OTHER.format(format="a TensorRT engine"),
    "pdmodel pdiparams pdparams": "Paddle's formats are not read: convert them: paddle2onnx --help",
    "params": _OTHER.format(format="MXNet's format"),
    "ort mnn rknn om nnef dlc hef uff circle vmfb t7 caffe2 cntk model msgpack gguf ggml": _OTHER.format(
        format="this format"
    ),
    "npz npy mat": _ARRAYS,
    "py": _CODE,
    "ipynb": "a notebook is not read: put the class into a file net.py, and name torch:net.py:Net",
    "zip gz tgz 7z": "an archive is not read: unpack it, and name the file of the network",
    "png jpg jpeg svg pdf": "a picture is not read: name a spec or a network",
}
FOREIGN = {f".{suffix}": how for suffixes, how in _BY_SUFFIX.items() for suffix in suffixes.split()}


def foreign_format(name: str) -> str | None:
    """What can be done with a file of this name; None if its suffix is not that of a format that is not read."""
    path = PurePath(name)
    how = FOREIGN.get(path.suffix.lower())
    return how.replace("{name}", str(path)) if how else None
