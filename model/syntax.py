"""The syntax of names and labels; what is wrong with one is said in the API server's words."""

from __future__ import annotations

import re
from functools import lru_cache

Problems = tuple[str, ...]
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = f"{_LABEL}(\\.{_LABEL})*"
_NAME = re.compile(_SUBDOMAIN)
_DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_LABEL_VALUE = re.compile(_VALUE)
_PERCENT = "[0-9]+%"
_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_KEY_EXAMPLES = ("MyName", "my.name", "123-abc")
_LONGEST_LABEL, _LONGEST_NAME = 63, 253


@lru_cache(maxsize=65536)
def label_problems(name: str) -> Problems:
    """What keeps a name from being a DNS label, as a StatefulSet's has to be. Source: `IsDNS1123Label`."""
    rule = (
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
        "and must start and end with an alphanumeric character"
    )
    if re.fullmatch(_LABEL, name):
        return _too_long(name, _LONGEST_LABEL)
    if re.fullmatch(_SUBDOMAIN, name):
        return (*_too_long(name, _LONGEST_LABEL), "must not contain dots")
    return (*_too_long(name, _LONGEST_LABEL), _pattern(rule, _LABEL, "my-name", "123-abc"))


def is_name(name: str) -> bool:
    """Whether a name is a DNS subdomain; for names of which most occur once, and aren't worth remembering."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


@lru_cache(maxsize=65536)
def name_problems(name: str) -> Problems:
    """What keeps a name from being a DNS subdomain, as most have to be. Source: `IsDNS1123Subdomain`."""
    rule = (
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
        "and must start and end with an alphanumeric character"
    )
    if re.fullmatch(_SUBDOMAIN, name):
        return _too_long(name, _LONGEST_NAME)
    return (*_too_long(name, _LONGEST_NAME), _pattern(rule, _SUBDOMAIN, "example.com"))


@lru_cache(maxsize=65536)
def service_name_problems(name: str) -> Problems:
    """What keeps a name from being a Service's. Source: `IsDNS1035Label`."""
    rule = (
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
        "start with an alphabetic character, and end with an alphanumeric character"
    )
    if re.fullmatch(_DNS_1035, name):
        return _too_long(name, _LONGEST_LABEL)
    return (*_too_long(name, _LONGEST_LABEL), _pattern(rule, _DNS_1035, "my-name", "abc-123"))


@lru_cache(maxsize=65536)
def key_problems(key: str) -> Problems:
    """What keeps a text from being the key of a label or a taint. Source: apimachinery `IsLabelKey`."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        problem = "a valid label key " + _pattern(_KEY_RULE, _KEY, *_KEY_EXAMPLES)
        return (problem + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    problems: list[str] = []
    if slash and not prefix:
        problems.append("prefix part must be non-empty")
    elif slash:
        problems += (f"prefix part {problem}" for problem in name_problems(prefix))
    if not name:
        problems.append("name part must be non-empty")
    problems += (f"name part {problem}" for problem in _too_long(name, _LONGEST_LABEL))
    if not re.fullmatch(_KEY, name):
        problems.append("name part " + _pattern(_KEY_RULE, _KEY, *_KEY_EXAMPLES))
    return tuple(problems)


def is_value(value: str) -> bool:
    """Whether a text is the value of a label; for many values that occur once."""
    return len(value) <= _LONGEST_LABEL and _LABEL_VALUE.fullmatch(value) is not None


@lru_cache(maxsize=65536)
def value_problems(value: str) -> Problems:
    """What keeps a text from being the value of a label or a taint. Source: apimachinery `IsLabelValue`."""
    rule = (
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
        "and must start and end with an alphanumeric character"
    )
    if re.fullmatch(_VALUE, value):
        return _too_long(value, _LONGEST_LABEL)
    return (*_too_long(value, _LONGEST_LABEL), _pattern(rule, _VALUE, "MyValue", "my_value", "12345"))


def percent_problems(text: str) -> Problems:
    """What keeps a text from being a percentage. Source: apimachinery `IsValidPercent`."""
    rule = "a valid percent string must be a numeric string followed by an ending '%'"
    return () if re.fullmatch(_PERCENT, text) else (_pattern(rule, _PERCENT, "1%", "93%"),)


def _too_long(text: str, longest: int) -> Problems:
    return (f"must be no more than {longest} characters",) if len(text) > longest else ()


def _pattern(rule: str, pattern: str, *examples: str) -> str:
    """Source: apimachinery util/validation `RegexError`; the blanks before `or` are its own."""
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{rule} (e.g. {shown}regex used for validation is '{pattern}')"
