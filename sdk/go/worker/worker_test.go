// A worker against a mesh in the same program.

package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/durationpb"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

const deadline = 20 * time.Second

// fakeMesh gives out one lease and remembers what a worker says.
type fakeMesh struct {
	workerv1.UnimplementedWorkerServiceServer
	connection grpc.ClientConnInterface
	leases     chan *workerv1.Lease
	reports    chan *workerv1.AttemptReport
	// To be set before a lease is given out.
	heartbeat func() (*workerv1.HeartbeatResponse, error)
}

func (m *fakeMesh) AcquireTasks(
	ctx context.Context, _ *workerv1.AcquireTasksRequest,
) (*workerv1.AcquireTasksResponse, error) {
	if md, _ := metadata.FromIncomingContext(ctx); md["authorization"][0] != "Bearer the-token" {
		return nil, status.Error(codes.Unauthenticated, "no such token")
	}
	answer := &workerv1.AcquireTasksResponse{
		HeartbeatInterval: durationpb.New(50 * time.Millisecond),
		LeaseTtl:          durationpb.New(250 * time.Millisecond),
	}
	select {
	case lease := <-m.leases:
		answer.Leases = []*workerv1.Lease{lease}
	case <-ctx.Done():
	}
	return answer, nil
}

func (m *fakeMesh) Heartbeat(
	context.Context, *workerv1.HeartbeatRequest,
) (*workerv1.HeartbeatResponse, error) {
	return m.heartbeat()
}

func (m *fakeMesh) ReportTasks(
	_ context.Context, request *workerv1.ReportTasksRequest,
) (*workerv1.ReportTasksResponse, error) {
	for _, report := range request.Reports {
		m.reports <- report
	}
	return &workerv1.ReportTasksResponse{}, nil
}

func startMesh(t *testing.T, handlers map[string]Handler) *fakeMesh {
	t.Helper()
	mesh := &fakeMesh{
		leases:  make(chan *workerv1.Lease, 1),
		reports: make(chan *workerv1.AttemptReport, 1),
		heartbeat: func() (*workerv1.HeartbeatResponse, error) {
			return &workerv1.HeartbeatResponse{}, nil
		},
	}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	workerv1.RegisterWorkerServiceServer(server, mesh)
	go func() { _ = server.Serve(listener) }()
	dial := func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }
	connection, err := grpc.NewClient("passthrough:mesh", grpc.WithContextDialer(dial),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	mesh.connection = connection
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	options := Options{ID: "w", Token: "the-token", Queues: []string{"go"}, Handlers: handlers}
	go func() {
		_ = Run(ctx, connection, options)
		close(stopped)
	}()
	t.Cleanup(func() {
		stop()
		<-stopped
		_ = connection.Close()
		server.Stop()
	})
	return mesh
}

func (m *fakeMesh) run(t *testing.T, lease *workerv1.Lease) *workerv1.AttemptReport {
	t.Helper()
	lease.AttemptToken = "t"
	if lease.InputsJson == "" {
		lease.InputsJson = "{}"
	}
	m.leases <- lease
	select {
	case report := <-m.reports:
		return report
	case <-time.After(deadline):
		t.Fatal("waited for a report")
		return nil
	}
}

func TestOutcomes(t *testing.T) {
	mesh := startMesh(t, map[string]Handler{
		"add": func(_ context.Context, inputs map[string]any) (any, error) {
			return inputs["a"].(float64) + inputs["b"].(float64), nil
		},
		"nothing": func(context.Context, map[string]any) (any, error) { return nil, nil },
		"break": func(context.Context, map[string]any) (any, error) {
			return nil, errors.New("no such day")
		},
		"panic": func(context.Context, map[string]any) (any, error) { panic("oh") },
		"flood": func(context.Context, map[string]any) (any, error) {
			return strings.Repeat("x", 300_000), nil
		},
	})
	for _, expected := range []struct {
		name, handler, value, message string
	}{
		{"what a handler returns is the return value", "add", "3", ""},
		{"a handler that returns nil pushes nothing", "nothing", "", ""},
		{"an error fails the task", "break", "", "no such day"},
		{"a panic fails the task", "panic", "", "the task panicked: oh"},
		{"a value that is too large fails", "flood", "", "the value has 300002 bytes of JSON"},
		{"a handler that is not there fails", "absent", "", `there is no handler "absent" here`},
	} {
		t.Run(expected.name, func(t *testing.T) {
			lease := &workerv1.Lease{Handler: expected.handler, InputsJson: `{"a": 1, "b": 2}`}
			report := mesh.run(t, lease)
			value := ""
			for _, xcom := range report.Xcoms {
				value = xcom.ValueJson
			}
			message := report.GetError().GetMessage()
			if value != expected.value || !strings.HasPrefix(message, expected.message) {
				t.Errorf("value %q, message %q", value, message)
			}
			succeeded := report.Outcome == workerv1.Outcome_OUTCOME_SUCCESS
			if succeeded != (expected.message == "") || report.AttemptToken != "t" {
				t.Errorf("report %v", report)
			}
		})
	}
}

