"""The limits that a user can meet, each with what it counts: what lies beyond gets a message (docs/limits.md).

What only chooses between two ways to compute the same result is not here, but where it is used.
"""

from __future__ import annotations

# Reading files
LARGEST_SPEC = 4 << 20  # bytes of a spec
LARGEST_WITHOUT_LIBYAML = 256 << 10  # bytes of a spec, where PyYAML has no libyaml: its own parser is slow
DEEPEST_YAML = 64  # nested collections of a spec
MOST_YAML_NODES = 200_000  # values of a spec
MOST_ALIASED = 100_000  # values of a spec that stand there through aliases
LARGEST_PROJECT = 4 << 20  # bytes of pyproject.toml
MOST_FILES = 500_000  # files and folders under a pattern or a folder
LARGEST_GIT_OUTPUT = (
    64 << 20
)  # bytes that git may print: a tree of few objects can list more paths than any memory holds
LARGEST_RUN = 64 << 20  # bytes of a saved benchmark

# Values
LARGEST_NUMBER = 2**63  # no whole number of a spec and no size of a tensor reaches it
MOST_DIGITS = 60  # digits of a number as written
MOST_ZEROS = 40  # the exponent of a number as written: 1e40
LARGEST_BATCH = 2**31  # samples of a batch
MOST_AXES = 8  # axes of an input
MOST_STACKED = 1000  # layers of a recurrent layer
LONGEST_EXPRESSION = 1000  # characters of an expression
DEEPEST_EXPRESSION = 50  # nested parts of an expression
MOST_BITS = 4096  # bits of a number in an expression
LONGEST_LIST = 20_000  # elements of a value, those of nested lists included
LONGEST_NAME = 200  # characters of a name with expressions in braces, once these are evaluated

# The expansion of one network
MOST_LAYERS = 100_000  # layers
MOST_ITEMS = 300_000  # items and iterations of repeats, those that yield no layer included
MOST_EDGES = 500_000  # connections between layers, and names compared with patterns
MOST_ELEMENTS = 8_000_000  # elements of lists that expressions compute
MOST_LETTERS = 8_000_000  # characters of all names
DEEPEST_BLOCKS = 64  # nested blocks and groups

# Closed forms and fields
WORK_LIMIT = 1_000_000  # points, candidates or products after which a question counts as undecidable
MAX_EXPONENT = 64  # the exponent of a closed form
MAX_DEGREE = 1000  # the degree of a closed form
MOST_DIVISOR_BITS = 2048  # bits of the divisor of a floor in a closed form
MOST_ROWS = 2_000_000  # rows along one axis that one layer reads for a position

# Imports
LARGEST_ONNX = 2 << 30  # bytes of an ONNX file, as protobuf has it
MOST_OPERATORS = 100_000  # operators of an ONNX model, those of branches and of every call of a function included
LARGEST_EXPANSION = 256 << 20  # bytes of all calls of local functions
DEEPEST_BRANCHES = 16  # nested branches of an ONNX model
LARGEST_PROTOTXT = 16 << 20  # bytes of a prototxt
DEEPEST_MESSAGES = 64  # nested messages of a prototxt
LONGEST_TEXT = 1 << 16  # characters of a quoted string in a prototxt
LARGEST_KERAS = 4 << 20  # bytes of the JSON of a Keras model
LARGEST_LIST = 1 << 20  # bytes of the list of members of a zip file
MOST_KERAS_LAYERS = 10_000  # layers of a Keras model, those of every call of a nested one included
DEEPEST_MODELS = 32  # nested models of a Keras model
MOST_TOKENS = 500_000  # words and signs of a prototxt
LARGEST_CFG = 4 << 20  # bytes of a Darknet cfg
MOST_SECTIONS = 10_000  # sections of a Darknet cfg
LARGEST_SCRIPT = 1 << 18  # bytes of a layer list of Torch7 or ConvNetJS
MOST_SCRIPT_LAYERS = 10_000  # layers of such a list, those of every container that is added twice included
DEEPEST_CONTAINERS = 32  # nested containers, brackets and signs of such a list
LARGEST_HEADER = 16 << 20  # bytes of the header of a safetensors file, or of an index of a checkpoint
MOST_VALUES = 1_000_000  # values in such a header or index
MOST_SHARDS = 1000  # files that such an index lists

# Commands
STEPS = 10_000_000  # work on one spec, in steps of about a microsecond; --budget asks for more
MEMORY = 2 << 30  # bytes in use while a spec is worked on; a larger budget allows more in proportion
MOST_CHECKS = 64  # checks of one spec by check --fix, each with some of its fixes made
LARGEST_BUDGET = 10**15  # steps that --budget may ask for
MOST_JOBS = 1024  # processes of check and sweep
MOST_POINTS = 10**9  # points of a sweep: hours of work on one core
MOST_SHOWN = 10_000  # points that a sweep shows as a table, which must be complete before its column widths are known
MOST_LISTED = 1_000_000  # values of an axis of a sweep that joins several ranges
MOST_KEPT = 100_000  # points of a Pareto front
