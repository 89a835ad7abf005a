// How attempts end: what a handler does, in the words of the mesh.

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

// Limits of the contract, in bytes.
const (
	valueSizeMax   = 256 * 1024
	messageSizeMax = 4096
	stackSizeMax   = 16384
	classSizeMax   = 500
	classesMax     = 50
)

// Why an attempt ended before its handler returned.
var (
	errCancelled = errors.New("the attempt was cancelled")
	errLost      = errors.New("the attempt belongs to another worker now")
	errTimeout   = errors.New("the task has run longer than its execution_timeout")
)

type panicError struct {
	cause any
	stack string
}

func (p *panicError) Error() string { return fmt.Sprintf("the task panicked: %v", p.cause) }

// outcomeOf runs the handler and says how it ended; nil when that is no longer this worker's to say.
func outcomeOf(
	ctx context.Context, handler Handler, lease *workerv1.Lease,
) *workerv1.AttemptReport {
	value, err := run(ctx, handler, lease)
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errLost):
		return nil
	case errors.Is(cause, errCancelled):
		return &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_CANCELLED}
	case errors.Is(cause, errTimeout):
		return failure(cause, workerv1.FailureReason_FAILURE_REASON_TIMEOUT)
	case err != nil:
		return endedBy(err)
	case len(value) > valueSizeMax:
		err = fmt.Errorf("the value has %d bytes of JSON, more than %d", len(value), valueSizeMax)
		return failure(err, workerv1.FailureReason_FAILURE_REASON_LIMIT)
	}
	report := &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_SUCCESS}
	if string(value) != "null" {
		report.Xcoms = []*workerv1.XCom{{Key: "return_value", ValueJson: string(value)}}
	}
	return report
}

func run(ctx context.Context, handler Handler, lease *workerv1.Lease) (value []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &panicError{cause, string(debug.Stack())}
		}
	}()
	if handler == nil {
		// Trying again on the same program cannot help.
		return nil, Final{fmt.Errorf("there is no handler %q here", lease.Handler)}
	}
	inputs := map[string]any{}
	if err := json.Unmarshal([]byte(lease.InputsJson), &inputs); err != nil {
		return nil, err
	}
	result, err := handler(context.WithValue(ctx, leaseKey{}, lease), inputs)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// endedBy says how a task ended whose handler returned an error.
func endedBy(err error) *workerv1.AttemptReport {
	var skip Skip
	if errors.As(err, &skip) {
		reason := cut(skip.Reason, messageSizeMax)
		return &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_SKIPPED, Reason: reason}
	}
	var again Reschedule
	if errors.As(err, &again) {
		at := timestamppb.New(again.At)
		return &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_RESCHEDULED, RescheduleAt: at}
	}
	report := failure(err, workerv1.FailureReason_FAILURE_REASON_EXCEPTION)
	var final Final
	report.Error.IsFinal = errors.As(err, &final)
	if retry := (Retry{}); errors.As(err, &retry) {
		report.Error.RetryDelay = durationpb.New(max(0, retry.Delay))
	}
	return report
}

// classes are the types of an error and of those it wraps or joins, each before what is inside it, as errors.Is
// looks for them; without the words of this package.
func classes(err error) []string {
	var names []string
	var add func(error)
	add = func(err error) {
		if err == nil || len(names) >= classesMax {
			return
		}
		switch err.(type) {
		case Final, Retry:
		default:
			names = append(names, cut(fmt.Sprintf("%T", err), classSizeMax))
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, each := range joined.Unwrap() {
				add(each)
			}
			return
		}
		add(errors.Unwrap(err))
	}
	add(err)
	return names
}

func failure(err error, reason workerv1.FailureReason) *workerv1.AttemptReport {
	told := &workerv1.AttemptError{Message: cut(err.Error(), messageSizeMax), Reason: reason}
	if names := classes(err); len(names) > 0 {
		told.ErrorClass, told.ErrorClassAncestors = names[0], names[1:]
	}
	if errors.Is(err, errTimeout) {
		// The mesh's word, which retry rules may name.
		told.ErrorClass = "TaskTimeout"
	}
	if panicked := (*panicError)(nil); errors.As(err, &panicked) {
		told.Stack = cut(panicked.stack, stackSizeMax)
	}
	return &workerv1.AttemptReport{Outcome: workerv1.Outcome_OUTCOME_FAILED, Error: told}
}

// cut keeps as much of the text as fits into size bytes of valid UTF-8.
func cut(text string, size int) string {
	if len(text) > size {
		text = text[:size]
	}
	return strings.ToValidUTF8(text, "")
}
