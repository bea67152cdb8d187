package cli_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

func TestADoctorWhoFindsNothingSaysWhatWasLookedAt(t *testing.T) {
	t.Parallel()
	s, h := doctorStep(t, simulator.Config{})
	if status := s.run(t.Context()); status != 0 {
		t.Errorf("exit status %d", status)
	}
	want := `ok           connection     https://api.cursor.com answers in TIME
ok           api-key        Cursor accepts the key
ok           plan           Cursor does not ask for another plan
ok           model          none is set, so the account's default counts; it may use 3
ok           clock          the clock is right
not-checked  github-app     whether Cursor may use the repository was not asked: Cursor tells it once a minute, and slowly
                            fix: set check-repositories: true, or look at Cursor's integrations
                            see: https://cursor.com/dashboard/integrations
ok           github-token   GitHub accepts the token
ok           repository     acme/shop is there, and private
ok           branch         main is there
ok           workspace      files can be written to it
ok           file-commands  outputs, state and summary can be written
ok           job-timeout    the job may take 75 minutes (.github/workflows/fix.yml), and this step takes 1h0m30s at most
doctor: 1 not-checked, 11 ok
`
	if diff := cmp.Diff(want, answerTime.ReplaceAllString(s.logged(), "answers in TIME")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if healthy, all := s.findings(); !healthy || len(all) != 12 {
		t.Errorf("healthy %t, findings %v", healthy, all)
	}
	if outputs := s.outputs(); len(outputs) != 1 {
		t.Errorf("outputs: %v", outputs)
	}
	for _, part := range []string{"## ✅ Doctor: nothing that was looked at speaks against a launch\n", "| ✅ ok | `api-key` | Cursor accepts the key |  |\n",
		"| ➖ not checked | `github-app` | whether Cursor may use the repository was not asked: Cursor tells it once a minute, and slowly | set check-repositories: true, or look at Cursor's integrations [more](https://cursor.com/dashboard/integrations) |\n"} {
		if !strings.Contains(s.summary(), part) {
			t.Errorf("the summary lacks %q:\n%s", part, s.summary())
		}
	}
	if requests := s.api.Requests(); len(requests) != 1 || requests[0].Op != "listModels" {
		t.Errorf("Cursor was asked %+v", requests)
	}
	if want := []string{"GET /repos/acme/shop", "GET /repos/acme/shop/git/ref/heads/main"}; !slices.Equal(h.asked, want) {
		t.Errorf("GitHub was asked %v", h.asked)
	}
	if left, err := os.ReadDir(s.env["GITHUB_WORKSPACE"]); err != nil || len(left) != 1 {
		t.Errorf("left in the workspace: %v, %v", left, err)
	}
	s.noSecret()
}

func TestASchemaThatALaunchCouldNotUseIsAFinding(t *testing.T) {
	t.Parallel()
	const cant = "the input result-schema can't be used"
	for _, test := range []struct {
		name, schema string
		status       int
		want         finding
	}{
		{"in the input", `{"type":"object"}`, 0, finding{"result-schema", "ok", "it is a JSON Schema that results can be held against", "", ""}},
		{"in a file", "schema.json", 0, finding{"result-schema", "ok", "it is a JSON Schema that results can be held against", "", ""}},
		{"no JSON", "{", 1, finding{"result-schema", "failed", cant, "the schema is not JSON: unexpected end of JSON input (line 1, column 1): correct it", ""}},
		{"no schema", `{"type":"thing"}`, 1, finding{"result-schema", "failed", cant, `the schema is not a JSON Schema: at /type: it is of none of the forms that are allowed here; form 1: at /type: it must be one of "array", "boolean", "integer", "null", "number", "object", "string"; form 2: at /type: it must be array, not string: correct it`, ""}},
		{"a file that is not there", "none.json", 1, finding{"result-schema", "failed", cant, `"none.json" can't be opened: no such file or directory: name a file of the checkout`, ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := doctorStep(t, simulator.Config{})
			s.with("result-schema", test.schema).file("schema.json", `{"required":["verdict"]}`)
			expectFinding(t, s, s.run(t.Context()), test.want)
			if _, all := s.findings(); len(all) != 13 {
				t.Errorf("%d findings, want it beside the 12 others", len(all))
			}
			if healthy, _ := s.findings(); healthy != (test.status == 0) {
				t.Errorf("healthy: %t", healthy)
			}
		})
	}
}

func TestOneFindingHidesNoOther(t *testing.T) {
	t.Parallel()
	s, h := doctorStep(t, answering(simulator.Answer{Status: 401, Message: "Invalid User API Key", Shape: "flat"}))
	s.with("GITHUB_WORKSPACE", "/nowhere", "artifacts", "out", "GITHUB_WORKFLOW_REF", "", "model", "composer")
	h.says("/repos/acme/shop", 200, `{"full_name": "acme/shop", "archived": true}`)
	if status := s.run(t.Context()); status != 1 {
		t.Errorf("exit status %d", status)
	}
	_, all := s.findings()
	var got []string
	for _, f := range all {
		got = append(got, f.Name+" "+f.Status)
	}
	want := []string{"connection ok", "api-key failed", "plan not-checked", "model not-checked", "clock ok", "github-app not-checked",
		"github-token ok", "repository failed", "branch ok", "workspace failed", "file-commands ok", "job-timeout not-checked"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if last := s.lastLine(); !strings.HasPrefix(last, "::error::doctor: workspace: ") {
		t.Errorf("last line %s", last)
	}
	if !strings.Contains(s.summary(), "## ❌ Doctor: a launch would fail\n") || strings.Index(s.summary(), "❌ failed | `workspace`") > strings.Index(s.summary(), "✅ ok") {
		t.Errorf("summary:\n%s", s.summary())
	}
}

// TestOutputsThatCannotBeWrittenAreAFinding has no result-json to look at.
func TestOutputsThatCannotBeWrittenAreAFinding(t *testing.T) {
	t.Parallel()
	s, _ := doctorStep(t, simulator.Config{})
	s.with("GITHUB_OUTPUT", "", "GITHUB_STEP_SUMMARY", s.dir)
	status := s.run(t.Context())
	want := "::error::doctor: file-commands: GITHUB_OUTPUT is not set, so later steps would not see any output; GITHUB_STEP_SUMMARY " + s.dir +
		" is not writable: is a directory, so the workflow run will show no summary; check that the runner's files are mounted into the container, and that their disk is neither full nor read-only (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files)"
	if status != 1 || s.lastLine() != want {
		t.Errorf("exit status %d, last line\n%s\nwant\n%s", status, s.lastLine(), want)
	}
	if strings.Contains(s.logged(), "::warning::") {
		t.Errorf("one thing is told twice:\n%s", s.logged())
	}
}

func TestAnAPIThatKeepsSilentEndsTheVisitInSeconds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		network http.RoundTripper // nil is the simulator
		want    finding
	}{
		{"after it took the request", nil,
			finding{"connection", "failed", "api.cursor.com took the request and did not answer within 8s", "run this again later, and look at Cursor's status page", "https://status.cursor.com"}},
		{"before", unanswered{},
			finding{"connection", "failed", "no connection to api.cursor.com could be made within 8s", "let this machine reach api.cursor.com by HTTPS, or name a proxy in HTTPS_PROXY", networkPage}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := scenario(t, "happy")
				config.Scenario.Faults = []simulator.Fault{{Operation: "listModels", Delay: time.Hour}}
				s := newStep(t, config).with("command", "doctor", "prompt", "")
				program := s.program()
				if test.network != nil {
					program.Transport = test.network
				}
				began := time.Now()
				status := program.Run(t.Context(), []string{"x", "action"})
				if took := time.Since(began); took != 8*time.Second {
					t.Errorf("the visit took %s", took)
				}
				expectFinding(t, s, status, test.want)
			})
		})
	}
}

