package forgetest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"cursor-agent-action/internal/forge/forgetest"
)

// failingRun is acme/shop with a failed run of two attempts.
func failingRun() forgetest.Config {
	config := shop()
	config.Repositories[0].WorkflowRuns = []*forgetest.WorkflowRun{
		{ID: 70, Name: "Tests", Event: "pull_request", HeadBranch: "fix-cart", Actor: "ann", TriggeringActor: "mia", Conclusion: "failure", Attempt: 2, PullRequests: []int{9, 7},
			Jobs: []*forgetest.Job{
				{ID: 80, Name: "lint", Conclusion: "failure"},
				{ID: 81, Attempt: 2, Name: "lint"},
				{ID: 82, Attempt: 2, Name: "test", Conclusion: "failure", Log: "2026-01-01T00:00:00.0000000Z ok\n2026-01-01T00:00:01.0000000Z FAIL\n",
					Steps: []forgetest.Step{{Name: "Set up"}, {Name: "go test", Conclusion: "failure"}}},
				{ID: 83, Attempt: 2, Name: "old", LogGone: true},
				{ID: 84, Attempt: 2, Name: "slow", Status: "in_progress"},
			}},
		{ID: 71, Status: "queued", HeadRepository: "eve/shop"},
	}
	return config
}

func TestAWorkflowRunAndItsJobsAreRead(t *testing.T) {
	t.Parallel()
	c := start(t, failingRun())
	actions := c.github(workflowToken).Actions
	run, _, err := actions.GetWorkflowRunByID(t.Context(), "acme", "shop", 70)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "run", []any{"completed", "failure", "pull_request", "fix-cart", "ann", "mia", 2, 1, 9, c.hub.Issue("acme/shop", 9).Pull.HeadSHA, "acme/shop"},
		[]any{run.GetStatus(), run.GetConclusion(), run.GetEvent(), run.GetHeadBranch(), run.GetActor().GetLogin(), run.GetTriggeringActor().GetLogin(), run.GetRunAttempt(),
			len(run.PullRequests), run.PullRequests[0].GetNumber(), run.GetHeadSHA(), run.GetHeadRepository().GetFullName()})
	queued, _, err := actions.GetWorkflowRunByID(t.Context(), "acme", "shop", 71)
	if err != nil || queued.GetStatus() != "queued" || queued.Conclusion != nil || queued.GetHeadRepository().GetFullName() != "eve/shop" {
		t.Errorf("got %v, %v", queued, err)
	}
	names := func(path string) (names []string) {
		jobs := decode[github.Jobs](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/actions/runs/70"+path, "").Body)
		for _, job := range jobs.Jobs {
			names = append(names, fmt.Sprint(job.GetName(), " ", job.GetStatus(), " ", job.GetConclusion(), " ", len(job.Steps)))
		}
		diff(t, "counted", jobs.GetTotalCount(), len(jobs.Jobs))
		return names
	}
	latest := []string{"lint completed success 0", "test completed failure 2", "old completed success 0", "slow in_progress  0"}
	diff(t, "latest", latest, names("/jobs"))
	diff(t, "second", latest, names("/attempts/2/jobs"))
	diff(t, "first", []string{"lint completed failure 0"}, names("/attempts/1/jobs"))
	diff(t, "all", append([]string{"lint completed failure 0"}, latest...), names("/jobs?filter=all"))
	for _, path := range []string{"1", "1/jobs", "70/attempts/3/jobs", "70/attempts/x/jobs"} {
		c.want(http.StatusNotFound, "GET", "/repos/acme/shop/actions/runs/"+path, "")
	}
}

const log82 = "/repos/acme/shop/actions/jobs/82/logs"

