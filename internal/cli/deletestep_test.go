package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// Fault 42: a delete takes usage and artifacts with it.
func TestADeleteKeepsUsageAndArtifacts(t *testing.T) {
	t.Parallel()
	after(t, mixed(t), time.Minute, []string{"Fix one", "Fix two"}, func(t *testing.T, api *simulator.Server, ids []string) {
		s := command(t, api, "delete", "name", "Fix", "artifacts", "kept")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		for i, one := range s.results() {
			content, err := os.ReadFile(filepath.Join(s.env["GITHUB_WORKSPACE"], "kept", ids[1-i], "report.txt"))
			if string(content) != "all is well" || err != nil || one.Usage == nil || one.Usage.TotalTokens != 120 {
				t.Errorf("agent %s: artifact %q (error %v), usage %+v", one.ID, content, err, one.Usage)
			}
		}
		if path := s.outputs()["artifacts-path"]; path != "kept" {
			t.Errorf("artifacts-path is %q", path)
		}
		for _, agent := range api.Agents() {
			if !agent.Deleted {
				t.Errorf("agent %s is still there", agent.ID)
			}
		}
	})
}

// An id from the list becomes a folder's name.
func TestAnAgentWhoseIDIsAPathWritesToNoOtherFolder(t *testing.T) {
	t.Parallel()
	after(t, mixed(t), time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
		s := command(t, api, "delete", "name", "Fix", "artifacts", "kept").file("src/report.txt", "mine")
		s.wire = func(to http.RoundTripper) http.RoundTripper {
			return transport(func(request *http.Request) (*http.Response, error) {
				honest := request.Clone(request.Context())
				honest.URL.RawPath = ""
				honest.URL.Path = strings.Replace(request.URL.Path, "../src", ids[0], 1)
				answer, err := to.RoundTrip(honest)
				if err != nil {
					return answer, err
				}
				body, err := io.ReadAll(answer.Body)
				body = bytes.ReplaceAll(body, []byte(`"id":"`+ids[0]+`"`), []byte(`"id":"../src"`))
				answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), -1
				return answer, err
			})
		}
		status := s.run(t.Context())
		if got := s.results(); status != 1 || len(got) != 1 || got[0].Error != "its artifacts are not all here, so it was not deleted: its id names no folder" {
			t.Errorf("exit status %d, results %+v\n%s", status, got, s.logged())
		}
		if content, err := os.ReadFile(filepath.Join(s.env["GITHUB_WORKSPACE"], "src", "report.txt")); string(content) != "mine" {
			t.Errorf("the workspace's own file is %q (error %v)", content, err)
		}
		if api.Agents()[0].Deleted {
			t.Error("the agent was deleted")
		}
	})
}

func TestAnAgentWhoseArtifactsCantBeKeptIsNotDeleted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault simulator.Fault
		want  string
	}{
		{"no list", simulator.Fault{Operation: "listArtifacts", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "No."}},
			"its artifacts are not all here, so it was not deleted"},
		{"no file", simulator.Fault{Operation: "readStorage", Answer: &simulator.Answer{Status: 403, Shape: "empty"}},
			"its artifacts are not all here, so it was not deleted: artifact artifacts/report.txt: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			config.Scenario.Faults = []simulator.Fault{test.fault}
			after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
				s := command(t, api, "delete", "agent-id", ids[0], "artifacts", "kept")
				status := s.run(t.Context())
				if got := s.results()[0]; status != 1 || !strings.HasPrefix(got.Error, test.want) || got.Did != "none" || api.Agents()[0].Deleted {
					t.Errorf("exit status %d, result %+v, deleted %t", status, got, api.Agents()[0].Deleted)
				}
				if last := s.lastLine(); !strings.HasSuffix(last, "; run the step again, or leave artifacts out to delete it without them") {
					t.Errorf("last line: %s", last)
				}
			})
		})
	}
}

func TestWhatIsUnknownOfTheUsageKeepsNobodyFromDeleting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		config func(*simulator.Config)
		warned bool
	}{
		{"not for this account", func(c *simulator.Config) { c.Scenario.Account.NoUsage = true }, false},
		{"refused", func(c *simulator.Config) {
			c.Scenario.Faults = []simulator.Fault{{Operation: "getAgentUsage", Answer: &simulator.Answer{Status: 400, Code: "validation_error", Message: "no"}}}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := mixed(t)
			test.config(&config)
			after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, ids []string) {
				s := command(t, api, "delete", "agent-id", ids[0])
				if status := s.run(t.Context()); status != 0 || !api.Agents()[0].Deleted || s.results()[0].Usage != nil {
					t.Errorf("exit status %d, results %+v\n%s", status, s.results(), s.logged())
				}
				if warned := strings.Contains(s.logged(), "::warning::delete: what agent "+ids[0]+" used could not be read: get usage: "); warned != test.warned {
					t.Errorf("warned %t, want %t\n%s", warned, test.warned, s.logged())
				}
			})
		})
	}
}
