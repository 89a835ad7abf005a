"""How a question to people is written in the contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagmesh.authoring.checks import Span, json_of, require, require_text, seconds_of, texts_of
from dagmesh.authoring.param import REQUIRED, params_of
from dagmesh.authoring.wire import Wire, duration_text, without_blanks


def question_wire(
    *,
    subject: str,
    options: Sequence[str],
    body: str = '',
    defaults: str | Sequence[str] | None = None,
    multiple: bool = False,
    params: Mapping[str, Any] | None = None,
    assigned_users: str | Sequence[str] = (),
    timeout: Span | None = None,
) -> Wire:
    """The HumanInputSpec of a question.

    `params` is a form that is filled in beside the choice; `defaults` are chosen when the time is
    over. Without `assigned_users`, every user who may change runs may answer.
    """
    require_text('subject', subject, 1000, least=1)
    require_text('body', body, 100_000)
    chosen = texts_of('options', options, 1000)
    is_set = len(chosen) >= 1 and len(set(chosen)) == len(chosen)
    require(is_set, 'options', options, 'at least one answer, each once')
    given = texts_of('defaults', defaults or (), 1000)
    require(set(given) <= set(chosen), 'defaults', defaults, 'among the options')
    require(multiple or len(given) <= 1, 'defaults', defaults, 'one, or multiple must be True')
    fields: Wire = {
        'subject': subject,
        'body': body,
        'options': chosen,
        'defaults': given,
        'is_multiple': multiple,
        'assigned_users': texts_of('assigned_users', assigned_users, 1000),
        **_form_of(params or {}),
    }
    if timeout is not None:
        seconds_of(timeout, 'timeout')
        fields['timeout'] = duration_text(timeout)
    return without_blanks(fields)


def _form_of(params: Mapping[str, Any]) -> Wire:
    """A form as the JSON Schema of an object, and its defaults."""
    if not params:
        return {}
    fields = params_of(params)
    described = {
        name: {**field.schema, **without_blanks({'description': field.description})}
        for name, field in fields.items()
    }
    required = [name for name, field in fields.items() if field.default is REQUIRED]
    schema = {'type': 'object', 'properties': described, 'required': required}
    defaults = {name: each.default for name, each in fields.items() if each.default is not REQUIRED}
    return {
        'params_schema_json': json_of('params', schema),
        'params_json': json_of('params', defaults),
    }