func TestAnInterruptEndsTheVisit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "listModels", Delay: time.Hour}}
		s := newStep(t, config).with("command", "doctor", "prompt", "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if status := s.run(ctx); status != 130 || s.lastLine() != "::error::doctor: interrupted before it had looked at everything: run the job again" {
			t.Errorf("exit status %d, log %s", status, s.logged())
		}
	})
}

func TestAnInterruptOnATerminalEndsTheVisitWithoutAVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{{Operation: "listModels", Delay: time.Hour}}
		s := newStep(t, config).with("CURSOR_API_KEY", key)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if status := s.program().Run(ctx, []string{"x", "doctor"}); status != 130 || s.logged() != "" {
			t.Errorf("exit status %d, printed %s", status, s.logged())
		}
	})
}

func TestFindingsThatCanNotBePrintedAreAFailure(t *testing.T) {
	t.Parallel()
	s := newStep(t, simulator.Config{}).with("CURSOR_API_KEY", key)
	program := s.program()
	if status := program.Run(t.Context(), []string{"x", "doctor"}); status != 0 {
		t.Fatalf("exit status %d where all is well\n%s", status, s.logged())
	}
	program.Stdout = fullDisk{}
	for _, args := range [][]string{{"x", "doctor"}, {"x", "doctor", "--json"}} {
		if status := program.Run(t.Context(), args); status != 1 {
			t.Errorf("%v on a full disk: exit status %d, want 1", args, status)
		}
	}
}

