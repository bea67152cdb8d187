package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// resultSchema is what the tests ask for.
const resultSchema = `{"type": "object", "required": ["fixed"], "properties": {"fixed": {"type": "boolean"}}, "additionalProperties": false}`

// Answers of agents, with the JSON at their ends.
const (
	rightAnswer = "All is well.\n\n```json\n{\"fixed\": true}\n```"
	wrongAnswer = "All is well.\n\n```json\n{\"fixed\": \"yes\", \"more\": 1}\n```"
	whatIsWrong = `at /fixed: it must be boolean, not string; at the top: it may not have "more"`
)

// replying is an API whose agents take ten minutes and answer first with one
// text and, after they were told what is wrong with it, with the other.
func replying(first, second string) simulator.Config {
	return simulator.Config{Scenario: simulator.Scenario{
		Duration: 10 * time.Minute, Result: first, Branch: "auto", PullRequest: simulator.PullRequest{Open: true},
		Usage: simulator.Usage{Input: 1000}, Cost: &simulator.Cost{Raw: 3, Charged: 3},
		Variants: []simulator.Scenario{{
			Match: "does not end with the JSON", Duration: time.Minute, Result: second, Branch: "auto",
			Usage: simulator.Usage{Input: 100}, Cost: &simulator.Cost{Raw: 1, Charged: 1},
		}},
	}, Newer: true}
}

// posts counts the follow-ups that the API took.
func (s *workflowStep) posts() int {
	count := 0
	for _, request := range s.api.Requests() {
		if request.Op == "createRun" && request.Status == 201 {
			count++
		}
	}
	return count
}

func TestAResultOfTheAskedFormIsAnOutput(t *testing.T) {
	t.Parallel()
	const told = "::error::invalid-result: the agent's result is not what result-schema asks for, also after it was told what is wrong: "
	const rest = "; nothing is left running: URL; make the schema easier to meet or say more of it in the prompt, and set on-rerun: new to have a re-run launch a new agent"
	for _, test := range []struct {
		name, first, second string
		inputs              []string
		outcome, object     string
		status, posts       int
		last                string // URL, PR and BRANCH stand for the agent's
	}{
		{"at once", rightAnswer, "", nil, "succeeded", `{"fixed":true}`, 0, 0, "succeeded after 10m0s: branch BRANCH"},
		{"after it was told", wrongAnswer, rightAnswer, nil, "succeeded", `{"fixed":true}`, 0, 1, "succeeded after 11m0s: branch BRANCH"},
		{"with a pull request", wrongAnswer, rightAnswer, []string{"create-pr", "true"}, "succeeded", `{"fixed":true}`, 0, 1, "succeeded after 11m0s: PR"},
		{"never", wrongAnswer, wrongAnswer, nil, "invalid-result", "", 1, 1, told + whatIsWrong + rest},
		{"never, with a pull request", wrongAnswer, wrongAnswer, []string{"create-pr", "true"}, "invalid-result", "", 1, 1, told + whatIsWrong + rest},
		{"never, tolerated", "Done.", "Done.", []string{"fail-on", "none"}, "invalid-result", "", 0, 1,
			strings.Replace(told, "error", "warning", 1) + "the answer has no fenced block of JSON" + rest},
		{"first none, then a wrong one", "Done.", wrongAnswer, nil, "invalid-result", "", 1, 1, told + whatIsWrong + rest},
		{"a secret in the place of a number", `{"fixed": true}`, `{"fixed": true}`, []string{"env-vars", "TOKEN=true"}, "invalid-result", "", 1, 1,
			told + "the block holds a secret outside of a text, where *** can't take its place" + rest},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStep(t, replying(test.first, test.second)).with("result-schema", resultSchema).with(test.inputs...)
				if status := s.run(t.Context()); status != test.status {
					t.Errorf("exit status: got %d, want %d\n%s", status, test.status, s.logged())
				}
				outputs := s.outputs()
				if outputs["outcome"] != test.outcome || outputs["result-object"] != test.object {
					t.Errorf("outcome %s, object %s, want %s and %s", outputs["outcome"], outputs["result-object"], test.outcome, test.object)
				}
				want := strings.NewReplacer("URL", outputs["agent-url"], "BRANCH", outputs["branch"], "PR", outputs["pr-url"]).Replace(test.last)
				if diff := cmp.Diff(want, s.lastLine()); diff != "" {
					t.Errorf("last line (-want +got):\n%s", diff)
				}
				if s.posts() != test.posts || s.creates() != 1 {
					t.Errorf("%d creates and %d follow-ups, want 1 and %d", s.creates(), s.posts(), test.posts)
				}
				s.noSecret()
			})
		})
	}
}

