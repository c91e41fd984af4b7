"""Runs an n8n workflow's file without n8n: as many of its nodes and expressions as the fixture uses, and no others.

What a node does is read from the file. A node, an option or an expression that is not known here is an error, so that
nothing in the file goes untested.
"""

import json
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.request import ProxyHandler
from urllib.request import Request
from urllib.request import build_opener

Json = Any
OPENER = build_opener(ProxyHandler({}))
EXPRESSION = re.compile(r"\{\{(.*?)\}\}")


class StoppedError(Exception):
    """What a node `stopAndError` says."""


class Undefined:
    """JavaScript's, as it is read through `?.`: falsy, and without fields that are defined."""

    def __getattr__(self, name: str) -> "Undefined":
        return self

    def __bool__(self) -> bool:
        return False


UNDEFINED = Undefined()


class Fields:
    """An object whose fields are read by a dot."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Json:
        value = self._values.get(name, UNDEFINED)
        return Fields(value) if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class Item:
    """What flows from node to node: its data, and what each node before it gave out on its way here."""

    json: dict[str, Json]
    seen: Mapping[str, "Item"] = field(default_factory=dict)

    def after(self, node: str, data: dict[str, Json]) -> "Item":
        """The next item on this one's way."""
        item = Item(data, {})
        return Item(data, {**self.seen, node: item})


