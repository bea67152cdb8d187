package cli_test

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// debugged is a request in the debug log.
var debugged = regexp.MustCompile(`^(GET|POST|DELETE) (\S+): (\d{3}|no answer) in \S+s \(attempt \d+(?:, request (\S+))?\)(?:: .+)?$`)

// requests are those of the debug log, one a line behind prefix.
func (s *workflowStep) requests(prefix string) (told []string) {
	for line := range strings.Lines(s.logged()) {
		line, found := strings.CutPrefix(strings.TrimSpace(line), prefix)
		if match := debugged.FindStringSubmatch(line); found && match != nil {
			told = append(told, strings.TrimSpace(strings.Join(match[1:], " ")))
		}
	}
	slices.Sort(told)
	return told
}

// served are the requests as the server itself remembers them. Where it gave
// no answer nobody was told its id for the exchange.
func (s *workflowStep) served() (all []string) {
	for _, request := range s.api.Requests() {
		path, answer := request.Path, "no answer"
		if request.Op == "readStorage" {
			path = "https://api.cursor.com" + path
		}
		if request.Status != 0 {
			answer = strconv.Itoa(request.Status) + " " + request.ID
		}
		all = append(all, fmt.Sprintf("%s %s %s", request.Method, path, answer))
	}
	slices.Sort(all)
	return all
}

// stories make every kind of request between them, also such that fail.
func stories() map[string]func(*testing.T, *workflowStep) *workflowStep {
	return map[string]func(*testing.T, *workflowStep) *workflowStep{
		"to the end": func(t *testing.T, s *workflowStep) *workflowStep {
			s.with("artifacts", "out").run(t.Context())
			return s
		},
		"with an unknown model": func(t *testing.T, s *workflowStep) *workflowStep {
			s.with("model", "composer-22").run(t.Context())
			return s
		},
		"interrupted": func(t *testing.T, s *workflowStep) *workflowStep {
			s.signalled(2 * time.Second)
			return s
		},
		"re-run by name": func(t *testing.T, s *workflowStep) *workflowStep {
			s.with("env-vars", "TOKEN=abcdefgh", "GITHUB_RUN_ATTEMPT", "2").run(t.Context())
			return s
		},
		"killed, and cleaned up after": func(t *testing.T, s *workflowStep) *workflowStep {
			killed := s.killed(5 * time.Second)
			for _, name := range []string{"RUNNER_DEBUG", "ACTIONS_STEP_DEBUG"} {
				killed.with(name, s.env[name])
			}
			killed.cleanup(t.Context(), false)
			// The one that counts as killed sees its run's end, too.
			time.Sleep(time.Minute)
			synctest.Wait()
			killed.log.Write([]byte(s.logged()))
			return killed
		},
	}
}

func TestTheDebugLogHoldsEachRequestAndNothingOfItsContent(t *testing.T) {
	t.Parallel()
	for _, mode := range []struct{ variable, value, prefix string }{
		{"RUNNER_DEBUG", "1", "::debug::"},
		{"ACTIONS_STEP_DEBUG", "true", "debug: "},
		{"RUNNER_DEBUG", "0", ""},
	} {
		for name, story := range stories() {
			t.Run(mode.variable+"="+mode.value+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					config := scenario(t, "happy")
					config.Scenario.Faults = []simulator.Fault{
						{Operation: "createAgent", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow down"}},
						{Operation: "createAgent", When: simulator.When{At: []int{2}}, Reset: "before"},
						{Operation: "getRun", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 502, Shape: "html"}},
						{Operation: "readStorage", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 503, Shape: "html"}},
						{Operation: "getAgentUsage", Answer: &simulator.Answer{Status: 403, Code: "feature_unavailable", Message: "no"}},
					}
					s := story(t, newStep(t, config).with(mode.variable, mode.value))
					var want []string
					if mode.prefix != "" {
						want = s.served()
					}
					if diff := cmp.Diff(want, s.requests(mode.prefix)); diff != "" {
						t.Errorf("requests in the log (-served +told):\n%s", diff)
					}
					if mode.prefix == "" && strings.Contains(s.logged(), "debug") {
						t.Errorf("a log without debugging:\n%s", s.logged())
					}
					s.noContents(mode.prefix)
				})
			})
		}
	}
}

// noContents fails the test when the debug lines hold anything of a request but
// its address, or the log what a presigned address gives access with.
func (s *workflowStep) noContents(prefix string) {
	s.t.Helper()
	s.noSecret()
	log := s.logged()
	for line := range strings.Lines(log) {
		if prefix != "" && strings.HasPrefix(line, prefix) && strings.Contains(line, "Fix the flaky test") {
			s.t.Errorf("a debug line holds the prompt: %s", line)
		}
	}
	for _, content := range []string{"Bearer", "Authorization", "abcdefgh", "{\""} {
		if strings.Contains(log, content) {
			s.t.Errorf("the log holds %q:\n%s", content, log)
		}
	}
	for _, request := range s.api.Requests() {
		query, err := url.ParseQuery(request.Query)
		if err != nil {
			s.t.Fatal(err)
		}
		for value := range maps.Values(query) {
			if request.Op == "readStorage" && (strings.Contains(log, value[0]) || strings.Contains(log, request.Query)) {
				s.t.Errorf("the log holds %q of the query of %s:\n%s", value, request.Path, log)
			}
		}
	}
}

func TestAFailedRequestIsInTheDebugLogWithItsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := scenario(t, "happy")
		config.Scenario.Faults = []simulator.Fault{
			{Operation: "createAgent", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 429, Code: "rate_limit_exceeded", Message: "slow\ndown"}},
			{Operation: "createAgent", When: simulator.When{At: []int{2}}, Delay: 1500 * time.Millisecond, Reset: "before"},
			{Operation: "streamRun", When: simulator.When{First: 1}, Answer: &simulator.Answer{Status: 403, Shape: "flat", Code: "error", Message: "No."}},
		}
		s := newStep(t, config).with("RUNNER_DEBUG", "1")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		requests := s.api.Requests()
		for _, want := range []string{
			"::debug::POST /v1/agents: 429 in 0s (attempt 1, request " + requests[0].ID + "): rate_limit_exceeded: slow down\n",
			"::debug::POST /v1/agents: no answer in 1.5s (attempt 2): the connection was closed without an answer\n",
			"::debug::POST /v1/agents: 201 in 0s (attempt 3, request " + requests[2].ID + ")\n",
			"/stream: 403 in 0s (attempt 1, request " + requests[3].ID + "): No.\n",
		} {
			if !strings.Contains(s.logged(), want) {
				t.Errorf("the log has no %q:\n%s", want, s.logged())
			}
		}
	})
}
