package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

const (
	bodyV0 = `{"prompt":{"text":"Fix the flaky test."},"source":{"repository":"https://github.com/acme/widgets","ref":"main"},` +
		`"target":{"autoCreatePr":true,"branchName":"feature/x"}}`
	pullV0 = "https://github.com/acme/widgets/pull/41"
	more   = `{"prompt":{"text":"More."}}`
)

// launchV0 creates an agent by version 0 and returns its path there and its id.
func (c *client) launchV0(body string) (path, id string) {
	c.t.Helper()
	id, _ = decode[map[string]any](c.t, c.want(http.StatusCreated, "POST", "/v0/agents", body).Body)["id"].(string)
	return "/v0/agents/" + id, id
}

// agentV0 is an agent as version 0 shows it.
type agentV0 struct {
	Status, Summary string
	Source          struct{ Repository, Ref string }
	Target          struct{ BranchName, PRURL string }
}

func (c *client) agentV0(path string) agentV0 {
	c.t.Helper()
	return decode[agentV0](c.t, c.want(http.StatusOK, "GET", path, "").Body)
}

func TestAnAgentOfVersion0HasTheStateOfItsRun(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		created := c.want(http.StatusCreated, "POST", "/v0/agents", bodyV0)
		id := c.server.Agents()[0].ID
		answer := func(status, pull, summary string) string {
			return `{"id":"` + id + `","name":"Fix the flaky test.","status":"` + status + `",` +
				`"source":{"repository":"https://github.com/acme/widgets","ref":"main"},` +
				`"target":{"branchName":"feature/x","url":"https://cursor.com/agents?id=` + id + `",` + pull +
				`"autoCreatePr":true,"openAsCursorGithubApp":false,"skipReviewerRequest":false},` + summary +
				`"createdAt":"2000-01-01T00:00:00.000Z"}`
		}
		diff(t, "answer", answer("CREATING", "", ""), created.Body)
		diff(t, "at once", answer("CREATING", "", ""), c.want(http.StatusOK, "GET", "/v0/agents/"+id, "").Body)
		time.Sleep(500 * time.Millisecond)
		diff(t, "later", answer("RUNNING", "", ""), c.want(http.StatusOK, "GET", "/v0/agents/"+id, "").Body)
		time.Sleep(time.Second)
		over := answer("FINISHED", `"prUrl":"https://github.com/acme/widgets/pull/7",`, `"summary":"Done on feature/x.",`)
		diff(t, "over", over, c.want(http.StatusOK, "GET", "/v0/agents/"+id, "").Body)
		diff(t, "listed", `{"agents":[`+over+`]}`, c.want(http.StatusOK, "GET", "/v0/agents", "").Body)
		made := c.server.Requests()[0]
		diff(t, "record", []string{"createAgentV0", id, c.server.Agents()[0].Runs[0].ID}, []string{made.Op, made.AgentID, made.RunID})
	})
}

func TestBothVersionsServeTheSameAgents(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		c.launch()
		time.Sleep(time.Second)
		_, id := c.launchV0(bodyV0)
		time.Sleep(time.Second)
		old := c.agentV0("/v0/agents/" + agentID)
		diff(t, "an agent of version 1 in version 0", []string{"FINISHED", "cursor/fix-the-flaky-test-in-internal-a1b2", "https://github.com/acme/widgets/pull/7"},
			[]string{old.Status, old.Target.BranchName, old.Target.PRURL})
		agent := decode[map[string]any](t, c.want(http.StatusOK, "GET", "/v1/agents/"+id, "").Body)
		diff(t, "an agent of version 0 in version 1", map[string]any{"url": "https://github.com/acme/widgets", "startingRef": "main"}, agent["repos"].([]any)[0].(map[string]any))
		run := c.run("/v1/agents/" + id + "/runs/" + agent["latestRunId"].(string))
		branch := run["git"].(map[string]any)["branches"].([]any)[0].(map[string]any)["branch"]
		diff(t, "its run", []any{"FINISHED", "feature/x"}, []any{run["status"], branch})
		for _, version := range []string{"v0", "v1"} {
			list := c.want(http.StatusOK, "GET", "/"+version+"/agents", "").Body
			if first, second := strings.Index(list, id), strings.Index(list, agentID); first < 0 || second < first {
				t.Errorf("%s lists %s", version, list)
			}
		}
		c.want(http.StatusOK, "DELETE", "/v0/agents/"+id, "")
		c.want(http.StatusNotFound, "GET", "/v1/agents/"+id, "")
	})
}

