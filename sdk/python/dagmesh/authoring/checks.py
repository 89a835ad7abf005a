"""What must hold of anything an author gives: its kind, its length, its range."""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Callable, TypeVar, Union, cast

from dagmesh.authoring.source import refuse

ID_PATTERN = re.compile(r'[A-Za-z0-9_.~:+@-]{1,250}')
ID_WORDS = '1–250 characters of A-Za-z0-9_.~:+@-'

INT32_MAX = 2**31 - 1
DOC_LENGTH_MAX = 100_000

Span = Union[timedelta, int, float]
Method = TypeVar('Method', bound=Callable[..., Any])

# Options of Airflow that nothing here corresponds to: they change nothing about what runs when.
_AIRFLOWS_OWN = frozenset(
    ['access_control', 'auto_register', 'dag_display_name', 'jinja_environment_kwargs']
    + ['owner_links', 'render_template_as_native_obj', 'template_searchpath', 'template_undefined']
    + ['user_defined_filters', 'user_defined_macros', 'allow_nested_operators', 'doc', 'doc_json']
    + ['doc_rst', 'doc_yaml', 'email', 'email_on_failure', 'email_on_retry', 'executor', 'owner']
    + ['executor_config', 'logger_name', 'pre_execute', 'post_execute', 'resources', 'run_as_user']
)


def seconds_of(span: Any, name: str, *, least: float = 0.0) -> float:
    """A span in seconds; refused when it is no span or smaller than `least`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    require(
        is_number and least <= seconds < 1e10, name, span, 'a timedelta, or seconds as a number'
    )
    return float(seconds)


def require(condition: Any, name: str, value: Any, expected: str) -> None:
    """Refuses what an author gave as `name` when the condition does not hold."""
    if not condition:
        raise refuse(f'{name}={value!r} is not allowed: it must be {expected}')


def require_whole(name: str, value: Any, least: int, most: int = INT32_MAX) -> None:
    """Refuses what is no whole number of that range."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    require(is_whole and least <= value <= most, name, value, f'a whole number {least}–{most}')


def require_text(name: str, value: Any, length_max: int, *, least: int = 0) -> None:
    """Refuses what is no text of that length."""
    is_text = isinstance(value, str) and least <= len(value) <= length_max
    shown = value[:50] if isinstance(value, str) else value
    length = f'of {least}–{length_max}' if least else f'of at most {length_max}'
    require(is_text, name, shown, f'a text {length} characters')


def require_flags(owner: Any, names: Iterable[str]) -> None:
    """Refuses attributes of `owner` that are neither True nor False."""
    for name in names:
        value = getattr(owner, name)
        require(isinstance(value, bool), name, value, 'True or False')


def require_member(members: type[Enum], name: str, value: Any) -> None:
    """Refuses what is none of the values of an enum."""
    allowed = [member.value for member in members]
    require(value in allowed, name, value, f'one of {", ".join(allowed)}')


def texts_of(name: str, value: Any, count_max: int, length_max: int = 250) -> list[str]:
    """A list of texts; one text stands for a list of it alone."""
    is_listed = isinstance(value, (str, list, tuple, set, frozenset))
    require(is_listed, name, value, 'a text, or a list of texts')
    is_set = isinstance(value, (set, frozenset))
    # A set has another order in each process, which would make each parse another version.
    texts = [value] if isinstance(value, str) else sorted(value, key=str) if is_set else list(value)
    require(len(texts) <= count_max, name, value, f'at most {count_max} texts')
    for text in texts:
        require_text(name, text, length_max, least=1)
    return texts


def dict_of(name: str, value: Any) -> dict[str, Any]:
    """What an author gave by name; None stands for nothing."""
    require(value is None or isinstance(value, Mapping), name, value, 'a dict')
    return dict(value or {})


def json_of(name: str, value: Any) -> str:
    """The value as JSON; refused when it has no JSON form."""
    try:
        return json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse(f'{name} has no JSON form: {error}') from None


def require_known(
    what: str,
    given: Iterable[str],
    known: Iterable[str],
    *,
    refusal: Callable[[str], Exception] = refuse,
) -> None:
    """Refuses an option that `what` does not have, and says which it has."""
    options = sorted(known)
    for name in sorted(set(given) - set(options)):
        hint = ': it is one of Airflow that has no effect here, leave it out'
        told = hint if name in _AIRFLOWS_OWN else f'; it has {", ".join(options)}'
        raise refusal(f'{what} has no option {name!r}{told}')


def names_its_options(
    what: str, *, refusal: Callable[[str], Exception] = refuse
) -> Callable[[Method], Method]:
    """Decorates a method: `require_known` holds for what it is given by name."""

    def decorate(method: Method) -> Method:
        known = [name for name in inspect.signature(method).parameters if name != 'self']

        @functools.wraps(method)
        def checked(*args: Any, **kwargs: Any) -> Any:
            require_known(what, kwargs, known, refusal=refusal)
            return method(*args, **kwargs)

        return cast(Method, checked)

    return decorate