func TestTheAgentIsToldWhatFormAndWhatIsWrong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, replying(wrongAnswer, rightAnswer)).file("schemas/result.json", resultSchema).with("result-schema", "schemas/result.json")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		const compact = `{"type":"object","required":["fixed"],"properties":{"fixed":{"type":"boolean"}},"additionalProperties":false}`
		const end = "nd your answer with exactly one fenced code block of JSON, and write nothing after it. The JSON must be valid against this JSON Schema:\n\n```json\n" + compact + "\n```"
		runs := s.api.Agents()[0].Runs
		if diff := cmp.Diff("Fix the flaky test.\n\nE"+end, runs[0].Prompt.Text); diff != "" {
			t.Errorf("first prompt (-want +got):\n%s", diff)
		}
		correction, _, marked := strings.Cut(runs[1].Prompt.Text, "\n\n[gh-1000-")
		want := "Your answer does not end with the JSON that was asked for. This is wrong with it:\n\n" +
			"- at /fixed: it must be boolean, not string\n- at the top: it may not have \"more\"\n\n" +
			"Change nothing else. Give your answer once more. E" + end
		if diff := cmp.Diff(want, correction); diff != "" || !marked {
			t.Errorf("correction (-want +got), marked %v:\n%s", marked, diff)
		}
		const log = "The agent's result is not what result-schema asks for; telling it what is wrong, once:\n" +
			"  - at /fixed: it must be boolean, not string\n  - at the top: it may not have \"more\"\n"
		if !strings.Contains(s.logged(), log) {
			t.Errorf("the log does not say\n%s\n%s", log, s.logged())
		}
	})
}

func TestASchemaWithFencesStaysInItsFence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, replying(rightAnswer, "")).with("result-schema", "{\"title\": \"```json\\n{}\\n````\"}")
		s.run(t.Context())
		if prompt := s.api.Agents()[0].Runs[0].Prompt.Text; !strings.HasSuffix(prompt, "\n\n`````json\n{\"title\":\"```json\\n{}\\n````\"}\n`````") {
			t.Errorf("prompt: %s", prompt)
		}
	})
}

func TestWrongSchemasAreRefusedBeforeAnythingIsPaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, schema, want string }{
		{"no JSON Schema", `{"type": "strang"}`, `::error::input result-schema: the schema is not a JSON Schema: at /type: it is of none of the forms that are allowed here; form 1: at /type: it must be one of "array", "boolean", "integer", "null", "number", "object", "string"; form 2: at /type: it must be array, not string: correct it; nothing was launched`},
		{"no file", "schema.json", `::error::input result-schema: "schema.json" can't be opened: no such file or directory: name a file of the checkout; nothing was launched`},
		{"a file of no JSON", "text.md", "::error::input result-schema: the schema is not JSON: invalid character 'H' looking for beginning of value (line 1, column 1): correct it; nothing was launched"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStep(t, simulator.Config{}).file("text.md", "Hello").with("result-schema", test.schema)
			if status := s.run(t.Context()); status != 2 || s.creates() != 0 {
				t.Errorf("exit status %d, %d creates", status, s.creates())
			}
			if diff := cmp.Diff(test.want, s.lastLine()); diff != "" {
				t.Errorf("last line (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTheCorrectionIsSentOnce loses requests and answers and runs the job again:
// one correction is there in the end.
func TestTheCorrectionIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		faults []simulator.Fault
	}{
		{"its answer is lost", []simulator.Fault{{Operation: "createRun", When: simulator.When{First: 1}, Reset: "after"}}},
		{"it is lost itself", []simulator.Fault{{Operation: "createRun", When: simulator.When{First: 1}, Reset: "before"}}},
		{"its answer is lost, and the conversation can't be read", []simulator.Fault{
			{Operation: "createRun", When: simulator.When{First: 1}, Reset: "after"},
			{Operation: "getAgentConversationV0", Answer: &simulator.Answer{Status: 403, Code: "role_forbidden", Message: "no"}},
		}},
		{"nothing is lost", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := replying(wrongAnswer, rightAnswer)
				config.Scenario.Faults, config.Scenario.Variants[0].Faults = test.faults, test.faults
				s := newStep(t, config).with("result-schema", resultSchema)
				if status := s.run(t.Context()); status != 0 {
					t.Errorf("exit status %d\n%s", status, s.logged())
				}
				again := stepAgainst(t, s.api).with("result-schema", resultSchema, "GITHUB_RUN_ATTEMPT", "2")
				if status := again.run(t.Context()); status != 0 {
					t.Errorf("exit status of the re-run %d\n%s", status, again.logged())
				}
				if got := again.outputs(); got["result-object"] != `{"fixed":true}` || got["attached"] != "true" {
					t.Errorf("outputs of the re-run: %v", got)
				}
				if runs := len(s.api.Agents()[0].Runs); runs != 2 || len(s.api.Agents()) != 1 {
					t.Errorf("%d agents, %d runs of the first; want 1 and 2\n%s", len(s.api.Agents()), runs, again.logged())
				}
			})
		})
	}
}