func TestADoctorWritesNoSummaryWhereNoneIsWanted(t *testing.T) {
	t.Parallel()
	s, _ := doctorStep(t, simulator.Config{})
	if status := s.with("summary", "false").run(t.Context()); status != 0 || s.summary() != "" {
		t.Errorf("exit status %d, summary %q", status, s.summary())
	}
}

func TestBadInputOfADoctorIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, input, value, want string }{
		{"an unknown command", "command", "docter", `input command: unknown value "docter": did you mean "doctor"? (launch, follow-up, attach, doctor, cancel, archive, delete, list, reap)`},
		{"a time without unit", "timeout", "10", `input timeout: "10" has no unit: write 10s, 10m or 10h`},
		{"an http address", "api-url", "http://api.example.com", "input api-url: the API URL for api.example.com is http, which would show the key to the network; use https (http is for loopback hosts only)"},
		{"an unknown version", "api-version", "2", `input api-version: unknown value "2": use one of v1, v0`},
		{"a model that is none", "model", "?x=1", `input model: "?x=1" is not a model: write its id, with parameters as id?name=value`},
		{"a boolean that is none", "check-repositories", "yes", `input check-repositories: "yes" is neither true nor false: write true or false`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, h := doctorStep(t, simulator.Config{})
			s.with("prompt", "Fix it.", test.input, test.value)
			if status := s.run(t.Context()); status != 2 || s.logged() != "::error::"+test.want+"; nothing was launched\n" {
				t.Errorf("exit status %d, log\n%s", status, s.logged())
			}
			if len(s.api.Requests())+len(h.asked) > 0 {
				t.Error("somebody was asked")
			}
		})
	}
}

// TestTheCleanupOfADoctorAsksNobody: with or without the state that some
// runners do not hand on.
func TestTheCleanupOfADoctorAsksNobody(t *testing.T) {
	t.Parallel()
	for _, keepsState := range []bool{true, false} {
		s, h := doctorStep(t, simulator.Config{})
		s.with("prompt", "Fix it.")
		s.run(t.Context())
		before, asked, log := len(s.api.Requests()), len(h.asked), s.logged()
		if status := s.cleanup(t.Context(), keepsState); status != 0 {
			t.Errorf("exit status %d", status)
		}
		if len(s.api.Requests()) != before || len(h.asked) != asked || s.logged() != log {
			t.Errorf("the cleanup did something:\n%s", s.logged())
		}
	}
}

func TestATokenThatGitHubRepeatsIsNotShown(t *testing.T) {
	t.Parallel()
	s, h := doctorStep(t, simulator.Config{})
	h.says("/repos/acme/shop", 401, `{"message": "no such token: `+githubToken+`"}`)
	s.with("GITHUB_TOKEN", githubToken, "CURSOR_API_KEY", key)
	for _, args := range [][]string{{"x", "action"}, {"x", "doctor", "--repo", "acme/shop", "--ref", "main"}, {"x", "doctor", "--repo", "acme/shop", "--json"}} {
		if status := s.program().Run(t.Context(), args); status != 0 {
			t.Errorf("%v: exit status %d", args, status)
		}
	}
	if written := s.logged() + s.read("GITHUB_OUTPUT") + s.summary(); strings.Contains(written, githubToken) || strings.Count(written, "401 no such token: ***") != 5 {
		t.Errorf("written:\n%s", written)
	}
	if commands := strings.Count(s.log.String(), "::add-mask::"+githubToken+"\n"); commands != 1 {
		t.Errorf("the runner was told of the token %d times, and a terminal must not be", commands)
	}
}
