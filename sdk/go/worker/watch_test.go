// Attempts while they run: how they are kept alive, and what ends them.

package worker

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

// closing closes the channel with the heartbeat of this number.
func closing(channel chan struct{}, number int32, then answers) answers {
	var count atomic.Int32
	return func(token string) (*workerv1.HeartbeatResponse, error) {
		if count.Add(1) == number {
			close(channel)
		}
		return then(token)
	}
}

func TestHeartbeatsGoOnUntilTheHandlerHasReturned(t *testing.T) {
	heard := make(chan struct{})
	mesh := startMesh(t, map[string]Handler{
		"clean up": func(ctx context.Context, _ map[string]any) (any, error) {
			<-ctx.Done()
			<-heard
			return nil, nil
		},
	})
	cancelled := &workerv1.HeartbeatResponse{CancelledAttemptIds: []string{"a"}}
	mesh.heartbeat = closing(heard, 10, tells(cancelled, nil))
	report := mesh.run(t, &workerv1.Lease{Handler: "clean up"})
	if report.Outcome != workerv1.Outcome_OUTCOME_CANCELLED {
		t.Errorf("report %v", report)
	}
}

func waitForEnd(ctx context.Context, _ map[string]any) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAttemptsThatMustEnd(t *testing.T) {
	waiting := map[string]Handler{
		"wait":   waitForEnd,
		"finish": func(context.Context, map[string]any) (any, error) { return "done", nil },
	}

	t.Run("a cancel is reported", func(t *testing.T) {
		mesh := startMesh(t, waiting)
		mesh.heartbeat = tells(&workerv1.HeartbeatResponse{CancelledAttemptIds: []string{"a"}}, nil)
		report := mesh.run(t, &workerv1.Lease{Handler: "wait"})
		if report.Outcome != workerv1.Outcome_OUTCOME_CANCELLED {
			t.Errorf("report %v", report)
		}
	})
	t.Run("the execution timeout fails the task", func(t *testing.T) {
		mesh := startMesh(t, waiting)
		limit := durationpb.New(100 * time.Millisecond)
		report := mesh.run(t, &workerv1.Lease{Handler: "wait", ExecutionTimeout: limit})
		if report.Error.GetReason() != workerv1.FailureReason_FAILURE_REASON_TIMEOUT {
			t.Errorf("report %v", report)
		}
	})
	t.Run("a refreshed token is used from then on", func(t *testing.T) {
		heard := make(chan struct{})
		mesh := startMesh(t, map[string]Handler{
			"wait": func(context.Context, map[string]any) (any, error) {
				<-heard
				return nil, nil
			},
		})
		fresh := []*workerv1.RefreshedToken{{AttemptToken: "fresh"}}
		// One answer that was heard is enough; any of them may be late on a busy machine.
		mesh.heartbeat = closing(heard, 10, tells(&workerv1.HeartbeatResponse{RefreshedTokens: fresh}, nil))
		report := mesh.run(t, &workerv1.Lease{Handler: "wait"})
		if report.AttemptToken != "fresh" {
			t.Errorf("report %v", report)
		}
	})
	for name, heartbeat := range map[string]answers{
		"a lost attempt is not reported": tells(&workerv1.HeartbeatResponse{LostAttemptIds: []string{"a"}}, nil),
		"a silent mesh ends the attempt": tells(nil, status.Error(codes.Unavailable, "silent")),
	} {
		t.Run(name, func(t *testing.T) {
			mesh := startMesh(t, waiting)
			mesh.heartbeat = func(token string) (*workerv1.HeartbeatResponse, error) {
				if token == toBeLost {
					return heartbeat(token)
				}
				return &workerv1.HeartbeatResponse{}, nil
			}
			mesh.leases <- &workerv1.Lease{Handler: "wait", AttemptToken: toBeLost, InputsJson: "{}"}
			report := mesh.run(t, &workerv1.Lease{Handler: "finish"})
			if report.AttemptToken != "t" {
				t.Errorf("report %v", report)
			}
		})
	}
}
