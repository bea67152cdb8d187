package cli_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

const pull41 = "https://github.com/acme/shop/pull/41"

// stepV0 prepares a step that speaks version 0 with an API that plays a built-in
// scenario, changed by edit.
func stepV0(t *testing.T, plays string, edit func(*simulator.Scenario)) *workflowStep {
	t.Helper()
	config := scenario(t, plays)
	config.Newer = true
	if edit != nil {
		edit(&config.Scenario)
	}
	return newStep(t, config).with("api-version", "v0")
}

// operations counts the requests to an operation; none of them may be of
// version 1.
func (s *workflowStep) operations(op string) (count int) {
	s.t.Helper()
	for _, request := range s.api.Requests() {
		if request.Op == op {
			count++
		}
		if strings.HasPrefix(request.Path, "/v1/") {
			s.t.Errorf("version 1 was asked: %s %s", request.Method, request.Path)
		}
	}
	return count
}

// kinds are the ways in which an agent of version 0 is found again: by a
// mark in the branch that we name, by the branch that the user names, and by
// the pull request that it pushes to.
var kinds = map[string][]string{
	"by its mark":            nil,
	"by the user's branch":   {"branch", "feature/flaky"},
	"by its pull request":    {"pull-request", "41", "work-on-current-branch", "true"},
	"by its mark, on a pull": {"pull-request", "41"},
}

// Fault 28: the ids of messages are others at each reading.
func TestAStepOfVersion0HandsOnWhatCameOfIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", func(sc *simulator.Scenario) { sc.Duration = 5 * time.Minute }).with("create-pr", "true", "artifacts", "out", "model", "sonnet")
		began := time.Now()
		status := s.run(t.Context())
		agent := s.api.Agents()[0]
		got := s.outputs()
		want := map[string]string{
			"agent-id": agent.ID, "agent-url": "https://cursor.com/agents?id=" + agent.ID, "run-id": "v0-0", "status": "FINISHED", "outcome": "succeeded",
			"branch": agent.Branch, "pr-url": agent.PRURL, "pr-number": agent.PRURL[strings.LastIndex(agent.PRURL, "/")+1:], "pr-verified": "false", "result": agent.Runs[0].Result,
			"result-json": got["result-json"], "attached": "false", "artifacts-path": "out",
		}
		if diff := cmp.Diff(want, got); diff != "" || status != 0 {
			t.Errorf("exit status %d, outputs (-want +got):\n%s", status, diff)
		}
		if took := time.Since(began); took > 6*time.Minute+30*time.Second {
			t.Errorf("it took %s", took)
		}
		if !strings.HasPrefix(agent.Branch, "cursor/fix-the-flaky-test-gh-1000-") {
			t.Errorf("the branch is %s", agent.Branch)
		}
		if text := "\n  | The test depends on real time"; strings.Count(s.logged(), text) != 1 {
			t.Errorf("the log does not have what the agent said, once:\n%s", s.logged())
		}
		if n := s.operations("createAgentV0"); n != 1 {
			t.Errorf("%d launches", n)
		}
		s.noSecret()
	})
}

func TestWhatVersion0AloneCanDoIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		secret := strings.Repeat("s3cret", 6)
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
			t.Fatal(err)
		}
		s := stepV0(t, "happy", nil).with("create-pr", "true", "branch", "refs/heads/feature/x", "open-as-cursor-github-app", "true", "skip-reviewer-request", "true",
			"webhook-url", "https://example.com/hook", "webhook-secret", secret, "images", "a.png\nb.png").file("a.png", picture.String()).file("b.png", "no picture")
		if status := s.run(t.Context()); status != 0 {
			t.Fatalf("exit status %d\n%s", status, s.logged())
		}
		want := simulator.CreateRequest{
			Prompt: simulator.Prompt{Text: "Fix the flaky test.", Images: []simulator.Image{
				{Data: base64.StdEncoding.EncodeToString(picture.Bytes()), Dimension: &simulator.Dimension{Width: 3, Height: 2}}, {Data: "bm8gcGljdHVyZQ=="},
			}},
			Repos:        []simulator.Repo{{URL: "https://github.com/acme/shop", StartingRef: "main"}},
			AutoCreatePR: true, OpenAsCursorGithubApp: true, SkipReviewerRequest: true, Branch: "feature/x",
			Webhook: &simulator.Webhook{URL: "https://example.com/hook", Secret: secret},
		}
		if diff := cmp.Diff(want, s.api.Agents()[0].Request); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
		if strings.Contains(s.logged()+s.summary()+s.read("GITHUB_OUTPUT")+s.read("GITHUB_STATE"), secret) {
			t.Error("the webhook's secret is shown")
		}
	})
}