func TestALogIsOnAnotherHostForAMinute(t *testing.T) {
	t.Parallel()
	bubble(t, failingRun(), func(t *testing.T, c *client) {
		at, _, err := c.github(workflowToken).Actions.GetWorkflowJobLogs(t.Context(), "acme", "shop", 82, 0)
		if err != nil || at.Host != "results.api.github.com" {
			t.Fatalf("got %v, %v", at, err)
		}
		const whole = "2026-01-01T00:00:00.0000000Z ok\n2026-01-01T00:00:01.0000000Z FAIL\n"
		for asked, want := range map[string]string{
			"":              fmt.Sprint("200  ", whole),
			"bytes=60-":     fmt.Sprint("206 bytes 60-65/66 ", whole[60:]),
			"bytes=0-3":     "206 bytes 0-3/66 2026",
			"bytes=64-1000": fmt.Sprint("206 bytes 64-65/66 ", whole[64:]),
			"bytes=-5":      fmt.Sprint("200  ", whole), // Azure knows no range from the end
			"bytes=5-2":     fmt.Sprint("200  ", whole),
			"lines=1-2":     fmt.Sprint("200  ", whole),
		} {
			got := c.do("GET", at.String(), "", "Authorization: ", "Range: "+asked)
			diff(t, asked, want, fmt.Sprint(got.Status, " ", got.Header.Get("Content-Range"), " ", got.Body))
			diff(t, "limit", "", got.Header.Get("X-RateLimit-Limit"))
		}
		code := func(want int, address string, headers ...string) string {
			body := c.want(want, "GET", address, "", headers...).Body
			_, body, _ = strings.Cut(body, "<Code>")
			body, _, _ = strings.Cut(body, "<")
			return body
		}
		diff(t, "beyond", "InvalidRange", code(416, at.String(), "Authorization: ", "Range: bytes=66-"))
		diff(t, "a token is not for this host", "InvalidAuthenticationInfo", code(400, at.String()))
		diff(t, "forged", "AuthenticationFailed", code(403, strings.Replace(at.String(), "sig=", "sig=0", 1), "Authorization: "))
		c.hub.Edit("acme/shop", func(r *forgetest.Repository) { r.WorkflowRuns[0].Jobs[2].LogGone = true })
		diff(t, "gone meanwhile", "BlobNotFound", code(404, at.String(), "Authorization: "))
		time.Sleep(61 * time.Second)
		diff(t, "late", "AuthenticationFailed", code(403, at.String(), "Authorization: "))
		diff(t, "asked", 12, len(c.hub.Asked("logs")))
	})
}

func TestALogThatCannotBeReadHasAReason(t *testing.T) {
	t.Parallel()
	c := start(t, failingRun())
	diff(t, "expired", "The logs for this job have expired and are no longer available.", c.want(http.StatusGone, "GET", "/repos/acme/shop/actions/jobs/83/logs", "").message(t))
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/actions/jobs/84/logs", "")
	c.want(http.StatusNotFound, "GET", "/repos/acme/shop/actions/jobs/1/logs", "")
}

func TestALogIsWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	config := failingRun()
	config.LogsURL = "http://172.17.0.1:8787/"
	to := start(t, config).want(http.StatusFound, "GET", log82, "").Header.Get("Location")
	if !strings.HasPrefix(to, "http://172.17.0.1:8787/actions-results/82.txt?se=") {
		t.Errorf("got %s", to)
	}
}

