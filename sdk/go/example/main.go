// Command example is a DagMesh worker in Go that speaks only the calls of WorkerService that need no stream: it acquires one
// task at a time, keeps it alive, runs its handler and reports the outcome.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/durationpb"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

// Handler is the code of a task: from its inputs by name to what it returns. Its context ends when the attempt must end.
type Handler func(ctx context.Context, inputs map[string]any) (any, error)

var handlers = map[string]Handler{
	"shout": func(_ context.Context, inputs map[string]any) (any, error) {
		text, ok := inputs["text"].(string)
		if !ok {
			return nil, fmt.Errorf("the input text is no string: %v", inputs["text"])
		}
		return strings.ToUpper(text), nil
	},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	address := envOr("DAGMESH_EXECUTOR_ADDRESS", "127.0.0.1:7103")
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	worker := &Worker{
		ID:       fmt.Sprintf("go-%d", os.Getpid()),
		Queues:   strings.Split(envOr("DAGMESH_WORKER_QUEUES", "go"), ","),
		Token:    os.Getenv("DAGMESH_WORKER_TOKEN"),
		Handlers: handlers,
		Client:   workerv1.NewWorkerServiceClient(connection),
	}
	if err := worker.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

// Worker runs tasks one after another.
type Worker struct {
	ID       string
	Queues   []string
	Token    string
	Handlers map[string]Handler
	Client   workerv1.WorkerServiceClient
}

// Run works until ctx ends; a task that runs by then is finished first.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		answer, err := w.Client.AcquireTasks(w.signedIn(ctx), &workerv1.AcquireTasksRequest{
			WorkerId: w.ID, Queues: w.Queues, Slots: 1, Wait: durationpb.New(15 * time.Second), Language: "go",
		})
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			log.Printf("no answer: %v", err)
			time.Sleep(time.Second)
			continue
		}
		for _, lease := range answer.Leases {
			w.work(context.WithoutCancel(ctx), lease, answer.HeartbeatInterval.AsDuration())
		}
	}
	return nil
}

// work runs one attempt and reports it, unless the mesh has given it to another worker meanwhile.
func (w *Worker) work(ctx context.Context, lease *workerv1.Lease, every time.Duration) {
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	go w.keepAlive(running, end, lease, every)
	report := w.outcome(running, lease)
	switch context.Cause(running) {
	case errLost:
		return
	case errCancelled:
		report = &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_CANCELLED}
	}
	report.AttemptToken = lease.AttemptToken
	request := &workerv1.ReportTasksRequest{WorkerId: w.ID, Reports: []*workerv1.AttemptReport{report}}
	// Reports are idempotent, so an answer that was lost is asked for again.
	for range 60 {
		if _, err := w.Client.ReportTasks(w.signedIn(ctx), request); err == nil {
			return
		}
		time.Sleep(time.Second)
	}
}

func (w *Worker) outcome(ctx context.Context, lease *workerv1.Lease) *workerv1.AttemptReport {
	value, err := w.call(ctx, lease)
	if err != nil {
		return &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_FAILED, Error: &workerv1.AttemptError{
			ErrorClass: fmt.Sprintf("%T", err), Message: err.Error(),
			Reason: workerv1.FailureReason_FAILURE_REASON_EXCEPTION,
		}}
	}
	return &workerv1.AttemptReport{
		Outcome: workerv1.Outcome_OUTCOME_SUCCESS,
		Xcoms:   []*workerv1.XCom{{Key: "return_value", ValueJson: value}},
	}
}

func (w *Worker) call(ctx context.Context, lease *workerv1.Lease) (value string, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the task panicked: %v", panicked)
		}
	}()
	handler, ok := w.Handlers[lease.Handler]
	if !ok {
		return "", fmt.Errorf("there is no handler %q here", lease.Handler)
	}
	inputs := map[string]any{}
	if err := json.Unmarshal([]byte(lease.InputsJson), &inputs); err != nil {
		return "", err
	}
	result, err := handler(ctx, inputs)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(result)
	return string(text), err
}

var (
	errLost      = fmt.Errorf("the attempt belongs to another worker now")
	errCancelled = fmt.Errorf("the attempt was cancelled")
)

// keepAlive sends heartbeats until the attempt ends, and ends it when the mesh says so.
func (w *Worker) keepAlive(
	ctx context.Context, end context.CancelCauseFunc, lease *workerv1.Lease, every time.Duration,
) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		request := &workerv1.HeartbeatRequest{WorkerId: w.ID, AttemptTokens: []string{lease.AttemptToken}}
		answer, err := w.Client.Heartbeat(w.signedIn(ctx), request)
		if err != nil {
			continue
		}
		if len(answer.LostAttemptIds) > 0 {
			end(errLost)
		}
		if len(answer.CancelledAttemptIds) > 0 {
			end(errCancelled)
		}
	}
}

func (w *Worker) signedIn(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+w.Token)
}

func envOr(name, otherwise string) string {
	if text := os.Getenv(name); text != "" {
		return text
	}
	return otherwise
}
