// Command example is a DagMesh worker in Go with one handler, for the queue `go`.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/dagmesh/dagmesh/sdk/go/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	address := os.Getenv("DAGMESH_EXECUTOR_ADDRESS")
	if address == "" {
		address = "127.0.0.1:7103"
	}
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	connection, err := grpc.NewClient(address, plain)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	host, _ := os.Hostname()
	err = worker.Run(ctx, connection, worker.Options{
		// New for each start, on each machine.
		ID:       fmt.Sprintf("go-%s-%d", host, os.Getpid()),
		Token:    os.Getenv("DAGMESH_WORKER_TOKEN"),
		Queues:   []string{"go"},
		Handlers: map[string]worker.Handler{"shout": shout},
	})
	if err != nil {
		log.Print(err)
	}
}

func shout(_ context.Context, inputs map[string]any) (any, error) {
	text, ok := inputs["text"].(string)
	if !ok {
		return nil, fmt.Errorf("the input text is no string: %v", inputs["text"])
	}
	return strings.ToUpper(text), nil
}
