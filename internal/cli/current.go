package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/forge"
)

// readAddressee reads the input agent-id of a step that is about one agent.
func readAddressee(in *actions.Inputs, c *config) {
	if c.current = strings.EqualFold(in.Text("agent-id"), "current"); !c.current {
		c.agentID = readAgentID(in)
		return
	}
	switch _, number := c.event.Subject(); {
	case number == 0:
		in.Problem("agent-id", fmt.Sprintf("is current, but the event %q is about no issue, pull request or discussion, whose comments would name the agent: write the agent's id", c.event.Name))
	case c.githubToken.IsZero():
		in.Problem("agent-id", "is current, but without github-token nobody can read which agent that is: leave that at its default, ${{ github.token }}, or write the agent's id")
	}
}

// findCurrent finds the agent that agent-id: current means: that of the action's
// newest comment on what the event is about. Only comments of the token's own
// account count, because everybody else's can say anything.
func (s *step) findCurrent(ctx context.Context) error {
	if !s.current || s.agentID != "" {
		return nil
	}
	hub, err := s.gitHub()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, boardLast)
	defer cancel()
	author, err := hub.Viewer(ctx)
	kind, number := s.event.Subject()
	seal := s.agentSeal(kind, number)
	var mark string
	if err == nil {
		mark, err = hub.Conversation(s.runner.Context().Repository, kind, number).LastMark(ctx, author, func(mark string) bool {
			_, ours := seal.read(mark)
			return ours
		})
	}
	if err != nil {
		next := "run the job again later"
		if refused, ok := errors.AsType[*forge.GitHubError](err); ok {
			next = refused.Advice(subjectPermission(kind) + ": read")
		}
		return fmt.Errorf("agent-id is current, and which agent that is can't be read: %w; %s, or write the agent's id", err, next)
	}
	var found bool
	if s.agentID, found = seal.read(mark); !found {
		return fmt.Errorf("agent-id is current, but no comment of this action's on %s %d names an agent: have the step that launches it comment there (comment: result or progress, with the same github-token and api-key), or write the agent's id", kind, number)
	}
	s.runner.Info(fmt.Sprintf("The newest comment of this action's on %s %d is about agent %s", kind, number, s.agentID))
	return nil
}

// readPullRequest reads a pull request, or the word current for the event's.
func readPullRequest(text string, event forge.Event, repository forge.Repository) (forge.PullRequest, error) {
	if !strings.EqualFold(text, "current") {
		return forge.ParsePullRequest(text, repository)
	}
	if event.PullRequest != nil {
		return *event.PullRequest, nil
	}
	kind, number := event.Subject()
	switch {
	case kind == forge.SubjectPullRequest && !event.Repository.IsZero():
		return forge.PullRequest{Repository: event.Repository, Number: number}, nil
	case event.WorkflowRun != nil && len(event.WorkflowRun.PullRequests) > 1, event.Check != nil && len(event.Check.PullRequests) > 1:
		return forge.PullRequest{}, fmt.Errorf("is current, but the event %q is not about one pull request alone: write its number or address", event.Name)
	}
	return forge.PullRequest{}, fmt.Errorf("is current, but the event %q is not about a pull request: write its number or address", event.Name)
}