func TestErrorsThatSayHowATaskEnded(t *testing.T) {
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	broken := fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist})
	returning := func(err error) Handler {
		return func(context.Context, map[string]any) (any, error) { return nil, err }
	}
	mesh := startMesh(t, map[string]Handler{
		"skip":       returning(Skip{"nothing to do"}),
		"final":      returning(Final{broken}),
		"retry":      returning(fmt.Errorf("busy: %w", Retry{broken, time.Minute})),
		"reschedule": returning(Reschedule{at}),
		"tell": func(ctx context.Context, _ map[string]any) (any, error) {
			return LeaseOf(ctx).RunId, nil
		},
	})
	report := func(handler string) *workerv1.AttemptReport {
		return mesh.run(t, &workerv1.Lease{Handler: handler, RunId: "a_run"})
	}
	skip := report("skip")
	if skip.Outcome != workerv1.Outcome_OUTCOME_SKIPPED || skip.Reason != "nothing to do" {
		t.Errorf("report %v", skip)
	}
	final := report("final").Error
	if !final.IsFinal || final.ErrorClass != "*fmt.wrapError" || final.ErrorClassAncestors[0] != "*fs.PathError" {
		t.Errorf("error %v", final)
	}
	if retry := report("retry").Error; retry.IsFinal || retry.RetryDelay.AsDuration() != time.Minute {
		t.Errorf("error %v", retry)
	}
	if again := report("reschedule"); !again.RescheduleAt.AsTime().Equal(at) {
		t.Errorf("report %v", again)
	}
	if told := report("tell"); told.Xcoms[0].ValueJson != `"a_run"` {
		t.Errorf("report %v", told)
	}
	if !report("absent").Error.IsFinal {
		t.Error("a missing handler is tried again")
	}
}

func TestAnErrorTellsTheTypesOfAllThatItWrapsAndJoins(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	err := Final{fmt.Errorf("loading: %w", errors.Join(path, context.DeadlineExceeded))}
	told := endedBy(err).Error
	got := append([]string{told.ErrorClass}, told.ErrorClassAncestors...)
	want := []string{
		"*fmt.wrapError", "*errors.joinError", "*fs.PathError", "*errors.errorString",
		"context.deadlineExceededError",
	}
	if !slices.Equal(got, want) {
		t.Errorf("classes %v", got)
	}
}

func TestAWorkerThatIsRefusedSaysSo(t *testing.T) {
	mesh := startMesh(t, nil)
	err := Run(context.Background(), mesh.connection, Options{ID: "w", Token: "wrong"})
	if err == nil || !strings.Contains(err.Error(), "no such token") {
		t.Errorf("error %v", err)
	}
}

func TestHeartbeatsGoOnUntilTheHandlerHasReturned(t *testing.T) {
	returned := make(chan struct{})
	mesh := startMesh(t, map[string]Handler{
		"clean up": func(ctx context.Context, _ map[string]any) (any, error) {
			<-ctx.Done()
			<-returned
			return nil, nil
		},
	})
	count := 0
	mesh.heartbeat = func() (*workerv1.HeartbeatResponse, error) {
		if count++; count == 10 {
			close(returned)
		}
		return &workerv1.HeartbeatResponse{CancelledAttemptIds: []string{"a"}}, nil
	}
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
	ends := func(answer *workerv1.HeartbeatResponse, err error) func() (*workerv1.HeartbeatResponse, error) {
		return func() (*workerv1.HeartbeatResponse, error) { return answer, err }
	}

	t.Run("a cancel is reported", func(t *testing.T) {
		mesh := startMesh(t, waiting)
		mesh.heartbeat = ends(&workerv1.HeartbeatResponse{CancelledAttemptIds: []string{"a"}}, nil)
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
		mesh := startMesh(t, waiting)
		fresh := []*workerv1.RefreshedToken{{AttemptToken: "fresh"}}
		mesh.heartbeat = ends(&workerv1.HeartbeatResponse{RefreshedTokens: fresh}, nil)
		limit := durationpb.New(200 * time.Millisecond)
		report := mesh.run(t, &workerv1.Lease{Handler: "wait", ExecutionTimeout: limit})
		if report.AttemptToken != "fresh" {
			t.Errorf("report %v", report)
		}
	})
	for name, heartbeat := range map[string]func() (*workerv1.HeartbeatResponse, error){
		"a lost attempt is not reported": ends(&workerv1.HeartbeatResponse{LostAttemptIds: []string{"a"}}, nil),
		"a silent mesh ends the attempt": ends(nil, status.Error(codes.Unavailable, "silent")),
	} {
		t.Run(name, func(t *testing.T) {
			mesh := startMesh(t, waiting)
			mesh.heartbeat = heartbeat
			mesh.leases <- &workerv1.Lease{Handler: "wait", AttemptToken: "lost", InputsJson: "{}"}
			report := mesh.run(t, &workerv1.Lease{Handler: "finish"})
			if report.AttemptToken != "t" {
				t.Errorf("report %v", report)
			}
		})
	}
}
