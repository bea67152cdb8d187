package forge

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"
)

// failures are the conclusions that somebody should look at.
// https://docs.github.com/rest/checks/runs#get-a-check-run
var failures = []string{"failure", "timed_out", "startup_failure", "action_required"}

// failedJob is a job of a workflow, or a check of another app, that failed.
type failedJob struct {
	ID         int64 // of the check run; a job of Actions has the same
	Name       string
	Conclusion string
	URL        string
	Steps      []string // that failed, of a job of Actions
	HasLog     bool     // it is a job of Actions
	// Output is what another app's check says of itself: title, summary, text.
	Output string
}

// failedJobs reads the failed jobs of an attempt at a workflow run; attempt 0
// is the latest. The permission is actions: read.
// https://docs.github.com/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run-attempt
func (g *GitHub) failedJobs(ctx context.Context, path string, run int64, attempt, questions int) iter.Seq2[failedJob, error] {
	return list[failedJob]{fmt.Sprintf("read the jobs of workflow run %d of %s", run, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]failedJob, *github.Response, error) {
			var found *github.Jobs
			var answer *github.Response
			var err error
			if attempt > 0 {
				found, answer, err = g.client.Actions.ListWorkflowJobsAttempt(ctx, owner, name, run, int64(attempt), &page)
			} else {
				found, answer, err = g.client.Actions.ListWorkflowJobs(ctx, owner, name, run, &github.ListWorkflowJobsOptions{ListOptions: page})
			}
			if err != nil || found == nil {
				return nil, answer, err
			}
			return each(found.Jobs, failedJobOf), answer, nil
		}}.all(ctx, questions)
}

// failedJobOf is nil for a job that did not fail.
func failedJobOf(job *github.WorkflowJob) *failedJob {
	if !slices.Contains(failures, job.GetConclusion()) {
		return nil
	}
	failed := &failedJob{ID: job.GetID(), Name: job.GetName(), Conclusion: job.GetConclusion(), URL: job.GetHTMLURL(), HasLog: true}
	for _, step := range job.Steps {
		if slices.Contains(failures, step.GetConclusion()) {
			failed.Steps = append(failed.Steps, step.GetName())
		}
	}
	return failed
}

// failedChecks reads the failed check runs of a suite. The permission is checks:
// read.
// https://docs.github.com/rest/checks/runs#list-check-runs-in-a-check-suite
func (g *GitHub) failedChecks(ctx context.Context, path string, suite int64, questions int) iter.Seq2[failedJob, error] {
	return list[failedJob]{fmt.Sprintf("read the checks of check suite %d of %s", suite, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]failedJob, *github.Response, error) {
			found, answer, err := g.client.Checks.ListCheckRunsCheckSuite(ctx, owner, name, suite, &github.ListCheckRunsOptions{ListOptions: page})
			if err != nil || found == nil {
				return nil, answer, err
			}
			return each(found.CheckRuns, failedCheckOf), answer, nil
		}}.all(ctx, questions)
}

// failedCheck reads one check run; nil when it did not fail. The permission is
// checks: read. Its errors are *GitHubError.
// https://docs.github.com/rest/checks/runs#get-a-check-run
func (g *GitHub) failedCheck(ctx context.Context, path string, id int64) (*failedJob, error) {
	op := fmt.Sprintf("read check run %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return nil, err
	}
	found, answer, err := g.client.Checks.GetCheckRun(ctx, owner, name, id)
	if err != nil {
		return nil, gitHubError(op, answer, err)
	}
	return failedCheckOf(found), nil
}

// actionsApp is the slug of the app whose check runs are jobs of workflows.
const actionsApp = "github-actions"

func failedCheckOf(check *github.CheckRun) *failedJob {
	if !slices.Contains(failures, check.GetConclusion()) {
		return nil
	}
	failed := &failedJob{
		ID: check.GetID(), Name: check.GetName(), Conclusion: check.GetConclusion(), URL: check.GetHTMLURL(),
		HasLog: check.GetApp().GetSlug() == actionsApp,
	}
	if output := check.GetOutput(); output != nil {
		failed.Output = joinParagraphs(output.GetTitle(), output.GetSummary(), output.GetText())
	}
	return failed
}

// annotations reads what a check says of lines of files, as text with a line for
// each; see list.all. The permission is checks: read.
// https://docs.github.com/rest/checks/runs#list-check-run-annotations
func (g *GitHub) annotations(ctx context.Context, path string, check int64, questions int) iter.Seq2[string, error] {
	return list[string]{fmt.Sprintf("read the annotations of check run %d of %s", check, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]string, *github.Response, error) {
			found, answer, err := g.client.Checks.ListCheckRunAnnotations(ctx, owner, name, check, &page)
			return each(found, annotationOf), answer, err
		}}.all(ctx, questions)
}

func annotationOf(annotation *github.CheckRunAnnotation) *string {
	if annotation == nil {
		return nil
	}
	where := ""
	// Actions says .github where it has no file to blame.
	if file := annotation.GetPath(); file != "" && file != ".github" {
		where = fmt.Sprintf("%s:%d: ", quotePath(file), annotation.GetStartLine())
	}
	return new(annotation.GetAnnotationLevel() + ": " + where + strings.Join(strings.Fields(annotation.GetTitle()+" "+annotation.GetMessage()), " ") + "\n")
}

// joinParagraphs joins the texts that are not empty.
func joinParagraphs(texts ...string) string {
	var kept []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			kept = append(kept, strings.TrimRight(text, "\r\n"))
		}
	}
	return strings.Join(kept, "\n\n")
}