func TestAFollowUpLeavesTheOldEndInPlaceUntilItBegins(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		path, id := c.launchV0(bodyV0)
		time.Sleep(2 * time.Second)
		diff(t, "answer", `{"id":"`+id+`"}`, c.want(http.StatusOK, "POST", path+"/followup", more).Body)
		for _, want := range []struct {
			after  time.Duration
			status string
		}{{0, "FINISHED"}, {50 * time.Millisecond, "FINISHED"}, {100 * time.Millisecond, "RUNNING"}, {time.Second, "FINISHED"}} {
			time.Sleep(want.after)
			diff(t, "status", want.status, c.agentV0(path).Status)
		}
		if runs := c.server.Agents()[0].Runs; len(runs) != 2 || runs[1].Prompt.Text != "More." || runs[1].Mode != "agent" {
			t.Errorf("runs: %+v", runs)
		}
	})
}

func TestAFollowUpToALiveAgentWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		path, id := c.launchV0(bodyV0)
		time.Sleep(500 * time.Millisecond)
		c.want(http.StatusOK, "POST", path+"/followup", more)
		c.want(http.StatusConflict, "POST", "/v1/agents/"+id+"/runs", more)
		time.Sleep(time.Hour)
		runs := c.server.Agents()[0].Runs
		for i, r := range runs {
			began := runs[0].CreatedAt.Add(time.Duration(i) * time.Second)
			diff(t, "start and end", []time.Time{began.Add(100 * time.Millisecond), began.Add(time.Second)}, []time.Time{r.StartedAt, r.EndedAt})
		}
		diff(t, "runs", 2, len(runs))
	})
}

func TestAStopEndsAllThatIsLive(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]string{"": "FINISHED", "STOPPED": "STOPPED"} {
		scenario := short()
		scenario.Cancel.ShownAs = shown
		bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
			if shown != "" {
				c.http.Transport = c.server.Transport() // no specification has that status
			}
			path, id := c.launchV0(bodyV0)
			time.Sleep(500 * time.Millisecond)
			c.want(http.StatusOK, "POST", path+"/followup", more)
			diff(t, "answer", `{"id":"`+id+`"}`, c.want(http.StatusOK, "POST", path+"/stop", "{}").Body)
			diff(t, "status", want, c.agentV0(path).Status)
			time.Sleep(time.Hour)
			for _, r := range c.server.Agents()[0].Runs {
				diff(t, "run", []any{"CANCELLED", 1}, []any{r.Status, len(r.CancelRequestedAt)})
			}
			c.want(http.StatusOK, "POST", path+"/stop", "") // There is nothing to stop, which is no error.
			c.want(http.StatusOK, "POST", path+"/followup", more)
			time.Sleep(500 * time.Millisecond)
			diff(t, "it starts again", "RUNNING", c.agentV0(path).Status)
		})
	}
}

func TestAQueuedFollowUpEndsWithItsAgent(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		c.want(http.StatusOK, "POST", path+"/followup", more)
		c.want(http.StatusOK, "DELETE", path, "")
		for _, r := range c.server.Agents()[0].Runs {
			diff(t, "run", "CANCELLED", r.Status)
		}
		time.Sleep(time.Hour)
		if r := c.server.Agents()[0].Runs[1]; !r.StartedAt.IsZero() {
			t.Errorf("it began all the same: %+v", r)
		}
	})
}

func TestAQueuedFollowUpEndsWithTheServer(t *testing.T) {
	t.Parallel()
	bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		c.want(http.StatusOK, "POST", path+"/followup", more)
		c.server.Close() // It waits for all players, of which one waits for another.
	})
}

func TestAPullRequestIsShownAsTheAgentsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, target, branch, atEnd string
		current                     bool
	}{
		{"a new branch", `{"autoCreatePr":true,"branchName":"feature/x"}`, "feature/x", "https://github.com/acme/widgets/pull/7", false},
		{"a new branch and no pull request", `{"branchName":"feature/x"}`, "feature/x", pullV0, false},
		{"a new branch, in words", `{"autoBranch":true,"branchName":"feature/x"}`, "feature/x", pullV0, false},
		{"its head", `{"autoBranch":false}`, "pull/41/head", pullV0, true},
	} {
		bubble(t, simulator.Config{Scenario: short()}, func(t *testing.T, c *client) {
			path, _ := c.launchV0(`{"prompt":{"text":"x"},"source":{"prUrl":"` + pullV0 + `"},"target":` + test.target + `}`)
			got := c.agentV0(path)
			diff(t, test.name, []string{"https://github.com/acme/widgets", "", test.branch, pullV0}, []string{got.Source.Repository, got.Source.Ref, got.Target.BranchName, got.Target.PRURL})
			diff(t, test.name+": current branch", test.current, c.server.Agents()[0].Request.WorkOnCurrentBranch)
			time.Sleep(2 * time.Second)
			diff(t, test.name+": at the end", test.atEnd, c.agentV0(path).Target.PRURL)
		})
	}
}

