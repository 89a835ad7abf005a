// A worker that the mesh does not let in.

package worker

import (
	"context"
	"strings"
	"testing"
)

func TestAWorkerThatIsRefusedSaysSo(t *testing.T) {
	mesh := startMesh(t, nil)
	err := Run(context.Background(), mesh.connection, Options{ID: "w", Token: "wrong"})
	if err == nil || !strings.Contains(err.Error(), "no such token") {
		t.Errorf("error %v", err)
	}
}
