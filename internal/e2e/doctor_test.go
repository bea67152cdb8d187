//go:build e2e

package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// examination is a story of the command doctor.
type examination struct {
	name     string
	scenario string
	exit     string
	healthy  bool
	key      string   // the status of the finding on the key
	says     []string // what the log and the summary say
}

var examinations = []examination{
	{name: "healthy", scenario: "quick", exit: "0", healthy: true, key: "ok", says: []string{
		"ok           api-key        Cursor accepts the key",
		"ok           workspace      files can be written to it",
		"ok           file-commands  outputs, state and summary can be written",
		"Doctor: nothing that was looked at speaks against a launch",
	}},
	{name: "wrong-key", scenario: "wrong-key", exit: "1", key: "failed", says: []string{
		"failed       api-key        list models: GET /v1/models: 401 Unauthorized: Invalid User API Key (request ",
		"ok           workspace      files can be written to it",
		"Doctor: a launch would fail",
		"::error::doctor: api-key: ",
	}},
}

// examined plays a workflow that asks what keeps a launch from working.
func (r *runner) examined(t *testing.T, e examination) {
	s := r.set(t, setting{workflow: "doctor", scenario: e.scenario, name: e.name})
	p, green := s.run(t, options{})
	if green != e.healthy {
		t.Errorf("the workflow is green: %t, want %t", green, e.healthy)
	}
	if got := p.exitCode(t); got != e.exit {
		t.Errorf("the action's exit code is %s, want %s", got, e.exit)
	}
	for _, says := range e.says {
		if !strings.Contains(p.log(), says) {
			t.Errorf("the log does not say %q", says)
		}
	}
	outputs := s.outputs(t)
	expect(t, outputs, map[string]string{"outcome": "", "agent-id": ""})
	var result struct {
		Healthy  bool
		Findings []struct{ Name, Status, Fix string }
	}
	if err := json.Unmarshal([]byte(outputs["result-json"]), &result); err != nil {
		t.Fatalf("output result-json is no object: %v", err)
	}
	if result.Healthy != e.healthy {
		t.Errorf("output result-json says healthy: %t, want %t", result.Healthy, e.healthy)
	}
	for _, finding := range result.Findings {
		if finding.Name == "api-key" && finding.Status != e.key {
			t.Errorf("the finding on the key is %q, want %q", finding.Status, e.key)
		}
		if finding.Status == "failed" && finding.Fix == "" {
			t.Errorf("the finding %s has failed and names no fix", finding.Name)
		}
	}
	var asked []string
	for _, r := range s.recorded() {
		asked = append(asked, r.Method+" "+r.Path)
	}
	if diff := cmp.Diff([]string{"GET /v1/models"}, asked); diff != "" {
		t.Errorf("requests of both stages (-want +got):\n%s", diff)
	}
}
