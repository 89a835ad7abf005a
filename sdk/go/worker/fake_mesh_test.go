// A mesh in the same program, for tests.

package worker

import (
	"context"
	"net"
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

const deadline = time.Minute

// fakeMesh gives out one lease and remembers what a worker says.
type fakeMesh struct {
	workerv1.UnimplementedWorkerServiceServer
	connection grpc.ClientConnInterface
	leases     chan *workerv1.Lease
	reports    chan *workerv1.AttemptReport
	// To be set before a lease is given out.
	heartbeat answers
}

// answers says what the heartbeat of an attempt is told.
type answers func(token string) (*workerv1.HeartbeatResponse, error)

// toBeLost is the token of an attempt that is lost after a short silence. Others have a minute, so
// that a busy machine loses none.
const toBeLost = "lost"

func (m *fakeMesh) AcquireTasks(
	ctx context.Context, _ *workerv1.AcquireTasksRequest,
) (*workerv1.AcquireTasksResponse, error) {
	if md, _ := metadata.FromIncomingContext(ctx); md["authorization"][0] != "Bearer the-token" {
		return nil, status.Error(codes.Unauthenticated, "no such token")
	}
	answer := &workerv1.AcquireTasksResponse{
		HeartbeatInterval: durationpb.New(50 * time.Millisecond),
		LeaseTtl:          durationpb.New(time.Minute),
	}
	select {
	case lease := <-m.leases:
		answer.Leases = []*workerv1.Lease{lease}
		if lease.AttemptToken == toBeLost {
			answer.LeaseTtl = durationpb.New(250 * time.Millisecond)
		}
	case <-ctx.Done():
	}
	return answer, nil
}

func (m *fakeMesh) Heartbeat(
	_ context.Context, request *workerv1.HeartbeatRequest,
) (*workerv1.HeartbeatResponse, error) {
	return m.heartbeat(request.AttemptTokens[0])
}

func (m *fakeMesh) ReportTasks(
	_ context.Context, request *workerv1.ReportTasksRequest,
) (*workerv1.ReportTasksResponse, error) {
	for _, report := range request.Reports {
		m.reports <- report
	}
	return &workerv1.ReportTasksResponse{}, nil
}

// tells answers every heartbeat alike.
func tells(answer *workerv1.HeartbeatResponse, err error) answers {
	return func(string) (*workerv1.HeartbeatResponse, error) { return answer, err }
}

func startMesh(t *testing.T, handlers map[string]Handler) *fakeMesh {
	t.Helper()
	mesh := &fakeMesh{
		leases:    make(chan *workerv1.Lease, 1),
		reports:   make(chan *workerv1.AttemptReport, 1),
		heartbeat: tells(&workerv1.HeartbeatResponse{}, nil),
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
