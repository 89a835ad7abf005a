// The watch over one attempt: heartbeats, and what they bring up.

package worker

import (
	"context"
	"time"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

// watch keeps one attempt alive and ends it when it must end. Its token is free to read once run is over.
type watch struct {
	*runner
	token string
	end   context.CancelCauseFunc
}

// run sends heartbeats until ctx ends: as long as the handler has not returned, whatever it was told,
// because an attempt that falls silent counts as lost. Nothing heard for ttl-beat ends it, counted from
// when the last heartbeat that was answered was sent: the mesh may give it to another worker then.
func (w *watch) run(ctx context.Context, beat, ttl time.Duration) {
	silence := time.AfterFunc(ttl-beat, func() { w.end(errLost) })
	defer silence.Stop()
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		sent := time.Now()
		if w.beat(ctx, beat) {
			silence.Reset(ttl - beat - time.Since(sent))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// beat sends one heartbeat; it answers whether the mesh was heard.
func (w *watch) beat(ctx context.Context, timeout time.Duration) bool {
	call, done := w.call(ctx, timeout)
	defer done()
	tokens := []string{w.token}
	request := &workerv1.HeartbeatRequest{WorkerId: w.ID, AttemptTokens: tokens}
	answer, err := w.client.Heartbeat(call, request)
	if err != nil {
		return false
	}
	for _, refreshed := range answer.RefreshedTokens {
		w.token = refreshed.AttemptToken
	}
	if len(answer.LostAttemptIds) > 0 {
		w.end(errLost)
	}
	if len(answer.CancelledAttemptIds) > 0 {
		w.end(errCancelled)
	}
	return true
}
