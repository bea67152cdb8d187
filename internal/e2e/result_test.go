//go:build e2e

package e2e_test

import (
	"strings"
	"testing"
)

// result is a workflow that asks for a result of a form: the agent is told once
// what is wrong with its own, and expressions read what comes then.
func (r *runner) result(t *testing.T) {
	s := r.stage(t, "result", "correcting")
	p, green := s.run(t, options{})
	if !green {
		t.Fatal("the workflow failed")
	}
	agents := s.agents(t)
	if len(agents) != 1 || len(agents[0].Runs) != 2 {
		t.Fatalf("the Cursor API knows %+v, want one agent with two runs", agents)
	}
	const notes = "$(id) `id` ${{ github.token }}"
	expect(t, s.outputs(t), map[string]string{
		"outcome":       "succeeded",
		"run-id":        agents[0].Runs[0].ID, // newest first
		"result-object": `{"notes":["ünïcode 😀","` + notes + `"],"verdict":"approve"}`,
	})
	if got, want := s.read(t, "notes.txt"), "ünïcode 😀;"+notes; got != want {
		t.Errorf("the expressions read the notes %q, want %q", got, want)
	}
	if says := `  - at /verdict: it must be one of "approve", "reject"`; !strings.Contains(p.log(), says) {
		t.Errorf("the log does not say %q", says)
	}
}