func TestALogBehindASocketIsAtTheOtherNameOfTheHost(t *testing.T) {
	t.Parallel()
	hub := forgetest.New(failingRun())
	t.Cleanup(hub.Close)
	base, err := hub.Listen()
	if err != nil {
		t.Fatal(err)
	}
	plain := &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(plain.CloseIdleConnections)
	c := &client{t, hub, plain}
	to, err := url.Parse(c.want(http.StatusFound, "GET", base+log82, "").Header.Get("Location"))
	if err != nil || to.Hostname() != "localhost" {
		t.Fatalf("got %v, %v", to, err)
	}
	to.Host = "127.0.0.1:" + to.Port() // wherever localhost may lead on this machine
	if got := c.want(http.StatusOK, "GET", to.String(), "", "Authorization: "); !strings.HasSuffix(got.Body, "FAIL\n") {
		t.Errorf("got %q", got.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", base+log82, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = strings.Replace(r.Host, "127.0.0.1", "localhost", 1)
	r.Header.Set("Authorization", "Bearer "+workflowToken)
	answer, err := plain.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if to := answer.Header.Get("Location"); !strings.HasPrefix(to, "http://127.0.0.1:") {
		t.Errorf("got %s", to)
	}
}

func TestACheckRunIsMadeChangedAndListed(t *testing.T) {
	t.Parallel()
	bubble(t, shop(), func(t *testing.T, c *client) {
		checks := c.github(workflowToken).Checks
		head := c.hub.Issue("acme/shop", 9).Pull.HeadSHA
		made, answer, err := checks.CreateCheckRun(t.Context(), "acme", "shop", github.CreateCheckRunOptions{Name: "Cursor", HeadSHA: head, Status: new("in_progress"), ExternalID: new("bc-1")})
		if err != nil || answer.StatusCode != http.StatusCreated {
			t.Fatal(err)
		}
		diff(t, "made", []any{"in_progress", "", head, "github-actions", "bc-1", 9},
			[]any{made.GetStatus(), made.GetConclusion(), made.GetHeadSHA(), made.GetApp().GetSlug(), made.GetExternalID(), made.PullRequests[0].GetNumber()})
		time.Sleep(time.Minute)
		changed, _, err := checks.UpdateCheckRun(t.Context(), "acme", "shop", made.GetID(), github.UpdateCheckRunOptions{Name: "Cursor", Conclusion: new("success"), Output: &github.CheckRunOutput{
			Title: new("Done"), Summary: new("All is well."), Text: new("More"), Annotations: []*github.CheckRunAnnotation{{Path: new("a.go"), StartLine: new(3), EndLine: new(3), StartColumn: new(1), AnnotationLevel: new("warning"), Message: new("Hm"), Title: new("T")}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		diff(t, "changed", []any{"completed", "success", "Done", 1, time.Minute},
			[]any{changed.GetStatus(), changed.GetConclusion(), changed.GetOutput().GetTitle(), changed.GetOutput().GetAnnotationsCount(), changed.GetCompletedAt().Sub(changed.GetStartedAt().Time)})
		notes, _, err := checks.ListCheckRunAnnotations(t.Context(), "acme", "shop", made.GetID(), nil)
		if err != nil || len(notes) != 1 || notes[0].GetPath() != "a.go" || notes[0].GetStartColumn() != 1 || notes[0].GetAnnotationLevel() != "warning" {
			t.Errorf("notes: %v, %v", notes, err)
		}
		again, _, err := checks.UpdateCheckRun(t.Context(), "acme", "shop", made.GetID(), github.UpdateCheckRunOptions{Name: "Cursor 2", Status: new("in_progress"), DetailsURL: new("https://cursor.com/agents/bc-1")})
		if err != nil || again.GetConclusion() != "" || again.CompletedAt != nil || again.GetDetailsURL() != "https://cursor.com/agents/bc-1" || again.GetHeadSHA() != head {
			t.Errorf("again: %v, %v", again, err)
		}
		c.hub.Edit("acme/shop", func(r *forgetest.Repository) {
			r.CheckRuns = append(r.CheckRuns, &forgetest.CheckRun{ID: 90, Name: "CI", App: "other[bot]", HeadSHA: head, Conclusion: "failure"})
		})
		for query, want := range map[string]string{"": "CI failure, Cursor 2 ", "?check_name=CI": "CI failure", "?status=in_progress": "Cursor 2 "} {
			list := decode[github.ListCheckRunsResults](t, c.want(http.StatusOK, "GET", "/repos/acme/shop/commits/fix-cart/check-runs"+query, "").Body)
			var names []string
			for _, check := range list.CheckRuns {
				names = append(names, check.GetName()+" "+check.GetConclusion())
			}
			diff(t, query, want, strings.Join(names, ", "))
		}
		got, _, err := checks.GetCheckRun(t.Context(), "acme", "shop", 90)
		if err != nil || got.GetConclusion() != "failure" || got.GetApp().GetSlug() != "other" {
			t.Errorf("got %v, %v", got, err)
		}
		diff(t, "of another app", 403, c.do("PATCH", "/repos/acme/shop/check-runs/90", `{"status":"queued"}`).Status)
		for _, path := range []string{"/check-runs/1", "/check-runs/1/annotations"} {
			c.want(http.StatusNotFound, "GET", "/repos/acme/shop"+path, "")
		}
		c.want(http.StatusNotFound, "PATCH", "/repos/acme/shop/check-runs/1", `{}`)
		c.want(http.StatusUnprocessableEntity, "GET", "/repos/acme/shop/commits/none/check-runs", "")
	})
}

func TestACheckRunBeyondItsLimitsIsRefused(t *testing.T) {
	t.Parallel()
	c := start(t, shop())
	head := c.hub.Issue("acme/shop", 9).Pull.HeadSHA
	start := `{"name":"Cursor","head_sha":"` + head + `"`
	note := func(more string) string {
		return `{"path":"a.go","start_line":1,"end_line":2,"annotation_level":"notice","message":"m"` + more + `}`
	}
	output := func(more string) string { return start + `,"output":{"title":"t","summary":"s"` + more + `}}` }
	long := strings.Repeat("x", 65536)
	for _, test := range []struct{ name, body, message string }{
		{"no name", `{"head_sha":"` + head + `"}`, "Invalid request.\n\n\"name\" wasn't supplied."},
		{"no commit", `{"name":"x"}`, "Invalid request.\n\n\"head_sha\" wasn't supplied."},
		{"another commit", `{"name":"x","head_sha":"` + forgetest.SHA("none") + `"}`, "No commit found for SHA: " + forgetest.SHA("none")},
		{"an odd status", start + `,"status":"odd"}`, "Invalid request.\n\nFor 'properties/status', \"odd\" is not a member of the values that it may have."},
		{"an odd conclusion", start + `,"conclusion":"odd"}`, "Invalid request.\n\nFor 'properties/conclusion', \"odd\" is not a member of the values that it may have."},
		{"completed without a conclusion", start + `,"status":"completed"}`, "Invalid request.\n\n\"conclusion\" wasn't supplied."},
		{"no summary", start + `,"output":{"title":"t"}}`, "Invalid request.\n\n\"summary\" wasn't supplied."},
		{"a long summary", start + `,"output":{"title":"t","summary":"` + long + `"}}`, "Invalid request.\n\nOnly 65535 characters are allowed; 65536 were supplied."},
		{"a long text", output(`,"text":"` + long + `"`), "Invalid request.\n\nOnly 65535 characters are allowed; 65536 were supplied."},
		{"too many notes", output(`,"annotations":[` + strings.Repeat(note("")+",", 50) + note("") + `]`), "Invalid request.\n\nNo more than 50 items are allowed; 51 were supplied."},
		{"a note without a place", output(`,"annotations":[{"message":"m"}]`), "Invalid request.\n\nAn annotation needs path, start_line, end_line, annotation_level and message."},
		{"a note of a long title", output(`,"annotations":[` + note(`,"title":"`+strings.Repeat("ä", 256)+`"`) + `]`), "Invalid request.\n\nAn annotation is too long."},
		{"columns of several lines", output(`,"annotations":[` + note(`,"start_column":1`) + `]`), "Invalid request.\n\nColumns are for annotations of one line."},
		{"a name that is a number", `{"name":7}`, "Invalid request.\n\njson: cannot unmarshal number into Go struct field checkRequest.name of type string"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			diff(t, "message", test.message, c.want(http.StatusUnprocessableEntity, "POST", "/repos/acme/shop/check-runs", test.body).message(t))
		})
	}
	c.want(http.StatusCreated, "POST", "/repos/acme/shop/check-runs", output(`,"text":"`+long[1:]+`","annotations":[`+strings.Repeat(note("")+",", 49)+note("")+`]`))
	id := c.hub.Repository("acme/shop").CheckRuns[0].ID
	c.want(http.StatusUnprocessableEntity, "PATCH", fmt.Sprintf("/repos/acme/shop/check-runs/%d", id), `{"status":"odd"}`)
	c.want(http.StatusOK, "PATCH", fmt.Sprintf("/repos/acme/shop/check-runs/%d", id), `{"output":{"summary":"s","annotations":[`+note("")+`]},"started_at":"2026-01-02T03:04:05Z","conclusion":"neutral","completed_at":"2026-01-02T03:05:05Z"}`)
	check := c.hub.Repository("acme/shop").CheckRuns[0]
	diff(t, "after", []any{51, "neutral", time.Minute}, []any{len(check.Annotations), check.Conclusion, check.CompletedAt.Sub(check.StartedAt)})
}
