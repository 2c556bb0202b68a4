"""Calls with the tokens of many callers in turns, because each of them has a quota."""

import itertools
import json
import os

import schemathesis

with open(os.environ["FUZZ_TOKENS"]) as file:
    TOKENS = itertools.cycle(json.load(file))


@schemathesis.auth()
class InTurns:
    def get(self, case, ctx):
        return TOKENS

    def set(self, case, data, ctx):
        case.headers["Authorization"] = f"Bearer {next(data)}"
