// Package worker runs tasks of a DagMesh in Go, one at a time, with the calls that need no stream.
package worker

import (
	"context"
	"fmt"
	"log"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

const (
	acquireWait    = 15 * time.Second
	callTimeout    = 10 * time.Second
	retryPause     = time.Second
	reportTriesMax = 120
	// Where an answer says nothing about them.
	beatDefault = 5 * time.Second
	ttlDefault  = 15 * time.Second
)

// Handler is the code of a task: from its inputs by name to what it returns, both as JSON knows them. As its error it may
// return Skip, Final, Retry or Reschedule. Its context ends when the attempt must end: it was cancelled, lost, or its time
// is over; LeaseOf tells what it is about.
type Handler func(ctx context.Context, inputs map[string]any) (any, error)

// Options say who a worker is and what it can do.
type Options struct {
	// ID is unique in the mesh and new for each start of the program.
	ID string
	// Token is what a worker signs in with.
	Token string
	// Queues are served in no particular order.
	Queues []string
	// Handlers by the name that tasks call them by.
	Handlers map[string]Handler
}

type runner struct {
	Options
	client workerv1.WorkerServiceClient
}

// Run takes tasks until ctx ends; a task that runs by then is finished first. It returns an error when the executor will
// not have this worker, so that trying again is no use.
func Run(ctx context.Context, connection grpc.ClientConnInterface, options Options) error {
	r := &runner{options, workerv1.NewWorkerServiceClient(connection)}
	for ctx.Err() == nil {
		answer, err := r.acquire(ctx)
		if err != nil {
			if isRefusal(err) {
				return fmt.Errorf("the executor refuses this worker: %w", err)
			}
			if ctx.Err() == nil {
				log.Printf("no work could be asked for: %v", err)
				pause(ctx, retryPause)
			}
			continue
		}
		for _, lease := range answer.Leases {
			beat, ttl := answer.HeartbeatInterval.AsDuration(), answer.LeaseTtl.AsDuration()
			if beat <= 0 || ttl <= beat {
				beat, ttl = beatDefault, ttlDefault
			}
			r.work(context.WithoutCancel(ctx), lease, beat, ttl)
		}
	}
	return nil
}

func isRefusal(err error) bool {
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied, codes.InvalidArgument, codes.Unimplemented:
		return true
	default:
		return false
	}
}

func (r *runner) acquire(ctx context.Context) (*workerv1.AcquireTasksResponse, error) {
	call, done := r.call(ctx, acquireWait+callTimeout)
	defer done()
	return r.client.AcquireTasks(call, &workerv1.AcquireTasksRequest{
		WorkerId: r.ID,
		Queues:   r.Queues,
		Slots:    1,
		Wait:     durationpb.New(acquireWait),
		Language: "go",
	})
}

// work runs one attempt and reports it, unless it belongs to another worker by then.
func (r *runner) work(ctx context.Context, lease *workerv1.Lease, beat, ttl time.Duration) {
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	if limit := lease.ExecutionTimeout.AsDuration(); limit > 0 {
		var stop context.CancelFunc
		running, stop = context.WithTimeoutCause(running, limit, errTimeout)
		defer stop()
	}
	watch := &watch{runner: r, token: lease.AttemptToken, end: end}
	watching, finish := context.WithCancel(ctx)
	defer finish()
	watched := make(chan struct{})
	go func() {
		watch.run(watching, beat, ttl)
		close(watched)
	}()
	outcome := outcomeOf(running, r.Handlers[lease.Handler], lease)
	finish()
	<-watched
	if outcome == nil {
		return
	}
	outcome.AttemptToken = watch.token
	r.report(ctx, outcome)
}

// report says the outcome until the mesh has recorded it, which it does once however often it hears it.
func (r *runner) report(ctx context.Context, outcome *workerv1.AttemptReport) {
	reports := []*workerv1.AttemptReport{outcome}
	request := &workerv1.ReportTasksRequest{WorkerId: r.ID, Reports: reports}
	for range reportTriesMax {
		call, done := r.call(ctx, 4*callTimeout)
		_, err := r.client.ReportTasks(call, request)
		done()
		if err == nil {
			return
		}
		log.Printf("the outcome could not be reported: %v", err)
		pause(ctx, retryPause)
	}
}

func (r *runner) call(ctx context.Context, timeout time.Duration) (context.Context, func()) {
	limited, done := context.WithTimeout(ctx, timeout)
	return metadata.AppendToOutgoingContext(limited, "authorization", "Bearer "+r.Token), done
}

func pause(ctx context.Context, span time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(span):
	}
}
