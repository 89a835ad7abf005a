"""`DagTest(dag)`: runs a DAG in this process, on a virtual clock, as the scheduler decides."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from google.protobuf.json_format import MessageToDict

from dagmesh.authoring.asset import Asset
from dagmesh.authoring.checks import Span, names_its_options
from dagmesh.authoring.dag import DAG
from dagmesh.authoring.wire import instant_of
from dagmesh.errors import AuthoringError
from dagmesh.running.settings import Connection
from dagmesh.testing.cast import Cast, asset_names_of, dags_of
from dagmesh.testing.errors import DagTestError, bad_request
from dagmesh.testing.performer import Performer
from dagmesh.testing.runs import LogLine, PlayedRun, instant_of_ms, ms_of, run_of
from dagmesh.testing.simulator import PROTOCOL_VERSION, Message, Simulator
from dagmesh.testing.world import connections_of, count_of, pools_of, span_of, variables_of

_START_DATE = datetime(2026, 1, 1, tzinfo=timezone.utc)
# As long as a patient person waits for a unit test.
BODY_TIMEOUT_S = 60.0
_UNSET: Any = object()


class DagTest:
    """DAGs under test; close it when it is done, or use it in a `with` statement.

    `bodies` puts functions in the place of those of tasks: one, or a list with one for each try.
    The clock begins at `start_date`: the DAGs' earliest one, or 2026-01-01, by default. `pools` are
    slots by name, `slots` how many attempts run at once. `variables` and `connections` (by id, with
    the fields of `Connection`) are what tasks find. After `attempts_max` attempts a play is taken
    for endless. A body may run for `body_timeout` of real time (timedelta or seconds).

    Dates are ISO texts or datetimes, in UTC where they name no zone. `dag_id` and `run_id` may be
    left out where there is one DAG and its latest run is meant. Methods raise a DagTestError that
    says what to do when they are asked for something that cannot be.
    """

    @names_its_options('DagTest', refusal=bad_request)
    def __init__(
        self,
        dags: DAG | Sequence[DAG],
        *,
        bodies: Mapping[str, Any] | None = None,
        start_date: str | datetime | None = None,
        pools: Mapping[str, int] | None = None,
        slots: int | None = None,
        variables: Mapping[str, str] | None = None,
        connections: Mapping[str, Connection | Mapping[str, Any]] | None = None,
        attempts_max: int | None = None,
        body_timeout: Span = BODY_TIMEOUT_S,
    ) -> None:
        all_dags = dags_of(dags)
        cast = Cast(all_dags, bodies or {})
        starts = [dag.start_date for dag in all_dags if dag.start_date is not None]
        start = _instant('start_date', start_date) or min(starts, default=_START_DATE)
        options = {
            'start_ms': ms_of(start),
            'pools': pools_of(pools or {}),
            'slots': count_of('slots', slots),
            'variables': variables_of(variables or {}),
            'connections': connections_of(connections or {}),
            'attempts_max': count_of('attempts_max', attempts_max),
        }
        self._now_ms = 0.0
        self._asks_count = 0
        self._logs: dict[tuple[str, str], list[LogLine]] = {}
        written = cast.specs()
        self._assets = {name for spec in written for name in asset_names_of(MessageToDict(spec))}
        specs = [base64.b64encode(spec.SerializeToString()).decode() for spec in written]
        limit_s = span_of('body_timeout', body_timeout)
        self._simulator = Simulator()
        self._performer = Performer(self._simulator, cast, self._take, body_timeout_s=limit_s)
        try:
            self._ask('open', version=PROTOCOL_VERSION, specs=specs, options=_told(options))
        except BaseException:
            self.close()
            raise

    @property
    def now(self) -> datetime:
        """The virtual clock."""
        return instant_of_ms(self._now_ms)

    @names_its_options('run', refusal=bad_request)
    def run(
        self,
        *,
        logical_date: str | datetime | None = None,
        params: Mapping[str, Any] | None = None,
        partition_key: str = '',
        until: str | datetime | None = None,
        dag_id: str = '',
        run_id: str = '',
    ) -> PlayedRun:
        """Makes a run and plays it until it is over, or nothing goes on: then `waits` says why.

        The clock stops at `until`, however far the run is.
        """
        made = self._ask(
            'trigger',
            dag_id=dag_id,
            run_id=run_id,
            params=params,
            partition_key=partition_key,
            logical_date_ms=_ms('logical_date', logical_date),
        )
        return self.play(until=until, dag_id=made['dag_id'], run_id=made['run_id'])

    def play(
        self, *, until: str | datetime | None = None, dag_id: str = '', run_id: str = ''
    ) -> PlayedRun:
        """Plays a run on, e.g. after an answer to a question."""
        until_ms = _ms('until', until)
        return self._run_of(self._ask('play', dag_id=dag_id, run_id=run_id, until_ms=until_ms))

    def advance(self, *, until: str | datetime) -> list[PlayedRun]:
        """Lets the schedules run until an instant; the runs that were made on the way, in order."""
        return [self._run_of(told) for told in self._ask('advance', until_ms=_ms('until', until))]

    def runs(self, dag_id: str = '') -> list[PlayedRun]:
        """All runs, earliest first."""
        return [self._run_of(told) for told in self._ask('runs', dag_id=dag_id)]

    def fire(
        self,
        task: str,
        *,
        event: Any = _UNSET,
        error: str = '',
        is_skip: bool = False,
        dag_id: str = '',
        run_id: str = '',
    ) -> None:
        """Lets the trigger fire that a task waits for: with an event, an error, or a skip.

        Timers fire by themselves.
        """
        told = {} if event is _UNSET else {'event': event}
        where = {'dag_id': dag_id, 'run_id': run_id}
        self._ask('fire', task=task, error=error, is_skip=is_skip, **where, **told)

    def respond(
        self,
        task: str,
        *,
        choose: str | Sequence[str],
        params_input: Mapping[str, Any] | None = None,
        by: str = '',
        dag_id: str = '',
        run_id: str = '',
    ) -> None:
        """Answers the question that a task waits with."""
        chosen = [choose] if isinstance(choose, str) else list(choose)
        where = {'dag_id': dag_id, 'run_id': run_id}
        told = {'chosen_options': chosen, 'params': params_input, 'actor': by}
        self._ask('respond', task=task, **told, **where)

    def update_asset(
        self,
        asset: str | Asset,
        extra: Mapping[str, Any] | None = None,
        *,
        partition_key: str = '',
    ) -> None:
        """Updates an asset from outside, e.g. one that DAGs of others make."""
        name = asset.name if isinstance(asset, Asset) else asset
        if name not in self._assets:
            known = ', '.join(sorted(self._assets)) or 'none'
            raise DagTestError(
                'asset_not_found', f'no DAG of this test names the asset {name!r}; it has {known}'
            )
        self._ask('update_asset', name=name, extra=extra, partition_key=partition_key)

    def explain(self, task: str, *, dag_id: str = '', run_id: str = '') -> str:
        """Why a task instance waits, in a sentence."""
        told = self._ask('explain', task=task, dag_id=dag_id, run_id=run_id)
        return str(told['summary'])

    def close(self) -> None:
        """Ends the test; again is fine."""
        self._performer.stop()
        self._simulator.close()

    def __enter__(self) -> DagTest:
        return self

    def __exit__(self, *_error: Any) -> None:
        self.close()

    def _ask(self, op: str, **fields: Any) -> Any:
        self._asks_count += 1
        self._simulator.say({'op': op, 'id': self._asks_count, **_told(fields)})
        while True:
            message = self._simulator.hear()
            if 'event' in message:
                self._performer.hear(message)
            elif message['answer'] == self._asks_count:
                return self._answer_of(message)

    def _answer_of(self, message: Message) -> Any:
        if 'error' in message:
            raise DagTestError(message['error']['name'], message['error']['message'])
        self._now_ms = message['ok']['now_ms']
        return message['ok'].get('result')

    def _take(self, dag_id: str, run_id: str, line: LogLine) -> None:
        self._logs.setdefault((dag_id, run_id), []).append(line)

    def _run_of(self, told: Mapping[str, Any]) -> PlayedRun:
        return run_of(told, self._logs.get((told['dag_id'], told['run_id']), []))


def _instant(name: str, value: str | datetime | None) -> datetime | None:
    try:
        return instant_of(value, name)
    except AuthoringError as error:
        raise bad_request(error.cause_text) from None


def _ms(name: str, value: str | datetime | None) -> float | None:
    instant = _instant(name, value)
    return None if instant is None else ms_of(instant)


def _told(fields: Mapping[str, Any]) -> Message:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}
