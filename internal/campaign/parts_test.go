package campaign_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestFilesAreReadAsTheRunnerDoes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, content string
		want          map[string]string
		err           string
	}{
		{"nothing", "", map[string]string{}, ""},
		{"a line", "a=1\n", map[string]string{"a": "1"}, ""},
		{"a value with an arrow", "a=b<<c\n", map[string]string{"a": "b<<c"}, ""},
		{"lines", "a<<end\n1\n\n2\nend\nb=3\n", map[string]string{"a": "1\n\n2", "b": "3"}, ""},
		{"the last value", "a=1\na=2\n", map[string]string{"a": "2"}, ""},
		{"an empty line", "\na=1\n", map[string]string{"a": "1"}, ""},
		{"half a line", "a=1\nb", map[string]string{}, "the last line has no end"},
		{"no delimiter at the end", "a<<end\n1\n", map[string]string{}, "a does not end with its delimiter"},
		{"no name", "=1\n", map[string]string{}, `line "=1" has no name`},
		{"no delimiter", "a<<\n1\n", map[string]string{}, `line "a<<" has no name or no delimiter`},
		{"neither form", "a\n", map[string]string{}, `line "a" is neither name=value nor name<<delimiter`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readFileCommand(test.content)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if text := fmt.Sprint(err); text != test.err && !(err == nil && test.err == "") {
				t.Errorf("error:\n got %s\nwant %s", text, test.err)
			}
		})
	}
}

func TestHintsAreReadInEachForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		header http.Header
		body   string
		want   time.Duration
	}{
		{"none", http.Header{}, "{}", 0},
		{"seconds", http.Header{"Retry-After": {"90"}}, "", 90 * time.Second},
		{"a date of the server's clock", http.Header{
			"Retry-After": {"Mon, 23 Nov 2026 13:00:30 GMT"}, "Date": {"Mon, 23 Nov 2026 13:00:00 GMT"},
		}, "", 30 * time.Second},
		{"inside a Connect error", http.Header{}, `{"details":[{"debug":{"details":{"additionalInfo":{"retryAfter":"60"}}}}]}`, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := max(retryAfter(test.header), retryAfterInside([]byte(test.body))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestASeedGivesOnePlan(t *testing.T) {
	t.Parallel()
	different := map[string]bool{}
	for seed := range uint64(50) {
		once, again := draw(seed).String(), draw(seed).String()
		if once != again {
			t.Errorf("seed %d gives two plans (-once +again):\n%s", seed, cmp.Diff(once, again))
		}
		different[once] = true
	}
	if len(different) != 50 {
		t.Errorf("50 seeds give %d plans", len(different))
	}
}

func TestAPlanIsShrunkToWhatFails(t *testing.T) {
	t.Parallel()
	lost := simulator.Fault{Operation: "createAgent", Reset: "after"}
	p := plan{
		inputs: map[string]string{"create-pr": "true", "wait": "false"},
		scenario: simulator.Scenario{
			Faults:  []simulator.Fault{{Operation: "getRun", Reset: "before"}, lost, {Operation: "listRuns", Reset: "after"}},
			Streams: []simulator.StreamFault{{Do: simulator.StreamDrop}, {Do: simulator.StreamLie}},
			Steps:   []simulator.Step{{Text: "Hello."}}, Lag: time.Second, CreateDelay: time.Minute,
		},
		outages: []outage{{after: time.Minute}},
		attempts: []attempt{
			{blows: []blow{{kind: sigkill, at: moment{kind: atRequest, n: 2}}, {kind: netGone, at: moment{kind: atRead, n: 1}}}, cleanup: true},
			{cleanup: true},
		},
	}
	before := p.String()
	// It fails whenever the create is lost and the step is killed.
	small, still := shrink(p, func(p plan) bool {
		create, kill := false, false
		for _, fault := range p.scenario.Faults {
			create = create || fault.Operation == lost.Operation
		}
		for _, a := range p.attempts {
			for _, b := range a.blows {
				kill = kill || b.kind == sigkill
			}
		}
		return create && kill
	})
	want := plan{
		inputs:   map[string]string{},
		scenario: simulator.Scenario{Faults: []simulator.Fault{lost}, CreateDelay: time.Millisecond},
		attempts: []attempt{{blows: []blow{{kind: sigkill, at: moment{kind: atRequest, n: 2}}}}},
	}
	if diff := cmp.Diff(want.String(), small.String()); diff != "" || !still {
		t.Errorf("it failed again: %t; what is left (-want +got):\n%s", still, diff)
	}
	if diff := cmp.Diff(before, p.String()); diff != "" {
		t.Errorf("the plan that was shrunk has changed (-before +after):\n%s", diff)
	}
	if _, still := shrink(p, func(plan) bool { return false }); still {
		t.Error("a plan that does not fail again is said to")
	}
}
