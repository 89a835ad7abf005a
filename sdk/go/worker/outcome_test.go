// What becomes of what a handler returns.

package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	workerv1 "github.com/dagmesh/dagmesh/sdk/go/gen/dagmesh/worker/v1"
)

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
