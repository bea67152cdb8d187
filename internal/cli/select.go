package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// Bounds of the inputs that select agents.
const (
	// defaultLimit keeps a selection that is wider than it was meant to be from
	// doing much harm.
	defaultLimit = 100
	maxLimit     = 10_000 // that a selection looks at
	minAge       = time.Minute
	// reapAge is how old a finished agent is when reap archives it.
	reapAge = 30 * 24 * time.Hour
)

// readSelection reads which agents a command is about. For those that change
// agents, nothing never means all.
func readSelection(in *actions.Inputs, context actions.Context, command string) agent.Selection {
	s := agent.Selection{Name: in.Text("name"), Unarchived: command == commandArchive || command == commandReap}
	for _, id := range in.List("agent-id") {
		switch found := agentAddress.FindStringSubmatch(id); {
		case found == nil:
			in.Problem("agent-id", fmt.Sprintf("%.80q is not an agent's id: write bc- and a UUID, and several of them in lines or with commas", id))
		case !slices.Contains(s.IDs, found[1]):
			s.IDs = append(s.IDs, found[1])
		}
	}
	var byDefault time.Duration
	if command == commandReap {
		byDefault = reapAge
	}
	s.OlderThan = in.Duration("older-than", byDefault, minAge, 0)
	s.PullRequest = readSelectedPullRequest(in, context)
	given := slices.DeleteFunc([]string{"name", "pull-request", "older-than"}, func(input string) bool { return !in.Set(input) })
	switch changes := command == commandCancel || command == commandArchive || command == commandDelete; {
	case command == commandReap:
		for _, input := range []string{"agent-id", "name", "pull-request"} {
			if in.Set(input) {
				in.Problem(input, "does not go with command: reap, which finds the agents by itself: leave it out")
			}
		}
	case in.Set("agent-id") && len(given) > 0:
		in.Problem("agent-id", fmt.Sprintf("stands with %s: leave one of them out", strings.Join(given, " and ")))
	case in.Set("agent-id") && len(in.List("agent-id")) == 0:
		in.Problem("agent-id", "has no id in it: write bc- and a UUID")
	case changes && !in.Set("agent-id") && len(given) == 0:
		in.Problem("agent-id", fmt.Sprintf("is empty, and so are name, pull-request and older-than: say which agents to %s, because none never means all", command))
	}
	return s
}

// readSelectedPullRequest is the address of the input pull-request, "" for none.
func readSelectedPullRequest(in *actions.Inputs, context actions.Context) string {
	if !in.Set("pull-request") {
		return ""
	}
	repository, _ := forge.ParseRepository(context.Repository, context.ServerURL)
	if in.Set("repo") {
		var err error
		if repository, err = forge.ParseRepository(in.Text("repo"), context.ServerURL); err != nil {
			in.Problem("repo", err.Error())
			return ""
		}
	}
	pull, err := readPullRequest(in.Text("pull-request"), forge.ReadEvent(context.EventName, context.Event, context.ServerURL), repository)
	if err != nil {
		in.Problem("pull-request", err.Error())
		return ""
	}
	return pull.URL()
}

// choose asks for the selected agents, at most limit of them, and says whether
// there are more. What kept it from looking at all is told to note.
func (s *step) choose(ctx context.Context, selection agent.Selection, limit int, note func(string)) (chosen []cursor.Agent, more bool, _ error) {
	for selected, err := range s.agents.Select(ctx, selection) {
		switch {
		case errors.Is(err, agent.ErrMoreAgents):
			note(err.Error())
			return chosen, more, nil
		case err != nil:
			return nil, false, err
		case len(chosen) == limit:
			return chosen, true, nil
		}
		chosen = append(chosen, selected)
	}
	return chosen, false, nil
}

// note keeps a line about what was looked at, for the log and the summary.
func (m *manager) note(text string) {
	m.notes = append(m.notes, text)
	m.runner.Warning(m.command + ": " + text)
}