func TestTheBranchIsNamedAlsoWhereNothingIsPushed(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Branch = ""
	bubble(t, simulator.Config{Scenario: scenario}, func(t *testing.T, c *client) {
		path, _ := c.launchV0(bodyV0)
		time.Sleep(2 * time.Second)
		got := c.agentV0(path)
		diff(t, "branch and pull request", []string{"feature/x", ""}, []string{got.Target.BranchName, got.Target.PRURL})
		diff(t, "pushed", "", c.server.Agents()[0].Branch)
	})
}

func TestAgentsWithoutRepositoryShowNone(t *testing.T) {
	t.Parallel()
	scenario := short()
	scenario.Account.NoRepo = true
	c := start(t, simulator.Config{Scenario: scenario})
	c.want(http.StatusCreated, "POST", "/v1/agents", `{"prompt":{"text":"x"},"agentId":"`+agentID+`"}`)
	got := c.agentV0("/v0/agents/" + agentID)
	diff(t, "place", []string{"", "", ""}, []string{got.Source.Repository, got.Source.Ref, got.Target.BranchName})
}

func TestAListOfVersion0HasPagesAndAFilter(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	for i := range 3 {
		c.launchV0(fmt.Sprintf(`{"prompt":{"text":"x"},"source":{"prUrl":"https://github.com/acme/widgets/pull/%d"}}`, 40+i))
	}
	type list struct {
		Agents     []struct{ ID string }
		NextCursor *string
	}
	ids := func(query string) (got []int, next *string) {
		page := decode[list](t, c.want(http.StatusOK, "GET", "/v0/agents"+query, "").Body)
		for _, agent := range page.Agents {
			for i, known := range c.server.Agents() {
				if known.ID == agent.ID {
					got = append(got, i)
				}
			}
		}
		return got, page.NextCursor
	}
	first, next := ids("?limit=2")
	diff(t, "first page", []int{2, 1}, first)
	second, end := ids("?limit=2&cursor=" + *next)
	diff(t, "second page", []any{[]int{0}, (*string)(nil)}, []any{second, end})
	filtered, _ := ids("?prUrl=" + pullV0)
	diff(t, "of a pull request", []int{1}, filtered)
}

func TestWhatAnAgentOfVersion0IsAskedForIsRemembered(t *testing.T) {
	t.Parallel()
	c := start(t, simulator.Config{})
	secret := strings.Repeat("s", 32)
	c.launchV0(`{"prompt":{"text":"Hi","images":[{"data":"eA==","dimension":{"width":1,"height":2}}]},"model":"sonnet",` +
		`"source":{"repository":"github.com/acme/widgets"},"target":{"autoCreatePr":true,"openAsCursorGithubApp":true,"skipReviewerRequest":true},` +
		`"webhook":{"url":"https://example.com/hook","secret":"` + secret + `"}}`)
	want := simulator.CreateRequest{
		Prompt:       simulator.Prompt{Text: "Hi", Images: []simulator.Image{{Data: "eA==", Dimension: &simulator.Dimension{Width: 1, Height: 2}}}},
		Model:        &simulator.ModelRef{ID: "sonnet"},
		Repos:        []simulator.Repo{{URL: "github.com/acme/widgets"}},
		AutoCreatePR: true, OpenAsCursorGithubApp: true, SkipReviewerRequest: true,
		Webhook: &simulator.Webhook{URL: "https://example.com/hook", Secret: secret},
	}
	diff(t, "request", want, c.server.Agents()[0].Request)
	c.launchV0(`{"prompt":{"text":"Hi"},"model":"default","source":{"repository":"github.com/acme/widgets"}}`)
	if model := c.server.Agents()[1].Request.Model; model != nil {
		t.Errorf("the account's own model is %+v", model)
	}
}
