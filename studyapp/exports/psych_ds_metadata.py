"""Metadata of a Psych-DS dataset: read as JSON-LD as far as the standard needs it, and checked against schema.org.

No whole JSON-LD processor: a context is schema.org's address, an object of prefixes and terms with an optional
`@vocab`, or a list of these; nothing is fetched.
"""

import json
from dataclasses import dataclass
from typing import Any

from studyapp.exports.psych_ds_rules import PROPERTIES, RECOMMENDED_KEYS, REQUIRED_KEYS, TYPES_TAKEN, words

Found = list[tuple[str, str]]  # code of the rule, and what there is
Json = dict[str, Any]

_JSON_LD_WORDS = words(
    "@base @container @context @direction @graph @id @import @included @index @json @language @list @nest "
    "@none @prefix @propagate @protected @reverse @set @type @value @version @vocab"
)
_SCHEMA_ORG = "schema.org/"


class NotJsonLd(ValueError):
    """The metadata cannot be read as JSON-LD."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What short names stand for. vocab: what is put before a name that has no meaning of its own."""

    vocab: str
    terms: dict[str, str]

    def address(self, key: str) -> str:
        """Return the address that a key stands for; the key itself where it stands for none.

        >>> Context(vocab="https://schema.org/", terms={"x": "https://example.org/"}).address("x:size")
        'https://example.org/size'
        """
        if key in self.terms:
            return self.terms[key]
        prefix, colon, rest = key.partition(":")
        if colon and prefix in self.terms:
            return self.terms[prefix] + rest
        return key if colon else self.vocab + key

    def word(self, key: str) -> str | None:
        """Return schema.org's word that a key stands for; None where it is not schema.org's."""
        host, found, word = self.address(key).partition(_SCHEMA_ORG)
        return word if found and host in ("http://", "https://", "http://www.", "https://www.") else None


def read_json(content: bytes) -> Any:
    """Return what the JSON says. Raises ValueError for what is no JSON, UnicodeDecodeError for what is not UTF-8.

    NaN and the infinities, which Python would take, are no JSON.
    """

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    try:
        return json.loads(content.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def context_of(metadata: Json) -> Context:
    """Return the metadata's context. Raises NotJsonLd."""
    if "@context" not in metadata:
        raise NotJsonLd("there is no @context; it should be https://schema.org/")
    given = metadata["@context"]
    vocab, terms = "", {}
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, str):
            # Other addresses cannot be fetched: what they define is not known.
            vocab = "https://schema.org/" if "schema.org" in each else vocab
        elif isinstance(each, dict):
            for name, meaning in each.items():
                address = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if not isinstance(address, str):
                    raise NotJsonLd(f"@context: {name} is no address")
                if name == "@vocab":
                    vocab = address
                elif not name.startswith("@"):
                    terms[name] = address
        else:
            raise NotJsonLd("@context is neither an address nor an object")
    return Context(vocab=vocab, terms=terms)


def check_metadata(metadata: Json) -> Found:
    """Return what the rules find in the metadata that hold for a data file."""
    try:
        context = context_of(metadata)
        _checkwords(metadata)
    except NotJsonLd as error:
        return [("INVALID_JSONLD_FORMATTING", str(error))]
    there = {context.word(key) for key, value in metadata.items() if value is not None and not key.startswith("@")}
    found = [("JSON_KEY_REQUIRED", key) for key in REQUIRED_KEYS if key not in there]
    found += [("JSON_KEY_RECOMMENDED", key) for key in RECOMMENDED_KEYS if key not in there]
    kind = _type_of(metadata, context)
    if kind is None:
        return [*found, ("MISSING_DATASET_TYPE", "")]
    if kind != "Dataset":
        return [*found, ("INCORRECT_DATASET_TYPE", str(metadata.get("@type")))]
    return found + _check_object(metadata, context, "")


def variables(metadata: Json) -> list[str]:
    """Return the names of the variables that the metadata measure; none where they are no JSON-LD."""
    try:
        context = context_of(metadata)
    except NotJsonLd:
        return []
    names = []
    for key, value in metadata.items():
        if context.word(key) == "variableMeasured":
            for each in value if isinstance(value, list) else [value]:
                named = each if isinstance(each, str) else _name_of(each, context)
                names += [named] if isinstance(named, str) else []
    return names


def _name_of(thing: Any, context: Context) -> Any:
    if not isinstance(thing, dict):
        return None
    return next((value for key, value in thing.items() if context.word(key) == "name"), None)


def _type_of(thing: Json, context: Context) -> str | None:
    """Return schema.org's type of an object, or what stands there instead; None without one."""
    given = thing.get("@type")
    first = given[0] if isinstance(given, list) and given else given
    if not first:
        return None
    return context.word(first) or context.address(first)


def _checkwords(value: Any, path: str = "") -> None:
    """Raise NotJsonLd for what JSON-LD forbids: unknown words with an at sign, types that are no text, mixed values."""
    if isinstance(value, list):
        for each in value:
            _checkwords(each, path)
    if not isinstance(value, dict):
        return
    unknown = sorted(key for key in value if key.startswith("@") and key not in _JSON_LD_WORDS)
    if unknown:
        raise NotJsonLd(f"{path}{unknown[0]} is no word of JSON-LD")
    given = value.get("@type", [])
    if not all(isinstance(each, str) for each in (given if isinstance(given, list) else [given])):
        raise NotJsonLd(f"{path}@type is no text")
    if "@value" in value and set(value) - {"@value", "@type", "@language", "@direction", "@index"}:
        raise NotJsonLd(f"{path}@value stands beside other keys")
    for key, each in value.items():
        if key != "@context":
            _checkwords(each, f"{path}{key}.")


def _check_object(thing: Json, context: Context, path: str) -> Found:
    """Return what the rules find in an object whose type is schema.org's, and in the objects below it."""
    kind, found = _type_of(thing, context) or "", []
    for key, value in thing.items():
        word = context.word(key)
        if key.startswith("@"):
            continue
        if word is None:
            found.append(("UNKNOWN_NAMESPACE", path + key))
            continue
        if word not in PROPERTIES.get(kind, {word}):
            found.append(("INVALID_SCHEMAORG_PROPERTY", path + key))
            continue
        for each in value if isinstance(value, list) else [value]:
            found += _check_value(each, context, word, path + key) if isinstance(each, dict) else []
    return list(dict.fromkeys(found))


def _check_value(thing: Json, context: Context, word: str, path: str) -> Found:
    if "@value" in thing or set(thing) == {"@id"}:
        return []
    kind = _type_of(thing, context)
    if kind is None:
        return [("OBJECT_TYPE_MISSING", path)]
    if kind not in TYPES_TAKEN.get(word, {kind}):
        return [("INVALID_OBJECT_TYPE", f"{path}: {kind}")]
    return _check_object(thing, context, f"{path}.")
