"""What tasks can ask of a mesh while they run: a part of the fake mesh."""

from __future__ import annotations

from typing import Any

import grpc

from dagmesh.gen.dag.v1 import asset_pb2
from dagmesh.gen.worker.v1 import worker_service_pb2 as pb
from dagmesh.gen.worker.v1.worker_service_pb2_grpc import WorkerServiceServicer


class FakeStore(WorkerServiceServicer):
    """Variables, XComs, states and asset events; `calls` remembers every request."""

    def __init__(self) -> None:
        self.makes_calls_stale = False
        self.calls: list[Any] = []
        self.variables: dict[str, str] = {}
        self.xcoms: dict[str, str] = {}
        self.states: dict[tuple[int, str, str], str] = {}
        self.asset_events: list[asset_pb2.AssetEvent] = []

    def GetVariable(
        self, request: pb.GetVariableRequest, context: grpc.ServicerContext
    ) -> pb.GetVariableResponse:
        self.calls.append(request)
        if request.key not in self.variables:
            context.abort(grpc.StatusCode.NOT_FOUND, f'there is no variable {request.key}')
        return pb.GetVariableResponse(value=self.variables[request.key])

    def SetVariable(
        self, request: pb.SetVariableRequest, context: grpc.ServicerContext
    ) -> pb.SetVariableResponse:
        self.calls.append(request)
        if self.makes_calls_stale:
            # As google.rpc.Status with an ErrorInfo; only its reason matters here.
            details = (('grpc-status-details-bin', b'\x08\x09\x1a\x0dstale_attempt'),)
            context.set_trailing_metadata(details)
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, 'the attempt was superseded')
        self.variables[request.key] = request.value
        return pb.SetVariableResponse()

    def DeleteVariable(
        self, request: pb.DeleteVariableRequest, context: grpc.ServicerContext
    ) -> pb.DeleteVariableResponse:
        self.calls.append(request)
        self.variables.pop(request.key, None)
        return pb.DeleteVariableResponse()

    def PushXCom(
        self, request: pb.PushXComRequest, context: grpc.ServicerContext
    ) -> pb.PushXComResponse:
        self.calls.append(request)
        self.xcoms[request.xcom.key] = request.xcom.value_json
        return pb.PushXComResponse()

    def PullXCom(
        self, request: pb.PullXComRequest, context: grpc.ServicerContext
    ) -> pb.PullXComResponse:
        self.calls.append(request)
        if request.key not in self.xcoms:
            context.abort(grpc.StatusCode.NOT_FOUND, f'there is no XCom {request.key}')
        return pb.PullXComResponse(value_json=self.xcoms[request.key])

    def TriggerDagRun(
        self, request: pb.TriggerDagRunRequest, context: grpc.ServicerContext
    ) -> pb.TriggerDagRunResponse:
        self.calls.append(request)
        return pb.TriggerDagRunResponse(run_id=request.run_id or 'manual__now')

    def ListAssetEvents(
        self, request: pb.ListAssetEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListAssetEventsResponse:
        self.calls.append(request)
        return pb.ListAssetEventsResponse(events=self.asset_events)

    def GetState(
        self, request: pb.GetStateRequest, context: grpc.ServicerContext
    ) -> pb.GetStateResponse:
        place = (request.scope, request.asset_name, request.key)
        if place not in self.states:
            context.abort(grpc.StatusCode.NOT_FOUND, 'there is nothing')
        return pb.GetStateResponse(value_json=self.states[place])

    def SetState(
        self, request: pb.SetStateRequest, context: grpc.ServicerContext
    ) -> pb.SetStateResponse:
        self.states[request.scope, request.asset_name, request.key] = request.value_json
        return pb.SetStateResponse()

    def DeleteState(
        self, request: pb.DeleteStateRequest, context: grpc.ServicerContext
    ) -> pb.DeleteStateResponse:
        self.states.pop((request.scope, request.asset_name, request.key), None)
        return pb.DeleteStateResponse()
