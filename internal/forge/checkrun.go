package forge

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// Conclusion is how a check run ends.
type Conclusion string

// The conclusions that this action gives; the zero value is a check run that
// goes on.
const (
	CheckSuccess   Conclusion = "success"
	CheckFailure   Conclusion = "failure"
	CheckNeutral   Conclusion = "neutral"
	CheckCancelled Conclusion = "cancelled"
	CheckTimedOut  Conclusion = "timed_out"
	CheckSkipped   Conclusion = "skipped"
)

// CheckStatus is what a check run of this action's shows.
type CheckStatus struct {
	Name    string
	HeadSHA string // the commit; only where it is made
	// Key tells the check runs of one name at one commit apart, so that a later
	// process finds its own.
	Key        string
	Details    string // web address of the workflow run, "" for none
	Title      string // a line of plain text
	Summary    string // Markdown of at most 65,535 bytes
	Conclusion Conclusion
	// Annotations are shown beside the code; GitHub takes 50 with each request,
	// and more are sent in several.
	Annotations []Annotation
}

// Annotation is a remark at lines of a file.
type Annotation struct {
	Path     string // from the repository's root
	From, To int    // lines, from 1
	Level    string // "notice", "warning" or "failure"
	Title    string // at most 255 characters, "" for none
	Message  string // at most 64 KB
}

// Bounds that GitHub sets, per request or in bytes.
const (
	maxAnnotations       = 50
	maxCheckText         = 65_535
	maxAnnotationMessage = 60_000
	maxAnnotationTitle   = 255
)

// StartCheck makes a check run that goes on. The permission is checks: write.
// Its errors are *GitHubError.
// https://docs.github.com/rest/checks/runs#create-a-check-run
func (g *GitHub) StartCheck(ctx context.Context, path string, check CheckStatus) (id int64, _ error) {
	op := fmt.Sprintf("start check run %q at %.12s of %s", check.Name, check.HeadSHA, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return 0, err
	}
	made, answer, err := g.client.Checks.CreateCheckRun(ctx, owner, name, github.CreateCheckRunOptions{
		Name: check.Name, HeadSHA: check.HeadSHA, DetailsURL: orNil(check.Details), ExternalID: orNil(check.Key),
		Status: new("in_progress"), Output: check.output(nil),
	})
	if err != nil {
		return 0, gitHubError(op, answer, err)
	}
	if made.GetID() == 0 {
		return 0, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer names no check run"}
	}
	return made.GetID(), nil
}

// UpdateCheck shows how the work stands, or with a Conclusion how it ended. Its
// errors are *GitHubError.
// https://docs.github.com/rest/checks/runs#update-a-check-run
func (g *GitHub) UpdateCheck(ctx context.Context, path string, id int64, check CheckStatus) error {
	op := fmt.Sprintf("update check run %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return err
	}
	options := github.UpdateCheckRunOptions{Name: check.Name, DetailsURL: orNil(check.Details), Status: new("in_progress")}
	if check.Conclusion != "" {
		options.Status, options.Conclusion = new("completed"), new(string(check.Conclusion))
	}
	rest := check.Annotations
	for {
		some := rest[:min(len(rest), maxAnnotations)]
		rest = rest[len(some):]
		options.Output = check.output(some)
		if _, answer, err := g.client.Checks.UpdateCheckRun(ctx, owner, name, id, options); err != nil {
			return gitHubError(op, answer, err)
		}
		if len(rest) == 0 {
			return nil
		}
	}
}

// FindCheck looks for the check run of a name and key at a commit that has not
// ended; 0 says that there is none. Its errors are *GitHubError.
func (g *GitHub) FindCheck(ctx context.Context, path, sha, checkName, key string) (id int64, _ error) {
	checks := list[*github.CheckRun]{fmt.Sprintf("read the check runs of %.12s of %s", sha, path), path,
		func(ctx context.Context, owner, name string, page github.ListOptions) ([]*github.CheckRun, *github.Response, error) {
			found, answer, err := g.client.Checks.ListCheckRunsForRef(ctx, owner, name, sha, &github.ListCheckRunsOptions{CheckName: &checkName, ListOptions: page})
			if err != nil || found == nil {
				return nil, answer, err
			}
			return found.CheckRuns, answer, nil
		}}
	for run, err := range checks.whole(ctx) {
		if err != nil {
			return 0, err
		}
		if run.GetExternalID() == key && run.GetStatus() != "completed" {
			return run.GetID(), nil
		}
	}
	return 0, nil
}

// CheckEnded reports whether a check run has a conclusion. Its errors are
// *GitHubError.
// https://docs.github.com/rest/checks/runs#get-a-check-run
func (g *GitHub) CheckEnded(ctx context.Context, path string, id int64) (bool, error) {
	op := fmt.Sprintf("read check run %d of %s", id, path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return false, err
	}
	found, answer, err := g.client.Checks.GetCheckRun(ctx, owner, name, id)
	if err != nil {
		return false, gitHubError(op, answer, err)
	}
	return found.GetStatus() == "completed", nil
}

// output is GitHub's form of what the check run shows, within its bounds.
func (c CheckStatus) output(annotations []Annotation) *github.CheckRunOutput {
	output := &github.CheckRunOutput{Title: new(cutBytes(c.Title, maxAnnotationTitle)), Summary: new(cutBytes(c.Summary, maxCheckText))}
	for _, a := range annotations {
		annotation := &github.CheckRunAnnotation{
			Path: new(a.Path), StartLine: new(a.From), EndLine: new(max(a.From, a.To)),
			AnnotationLevel: new(a.Level), Message: new(cutBytes(a.Message, maxAnnotationMessage)),
		}
		if a.Title != "" {
			annotation.Title = new(cutBytes(a.Title, maxAnnotationTitle))
		}
		output.Annotations = append(output.Annotations, annotation)
	}
	return output
}

// cutBytes is at most n bytes of text, whole characters and UTF-8.
func cutBytes(text string, n int) string {
	return cutHead(strings.ToValidUTF8(text, "\uFFFD"), n)
}

// orNil is nil for the empty text, which GitHub would take for one.
func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
