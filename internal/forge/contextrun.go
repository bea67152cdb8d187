package forge

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
)

const (
	actionsRead = "actions: read"
	checksRead  = "checks: read"
)

// aboutWorkflowRun reads the failed jobs of a workflow run, and the pull request
// that it belongs to.
func (c *gathering) aboutWorkflowRun(ctx context.Context, e Event) {
	run := *e.WorkflowRun
	what := fmt.Sprintf("workflow run %d", run.ID)
	attempt := ""
	if run.Attempt > 0 {
		attempt = strconv.Itoa(run.Attempt)
	}
	c.addCode(what, loginOf(run.Actor), run.URL, fields("workflow", run.Name, "started by", run.Event, "branch", run.HeadBranch,
		"repository of the branch", run.HeadRepository, "commit", run.HeadSHA, "attempt", attempt, "conclusion", run.Conclusion))
	if !c.canAsk() {
		return
	}
	c.failures(ctx, what, actionsRead, c.hub.failedJobs(ctx, c.path, run.ID, run.Attempt, c.caps.Pages))
	numbers := run.PullRequests
	// GitHub names no pull request of a fork here.
	if len(numbers) == 0 && strings.HasPrefix(run.Event, "pull_request") && run.HeadRepository != "" && run.HeadBranch != "" {
		pulls, err := c.hub.pullsOf(ctx, e.Repository, run.HeadRepository, run.HeadBranch)
		if err != nil {
			c.missing(err, pullsRead)
		}
		for _, pull := range pulls {
			numbers = append(numbers, pull.Number)
		}
	}
	c.pullRequestOf(ctx, what, e.Repository, numbers)
}

// aboutCheck reads a check that failed, or those of a suite, and the pull
// request that they belong to.
func (c *gathering) aboutCheck(ctx context.Context, e Event) {
	check := *e.Check
	what := fmt.Sprintf("%s %d", check.Kind, check.ID)
	c.addCode(what, check.App, check.DetailsURL, fields("name", check.Name, "app", check.App, "branch", check.HeadBranch,
		"commit", check.HeadSHA, "conclusion", check.Conclusion))
	if !c.canAsk() {
		return
	}
	if check.Kind == CheckSuite {
		c.failures(ctx, what, checksRead, c.hub.failedChecks(ctx, c.path, check.ID, c.caps.Pages))
	} else {
		c.failures(ctx, what, checksRead, func(yield func(failedJob, error) bool) {
			failed, err := c.hub.failedCheck(ctx, c.path, check.ID)
			if err != nil {
				yield(failedJob{}, err)
			} else if failed != nil {
				yield(*failed, nil)
			}
		})
	}
	c.pullRequestOf(ctx, what, e.Repository, check.PullRequests)
}

// pullRequestOf adds the first of the pull requests that a run is of.
func (c *gathering) pullRequestOf(ctx context.Context, what string, repository Repository, numbers []int) {
	if len(numbers) == 0 {
		return
	}
	if len(numbers) > 1 {
		c.note("%s belongs to %d pull requests: the context has the first, %d", what, len(numbers), numbers[0])
	}
	pull, there := c.pullRequest(ctx, PullRequest{Repository: repository, Number: numbers[0]})
	if there {
		c.changes(ctx, fmt.Sprintf("pull request %d", numbers[0]), pull)
	}
}

// failures adds what is known of the failed jobs, each with an equal share of
// the room.
func (c *gathering) failures(ctx context.Context, what, permission string, failed iter.Seq2[failedJob, error]) {
	var jobs []failedJob
	more := 0
	for job, err := range failed {
		switch {
		case errors.Is(err, errMorePages):
			c.note("%s has more jobs than are read: the context may lack some that failed", what)
		case err != nil:
			c.missing(err, permission)
		case len(jobs) < c.caps.Jobs:
			jobs = append(jobs, job)
		default:
			more++
		}
	}
	if more > 0 {
		c.note("%d jobs of %s failed: the context has the first %d", len(jobs)+more, what, len(jobs))
	}
	share := 0
	if len(jobs) > 0 {
		share = c.kind().left / len(jobs)
	}
	asking := failureReads{annotations: true, logs: true}
	for _, job := range jobs {
		c.failure(ctx, &asking, job, what, share)
	}
}

// failureReads are the reads that were not refused for good yet.
type failureReads struct{ annotations, logs bool }

// failure adds what is known of a job in at most share bytes: its failed steps,
// its annotations, and the end of its log.
func (c *gathering) failure(ctx context.Context, asking *failureReads, job failedJob, what string, share int) {
	var steps strings.Builder
	for _, step := range job.Steps {
		steps.WriteString(fields("failed step", step))
	}
	about := joinParagraphs(steps.String(), job.Output)
	if asking.annotations {
		var lines strings.Builder
		for line, err := range c.hub.annotations(ctx, c.path, job.ID, 1) {
			if err != nil {
				// A hundred say enough, and a job needs to have none.
				if !errors.Is(err, errMorePages) && !isGone(err) {
					c.missing(err, checksRead)
					asking.annotations = false
				}
				break
			}
			lines.WriteString(line)
		}
		about = joinParagraphs(about, lines.String())
	}
	if strings.TrimSpace(about) == "" {
		about = "conclusion: " + job.Conclusion
	}
	kind := "job"
	if !job.HasLog {
		kind = "check"
	}
	quote := Quote{Source: fmt.Sprintf("%s %s of %s (%s)", kind, job.Name, what, job.Conclusion), URL: job.URL, Text: about, Code: true}
	quote.cut(min(c.caps.Part, max(1, share/4)))
	c.add(quote)
	room := min(c.caps.Part, share-len(quote.Text))
	if !job.HasLog || !asking.logs || room <= 0 {
		return
	}
	log, size, err := c.hub.jobLog(ctx, c.path, job.ID, room)
	if err != nil {
		c.missing(err, actionsRead)
		asking.logs = isGone(err)
		return
	}
	c.add(Quote{Source: fmt.Sprintf("log of job %s (%s)", job.Name, job.Conclusion), URL: job.URL, Text: log, Size: size, Code: true, Tail: true})
}