func TestACorrectionThatNobodyWaitsForIsEnded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		state  bool
		answer time.Duration // how long the correction's answer takes
		begins time.Duration // how long it takes to begin, which is when its prompt is shown
	}{
		{"with the saved state", true, 0, 0},
		{"without it", false, 0, 0},
		{"with the saved state, before its answer", true, time.Minute, 0},
		{"without it, before its answer", false, time.Minute, 0},
		{"with the saved state, before its answer and its prompt", true, time.Minute, time.Minute},
		{"without it, before its answer and its prompt", false, time.Minute, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := replying(wrongAnswer, rightAnswer)
				config.Scenario.Variants[0].Faults = []simulator.Fault{{Operation: "createRun", DelayAnswer: test.answer}}
				config.Scenario.Variants[0].CreateDelay = test.begins
				s := newStep(t, config).with("result-schema", resultSchema)
				killed := stepAgainst(t, s.api).with("result-schema", resultSchema)
				// The runner's end of a container leaves no time for a last word.
				go killed.run(t.Context())
				time.Sleep(10*time.Minute + 30*time.Second)
				synctest.Wait()
				if got := s.statuses(); len(got) != 2 || got[1] != "RUNNING" && test.begins == 0 {
					t.Fatalf("runs: %v", got)
				}
				if status := killed.cleanup(t.Context(), test.state); status != 0 {
					t.Errorf("exit status of the cleanup %d\n%s", status, killed.logged())
				}
				if diff := cmp.Diff([]string{"FINISHED", "CANCELLED"}, s.statuses()); diff != "" {
					t.Errorf("runs (-want +got):\n%s\n%s", diff, killed.logged())
				}
				time.Sleep(time.Hour)
			})
		})
	}
}

func TestAnInterruptedCorrectionIsEndedAndTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, replying(wrongAnswer, rightAnswer)).with("result-schema", resultSchema)
		if status, _ := s.signalled(10*time.Minute + 30*time.Second); status != 130 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if diff := cmp.Diff([]string{"FINISHED", "CANCELLED"}, s.statuses()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
		want := "::error::cancelled: the step was interrupted; the agent's run was cancelled: " + s.outputs()["agent-url"] + "; run the job again, which tells the agent again what is wrong with its result"
		if diff := cmp.Diff(want, s.lastLine()); diff != "" {
			t.Errorf("last line (-want +got):\n%s", diff)
		}
	})
}

func TestTheTimeOfACorrectionIsPartOfTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStep(t, replying(wrongAnswer, rightAnswer)).with("result-schema", resultSchema, "timeout", "10m30s")
		if status := s.run(t.Context()); status != 124 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		if diff := cmp.Diff([]string{"FINISHED", "CANCELLED"}, s.statuses()); diff != "" {
			t.Errorf("runs (-want +got):\n%s", diff)
		}
	})
}

func TestACorrectionThatIsRefusedIsNoVerdict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := replying(wrongAnswer, rightAnswer)
		config.Scenario.Variants[0].Faults = []simulator.Fault{{Operation: "createRun", Answer: &simulator.Answer{Status: 403, Code: "plan_required", Message: "Upgrade."}}}
		s := newStep(t, config).with("result-schema", resultSchema)
		if status := s.run(t.Context()); status != 1 || s.outputs()["outcome"] != "api-error" {
			t.Errorf("exit status %d, outcome %s", status, s.outputs()["outcome"])
		}
		last := s.lastLine()
		if !strings.HasPrefix(last, "::error::api-error: create run: 403 plan_required: Upgrade. (request ") ||
			!strings.HasSuffix(last, "); the agent was not told what is wrong with its result; upgrade the plan of the key's account at https://cursor.com/dashboard; see command: doctor") {
			t.Errorf("last line %s", last)
		}
	})
}

// TestAnAttachedRunIsHeldAgainstTheSchemaToo is launch in one step, wait in
// another.
func TestAnAttachedRunIsHeldAgainstTheSchemaToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		launched := newStep(t, replying(wrongAnswer, rightAnswer)).with("result-schema", resultSchema, "wait", "false")
		launched.run(t.Context())
		s := stepAgainst(t, launched.api).with("command", "attach", "prompt", "", "agent-id", launched.outputs()["agent-id"], "result-schema", resultSchema, "GITHUB_ACTION", "wait")
		if status := s.run(t.Context()); status != 0 || s.outputs()["result-object"] != `{"fixed":true}` || s.posts() != 1 {
			t.Errorf("exit status %d, outputs %v, %d follow-ups\n%s", status, s.outputs(), s.posts(), s.logged())
		}
	})
}