@dataclass(slots=True)
class Run:
    """One execution of a workflow."""

    workflow: Json
    environment: Mapping[str, str]
    sleep: Callable[[float], None]
    sent: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)

    def execute(self) -> None:
        """From the schedule until nothing is left to do."""
        (trigger,) = [node for node in self.nodes.values() if node["type"].endswith(".scheduleTrigger")]
        todo: list[tuple[str, list[Item]]] = [(trigger["name"], [Item({})])]
        batches: dict[str, tuple[list[Item], list[Item]]] = {}
        while todo:
            name, items = todo.pop(0)
            self.visited.add(name)
            if self.kind(name) == "splitInBatches":
                outputs = self.next_batch(name, items, batches)
            else:
                outputs = self.perform(name, items)
            for place, given in enumerate(outputs):
                if given:
                    todo += [(follower, given) for follower in self.followers(name, place)]

    @property
    def nodes(self) -> dict[str, Json]:
        return {node["name"]: node for node in self.workflow["nodes"]}

    def kind(self, name: str) -> str:
        return str(self.nodes[name]["type"]).removeprefix("n8n-nodes-base.")

    def followers(self, name: str, output: int) -> list[str]:
        outputs = self.workflow["connections"].get(name, {"main": []})["main"]
        return [each["node"] for each in outputs[output]] if output < len(outputs) else []

    def next_batch(
        self, name: str, items: list[Item], batches: dict[str, tuple[list[Item], list[Item]]]
    ) -> list[list[Item]]:
        """Give out the next item, or what came back, once all have."""
        assert self.nodes[name]["parameters"] == {"batchSize": 1, "options": {}}
        if name in batches:
            batches[name][1].extend(items)
        else:
            batches[name] = (list(items), [])
        left, done = batches[name]
        if not left:
            return [batches.pop(name)[1] and done, []]
        item = left.pop(0)
        return [[], [item.after(name, item.json)]]

    def perform(self, name: str, items: list[Item]) -> list[list[Item]]:
        """What a node gives out, on each of its outputs."""
        steps: dict[str, Callable[[str, Json, Item], list[list[Item]]]] = {
            "scheduleTrigger": lambda _name, _parameters, item: [[item]],
            "httpRequest": self.request,
            "set": self.assign,
            "if": self.decide,
            "wait": self.wait,
            "stopAndError": self.stop,
        }
        outputs: list[list[Item]] = [[], []]
        for item in items:
            given = steps[self.kind(name)](name, self.nodes[name]["parameters"], item)
            for place, each in enumerate(given):
                outputs[place] += each
        return outputs

    def request(self, name: str, parameters: Json, item: Item) -> list[list[Item]]:
        known = {"method", "url", "sendQuery", "queryParameters", "sendHeaders", "headerParameters"}
        assert parameters.keys() <= known | {"sendBody", "contentType", "bodyParameters", "options"}
        pairs = {
            kind: {each["name"]: str(self.value(each["value"], item)) for each in parameters[kind]["parameters"]}
            for kind in ("queryParameters", "headerParameters", "bodyParameters")
            if kind in parameters
        }
        url = self.value(parameters["url"], item)
        if parameters.get("sendQuery"):
            url += f"?{urlencode(pairs['queryParameters'])}"
        headers = pairs["headerParameters"] if parameters.get("sendHeaders") else {}
        assert not parameters.get("sendBody") or parameters["contentType"] == "form-urlencoded"
        body = urlencode(pairs["bodyParameters"], quote_via=quote).encode() if parameters.get("sendBody") else None
        return self.answers(name, Request(url, body, headers, method=parameters["method"]), item)

    def answers(self, name: str, request: Request, item: Item) -> list[list[Item]]:
        node = self.nodes[name]
        how = node["parameters"]["options"].get("response", {}).get("response", {})
        assert node["parameters"]["options"].keys() <= {"response", "timeout"}
        assert how.keys() <= {"fullResponse", "neverError", "responseFormat"}
        self.sent.append(request)
        try:
            with OPENER.open(request, timeout=30) as response:
                status, text = response.status, response.read()
        except HTTPError as refusal:
            if not how.get("neverError"):
                raise
            status, text = refusal.code, refusal.read()
        except (OSError, HTTPException) as error:
            assert node["onError"] == "continueErrorOutput"
            return [[], [item.after(name, {**item.json, "error": {"message": str(error)}})]]
        body = json.loads(text)
        if how.get("fullResponse"):
            body = {"statusCode": status, "body": body}
        return [[item.after(name, each) for each in (body if isinstance(body, list) else [body])]]

    def assign(self, name: str, parameters: Json, item: Item) -> list[list[Item]]:
        kinds: dict[str, Callable[[Json], Json]] = {"string": str, "number": float}
        kept = item.json if parameters.get("includeOtherFields") else {}
        assigned = {
            each["name"]: kinds[each["type"]](self.value(each["value"], item))
            for each in parameters["assignments"]["assignments"]
        }
        whole = {
            key: int(each) if isinstance(each, float) and each == int(each) else each for key, each in assigned.items()
        }
        return [[item.after(name, {**kept, **whole})]]

    def decide(self, name: str, parameters: Json, item: Item) -> list[list[Item]]:
        conditions = parameters["conditions"]
        every = {"and": all, "or": any}[conditions["combinator"]]
        true = every(self.holds(each, item) for each in conditions["conditions"])
        onward = [item.after(name, item.json)]
        return [onward, []] if true else [[], onward]

    def holds(self, condition: Json, item: Item) -> bool:
        left, right = self.value(condition["leftValue"], item), condition["rightValue"]
        operations: dict[tuple[str, str], Callable[[], bool]] = {
            ("number", "equals"): lambda: bool(left == right),
            ("number", "lte"): lambda: bool(left <= right),
            ("string", "contains"): lambda: isinstance(left, str) and right in left,
            ("string", "notEmpty"): lambda: bool(left),
            ("boolean", "true"): lambda: left is True,
        }
        return operations[condition["operator"]["type"], condition["operator"]["operation"]]()

    def wait(self, name: str, parameters: Json, item: Item) -> list[list[Item]]:
        assert (parameters["resume"], parameters["unit"]) == ("timeInterval", "seconds")
        self.pauses.append(self.value(parameters["amount"], item))
        self.sleep(self.pauses[-1])
        return [[item.after(name, item.json)]]

    def stop(self, _name: str, parameters: Json, item: Item) -> list[list[Item]]:
        raise StoppedError(self.value(parameters["errorMessage"], item))

    def value(self, written: Json, item: Item) -> Json:
        """A parameter's value: `=` begins a text with expressions, and one expression alone keeps its type."""
        if not isinstance(written, str) or not written.startswith("="):
            return written
        text = written[1:]
        alone = EXPRESSION.fullmatch(text)
        if alone and alone[0] == text and text.count("{{") == 1:
            return self.evaluated(alone[1], item)
        return EXPRESSION.sub(lambda found: str(self.evaluated(found[1], item)), text)

    def evaluated(self, expression: str, item: Item) -> Json:
        """What a JavaScript expression is, of the few kinds that mean the same in Python when the words are changed."""
        words = {"?.": ".", "||": " or ", "&&": " and ", "$json": "JSON", "$env": "ENV", "$(": "NODE("}
        python = expression.strip()
        for ours, theirs in words.items():
            python = python.replace(ours, theirs)
        nodes = item.seen
        names = {
            "JSON": Fields(item.json),
            "ENV": Fields(self.environment),
            "NODE": lambda name: Fields({"item": {"json": nodes[name].json}}),
        }
        return eval(python, {"__builtins__": {}}, names)


def read(path: Path) -> Json:
    """The workflow in a file."""
    return json.loads(path.read_text("utf-8"))