func TestAPullRequestThatVersion0DoesNotShowIsMissing(t *testing.T) {
	t.Parallel()
	for name, inputs := range map[string][]string{
		"on a branch":         nil,
		"from a pull request": {"pull-request", "41"}, // which the API shows as the agent's own
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := stepV0(t, "no-changes", nil).with("create-pr", "true").with(inputs...)
				status := s.run(t.Context())
				got := s.outputs()
				want := "::error::pr-missing: the agent finished, but no pull request was there 30s after its end, and the API does not tell whether anything was pushed to " + got["branch"] +
					"; nothing is left running: " + got["agent-url"] + "; read its answer, because it may have found nothing to change, and look for the branch"
				if diff := cmp.Diff(want, s.lastLine()); diff != "" || status != 1 || got["pr-url"] != "" {
					t.Errorf("exit status %d, pr-url %q, last line (-want +got):\n%s", status, got["pr-url"], diff)
				}
			})
		})
	}
}

func TestTheHeadOfAPullRequestIsPushedToWithVersion0(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", nil).with("pull-request", "41", "work-on-current-branch", "true", "create-pr", "true")
		if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" || s.outputs()["pr-url"] != pull41 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
	})
}

func TestDoctorAsksTheVersionThatALaunchWouldSpeak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stepV0(t, "happy", nil).with("command", "doctor", "model", "nope", "check-repositories", "true", "prompt", "")
		s.run(t.Context())
		if got := []int{s.operations("listModelsV0"), s.operations("listRepositoriesV0")}; !slices.Equal(got, []int{1, 1}) {
			t.Errorf("questions about models and repositories: %v", got)
		}
		if want := `"nope" is none of the 3 models that API v0 lists, which are not all that it takes`; strings.Count(s.logged(), want) != 2 {
			t.Errorf("the log does not have the finding and its annotation:\n%s", s.logged())
		}
	})
}

func TestBothVersionsGiveTheSameVerdict(t *testing.T) {
	t.Parallel()
	for _, plays := range simulator.Names() {
		t.Run(plays, func(t *testing.T) {
			t.Parallel()
			var verdicts [2][]string
			for i, version := range []string{"v1", "v0"} {
				synctest.Test(t, func(t *testing.T) {
					s := newStep(t, scenario(t, plays)).with("api-version", version, "create-pr", "true", "timeout", "30m")
					status := s.run(t.Context())
					got := s.outputs()
					result := got["result"]
					for _, agent := range s.api.Agents() { // Only the branches' names differ.
						result = strings.ReplaceAll(result, branchOf(agent), "BRANCH")
					}
					verdicts[i] = []string{fmt.Sprint(status), got["outcome"], got["status"], result, got["attached"]}
				})
			}
			if plays == "no-changes" || plays == "question" {
				verdicts[0][0], verdicts[0][1] = "1", "pr-missing" // Version 0 does not tell that nothing was pushed.
			}
			if diff := cmp.Diff(verdicts[0], verdicts[1]); diff != "" {
				t.Errorf("(-version 1 +version 0):\n%s", diff)
			}
		})
	}
}

// branchOf is the branch that an agent pushed, or words that nobody says.
func branchOf(agent simulator.AgentState) string {
	if agent.Branch == "" {
		return "no branch at all"
	}
	return agent.Branch
}
