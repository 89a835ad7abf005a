// What a handler may return as its error to say how its task ended, if not by failing.

package worker

import (
	"context"
	"fmt"
	"time"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

// Skip ends the task as skipped; the reason tells people why.
type Skip struct{ Reason string }

func (s Skip) Error() string { return s.Reason }

// Final fails the task for good: no retry follows, whatever its policy says.
type Final struct{ Err error }

func (f Final) Error() string { return f.Err.Error() }
func (f Final) Unwrap() error { return f.Err }

// Retry fails the task, to be tried again after Delay instead of the policy's delay.
type Retry struct {
	Err   error
	Delay time.Duration
}

func (r Retry) Error() string { return r.Err.Error() }
func (r Retry) Unwrap() error { return r.Err }

// Reschedule gives the slot back; the task runs again, as the same try, at At.
type Reschedule struct{ At time.Time }

func (r Reschedule) Error() string { return fmt.Sprintf("to be run again at %s", r.At) }

type leaseKey struct{}

// LeaseOf is the lease of the attempt whose handler was given ctx: ids, dates, params, connections. Nil elsewhere.
func LeaseOf(ctx context.Context) *workerv1.Lease {
	lease, _ := ctx.Value(leaseKey{}).(*workerv1.Lease)
	return lease
}
