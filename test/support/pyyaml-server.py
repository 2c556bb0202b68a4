"""PyYAML as the reference for test/unit/mano/pyyaml.test.ts.

It reads JSON requests on stdin, one a line, and writes one answer for each:

{"load": text}               -> {"value": value} or {"refused": reason}
{"dump": value, "flow": bool, "unicode": bool, "twice": bool} -> {"text": text}; twice: as an anchor and an alias

A loaded value is JSON with two exceptions, because a Python mapping has keys of any type: a mapping is
{"m": [[key, value], ...]}, and a list is {"l": [...]}.
"""
import json
import math
import sys

import yaml

MAX_SAFE = 2**53 - 1


class PlainLoader(yaml.SafeLoader):
    """SafeLoader that loads timestamps, binaries, sets and every unknown tag as plain data of the node's kind."""


def plain(loader, _tag, node):
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


KEPT = ("null", "bool", "int", "float", "str", "seq", "map")
PlainLoader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is not None and tag.rpartition(":")[2] in KEPT
}
PlainLoader.add_multi_constructor("", plain)


def described(value, above):
    if isinstance(value, (dict, list)):
        if id(value) in above:
            raise ValueError("a cycle")
        inner = above | {id(value)}
        if isinstance(value, list):
            return {"l": [described(item, inner) for item in value]}
        return {"m": [[described(key, inner), described(item, inner)] for key, item in value.items()]}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_SAFE else str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def answer(request):
    if "load" in request:
        try:
            return {"value": described(yaml.load(request["load"].encode("utf-8"), PlainLoader), frozenset())}
        except Exception as error:  # any exception means that PyYAML has not read the document
            return {"refused": repr(error)[:300]}
    value = request["dump"]
    return {
        "text": yaml.dump(
            [value, value] if request["twice"] else value,
            default_flow_style=request["flow"],
            allow_unicode=request["unicode"],
        )
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
