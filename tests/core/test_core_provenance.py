import dataclasses
import json

from detente.core import Provenance, fingerprint

ONE = Provenance("nmc", "7.0", (("b", "22"), ("a", "11")), 1, "https://example.org/nmc")
OTHER = Provenance("atop", "5.1", (("c", "33"),), 2, "https://example.org/atop")


def test_files_are_sorted_by_place() -> None:
    assert ONE.sha256 == (("a", "11"), ("b", "22"))


def test_to_dict_is_json() -> None:
    assert json.loads(json.dumps(ONE.to_dict()))["sha256"] == {"a": "11", "b": "22"}


def test_a_fingerprint_ignores_order_and_address_only() -> None:
    assert fingerprint([ONE, OTHER]) == fingerprint([OTHER, ONE])
    assert dataclasses.replace(ONE, url="elsewhere").fingerprint() == ONE.fingerprint()
    changes = {
        "dataset": "x",
        "version": "8.0",
        "sha256": (("a", "11"), ("b", "23")),
        "reader_version": 2,
    }
    for name, value in changes.items():
        assert dataclasses.replace(ONE, **{name: value}).fingerprint() != ONE.fingerprint()
