package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/forge"
)

// Pages of GitHub about jobs.
const (
	filesPage    = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#environment-files"
	timeoutsPage = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes"
)

const (
	// cancelTime is how long ending a run may take when the time is over.
	cancelTime = 30 * time.Second
	// roomForSteps is what a job should have beside our time, for its other
	// steps.
	roomForSteps = 5 * time.Minute
)

// surroundings are what the runner gave to the step.
func (c Config) surroundings(context.Context) []Finding {
	return []Finding{c.workspaceFinding(), c.filesFinding()}
}

// schema is about the schema of the result, where one is asked for.
func (c Config) schema(context.Context) []Finding {
	switch wrong := c.Step.Schema; {
	case wrong == nil:
		return nil
	case wrong.Wrong:
		return []Finding{{Name: resultSchema, Status: Failed, Found: wrong.Found, Fix: wrong.Fix}}
	}
	return []Finding{{Name: resultSchema, Status: OK, Found: "it is a JSON Schema that results can be held against"}}
}

// workspaceFinding writes a file into the workspace and takes it away.
func (c Config) workspaceFinding() Finding {
	err := touch(c.Step.Runner)
	if err == nil {
		return Finding{Name: workspace, Status: OK, Found: "files can be written to it"}
	}
	f := Finding{
		Name: workspace, Status: Warning, Found: withoutFix(err),
		Fix:  "mount the workspace writable, with room on its disk; only artifacts and files for the prompt need it",
		Link: "https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support#github-workspace",
	}
	if c.Step.Writes {
		f.Status = Failed
		f.Fix = "mount the workspace writable, with room on its disk, or leave artifacts out"
	}
	return f
}

func touch(runner *actions.Runner) (err error) {
	place, err := runner.Workspace()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	name := "cursor-agent-action-" + rand.Text()
	file, err := place.Create(name)
	if err != nil {
		return err
	}
	_, err = file.Write([]byte("written by doctor, and safe to remove\n"))
	return errors.Join(err, file.Close(), place.Remove(name))
}

// filesFinding looks at the files by which outputs, state and summary leave.
func (c Config) filesFinding() Finding {
	warnings, err := c.Step.Runner.CheckFiles()
	f := Finding{Name: fileCommands, Status: OK, Found: "outputs, state and summary can be written", Link: filesPage}
	var found []string
	for _, warning := range warnings {
		f.Status = Warning
		found = append(found, withoutFix(errors.New(warning)))
	}
	if err != nil {
		f.Status = Failed
		found = append([]string{withoutFix(err)}, found...)
	}
	if f.Status == OK {
		f.Link = ""
		return f
	}
	f.Found = strings.Join(found, "; ")
	f.Fix = "check that the runner's files are mounted into the container, and that their disk is neither full nor read-only"
	return f
}

// withoutFix is an error without the next step that it ends with.
func withoutFix(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if end := strings.LastIndex(text, ": "); end > 0 {
		return text[:end]
	}
	return text
}

// jobTime compares the job's time-out with ours. A job that ends first is
// killed in the middle, and only the cleanup stage ends the agent's run.
func (c Config) jobTime(ctx context.Context) []Finding {
	need := c.Step.Timeout + cancelTime
	has, from, err := c.readJobTime(ctx)
	f := Finding{Name: jobTimeout, Status: OK, Link: timeoutsPage}
	switch {
	case err != nil:
		f.Status = NotChecked
		f.Found = err.Error()
		f.Fix = fmt.Sprintf("see that timeout-minutes of the job is %d or more", minutes(c.Step.Timeout+roomForSteps))
	case has >= need:
		f.Found = fmt.Sprintf("the job may take %d minutes (%s), and this step takes %s at most", minutes(has), from, need)
		f.Link = ""
	default:
		f.Status = Warning
		f.Found = fmt.Sprintf("the job ends after %d minutes (%s), before this step, which takes %s at most", minutes(has), from, need)
		f.Fix = fmt.Sprintf("set timeout-minutes: %d or more for the job, or a shorter timeout for this step", minutes(c.Step.Timeout+roomForSteps))
	}
	return []Finding{f}
}

func minutes(d time.Duration) int { return int(math.Ceil(d.Minutes())) }

// readJobTime reads the job's time-out in the workflow file of the checkout, or
// else of GitHub. From is the file.
func (c Config) readJobTime(ctx context.Context) (has time.Duration, from string, _ error) {
	context := c.Step.Runner.Context()
	file, known := c.Step.Runner.WorkflowFile()
	if !known || context.Job == "" {
		return 0, "", errors.New("the runner does not say which workflow file this job is from")
	}
	if strings.EqualFold(file.Repository, context.Repository) {
		if content, err := readCheckout(c.Step.Runner, file.Path); err == nil {
			has, err := actions.JobTimeout(content, context.Job)
			return has, file.Path, err
		}
	}
	unread := fmt.Sprintf("%s is not in the workspace", file.Path)
	if c.Token.IsZero() {
		return 0, "", errors.New(unread + ", and there is no token to read it from GitHub")
	}
	content, err := c.readFromGitHub(ctx, file)
	if err != nil {
		return 0, "", fmt.Errorf("%s, and GitHub did not give it: %w", unread, err)
	}
	has, err = actions.JobTimeout(content, context.Job)
	return has, file.Path, err
}

func readCheckout(runner *actions.Runner, path string) ([]byte, error) {
	place, err := runner.Workspace()
	if err != nil {
		return nil, err
	}
	defer place.Close()
	return place.ReadFile(path, actions.MaxWorkflowFile)
}

func (c Config) readFromGitHub(ctx context.Context, file actions.WorkflowFile) ([]byte, error) {
	hub, err := forge.NewGitHub(forge.GitHubConfig{APIURL: c.GitHubAPI, Token: c.Token, Version: c.Version})
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.Patience, errPatience)
	defer cancel()
	return hub.File(limited, file.Repository, file.Path, file.Ref)
}
