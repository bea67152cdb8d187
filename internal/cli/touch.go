package cli

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
)

// touches are what is done to the agent's pull request when it is there. A
// failure of one is a warning: the work is done.
type touches struct {
	labels    []string
	reviewers []string
	ready     bool // pr-draft: false
	issue     int  // 0: none
	current   bool // it is the event's, in the workflow's repository
}

// touchPatience bounds all touches.
const touchPatience = 30 * time.Second

// wanted reports whether there is anything to do.
func (t touches) wanted() bool {
	return len(t.labels) > 0 || len(t.reviewers) > 0 || t.ready || t.issue != 0
}

// readTouches reads the inputs about the pull request's finish.
func readTouches(in *actions.Inputs, event forge.Event) (t touches) {
	t.labels, t.reviewers = in.List("pr-labels"), in.List("pr-reviewers")
	if in.Set("pr-draft") {
		if t.ready = !in.Bool("pr-draft", true); !t.ready {
			in.Problem("pr-draft", "is true, but whether a pull request begins as a draft is Cursor's to say: set false to have it marked ready for review, or leave this out")
		}
	}
	switch text := in.Text("link-issue"); {
	case text == "":
	case strings.EqualFold(text, "current"):
		kind, number := event.Subject()
		if kind != forge.SubjectIssue {
			in.Problem("link-issue", "is current, but the event "+strconv.Quote(event.Name)+" is not about an issue: write its number")
		}
		t.issue, t.current = number, true
	default:
		number, err := strconv.Atoi(strings.TrimPrefix(text, "#"))
		if err != nil || number < 1 {
			in.Problem("link-issue", strconv.Quote(text)+" is no issue: write its number, or current for that of the event")
		}
		t.issue = number
	}
	return t
}

// touch finishes the pull request as the inputs ask, where the work succeeded.
func (s *step) touch(ctx context.Context, result agent.Result) {
	number := forge.PullRequestNumber(result.Pushed.PRURL)
	if !s.touches.wanted() || result.Outcome != agent.OutcomeSucceeded || number == 0 || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, touchPatience)
	defer cancel()
	hub, err := s.gitHub()
	if err != nil {
		s.runner.Warning("pr-labels, pr-reviewers, pr-draft and link-issue: " + oneLine(err))
		return
	}
	at := s.truth.pull
	if at.Number == 0 {
		s.runner.Warning("pr-labels, pr-reviewers, pr-draft and link-issue: nothing is done to a pull request that is not verified: " + s.truth.unverified)
		return
	}
	path := at.Repository.Path
	done := func(input, permission string, err error) {
		if err != nil {
			s.runner.Warning(input + ": " + oneLine(err) + "; " + s.touchAdvice(input, permission, err))
		}
	}
	if len(s.touches.labels) > 0 {
		done("pr-labels", "pull-requests", hub.AddLabels(ctx, path, number, s.touches.labels))
	}
	if len(s.touches.reviewers) > 0 {
		done("pr-reviewers", "pull-requests", hub.RequestReviewers(ctx, path, number, s.touches.reviewers))
	}
	if s.touches.issue != 0 {
		issues := path
		if s.touches.current {
			issues = s.runner.Context().Repository
		}
		done("link-issue", "pull-requests", hub.LinkIssue(ctx, path, number, issues, s.touches.issue))
	}
	if s.touches.ready && at.Draft {
		// Of an app's token, as a workflow's own is, GitHub wants both for this.
		done("pr-draft", "contents and pull-requests", hub.MarkReady(ctx, at.NodeID))
	}
}

// touchAdvice is the next step where GitHub refused a touch.
func (s *step) touchAdvice(input, permission string, err error) string {
	refused, ok := errors.AsType[*forge.GitHubError](err)
	switch at := s.truth.pull.Repository.Path; {
	case ok && refused.Status == http.StatusUnprocessableEntity && input == "pr-reviewers":
		return "check the names: GitHub takes collaborators as reviewers, and not who opened the pull request"
	case forbidden(err) && refused.SSO == "" && !refused.Classic && s.elsewhere(at):
		return elsewhereAdvice("write", permission, at)
	}
	return grantAdvice(err, permission)
}
