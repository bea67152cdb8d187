package agent

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// markedAgent is an agent that may be one of the work.
type markedAgent struct {
	cursor.Agent
	generation int
	// sure is true when it bears a mark of the work. Without one there is a
	// branch that the user named, or a pull request, and others' agents can be
	// there too.
	sure bool
}

// allMarked lists the agents of the work, the first generation first.
func (a *Agents) allMarked(ctx context.Context, spec Spec, work Work) ([]markedAgent, error) {
	var all []markedAgent
	for found, err := range a.marked(ctx, spec, work) {
		if err != nil {
			return nil, err
		}
		all = append(all, found)
	}
	slices.SortStableFunc(all, func(a, b markedAgent) int { return cmp.Compare(a.generation, b.generation) })
	return all, nil
}

// maxListed bounds the search: workflow runs can be re-run for 30 days.
const (
	maxListed    = 1000
	maxListedAge = 35 * 24 * time.Hour
)

// marked yields the agents of the work, of all generations, newest first.
func (a *Agents) marked(ctx context.Context, spec Spec, work Work) iter.Seq2[markedAgent, error] {
	return func(yield func(markedAgent, error) bool) {
		var options cursor.ListAgentsOptions
		if a.findBy(spec) == cursor.ByPullRequest {
			options.PRURL = spec.PullRequest
		}
		recognize := a.recognizer(spec, work)
		listed := 0
		for agent, err := range a.client.ListAgents(ctx, options) {
			if err != nil {
				yield(markedAgent{}, err)
				return
			}
			// An agent without a time says nothing about those after it.
			old := !agent.CreatedAt.IsZero() && time.Since(agent.CreatedAt) > maxListedAge
			if listed++; listed > maxListed || old {
				return
			}
			generation, ours, sure := recognize(agent)
			if ours && !yield(markedAgent{agent, generation, sure}, nil) {
				return
			}
		}
	}
}

// Recognizable reports whether a later attempt can tell an agent of spec, which
// has ended, from others' agents. Where nothing of ours is on the agent, only
// one that is still at work is taken for the same.
func Recognizable(version cursor.APIVersion, spec Spec) bool {
	switch version.FindBy(spec.request()) {
	case cursor.ByPullRequest:
		return false
	case cursor.ByBranch:
		return spec.Branch == ""
	}
	return true
}

// recognizer returns what tells the agents of the work from all others.
func (a *Agents) recognizer(spec Spec, work Work) func(cursor.Agent) (generation int, ours, sure bool) {
	marks := map[string]int{}
	for generation := range maxGenerations {
		// The attempt before may have been asked to wait, or not to.
		for _, work.Kept = range []bool{false, true} {
			marks[mark(a.key, work, spec, generation)] = generation
		}
	}
	switch by := a.findBy(spec); {
	case by == cursor.ByName:
		return func(agent cursor.Agent) (int, bool, bool) {
			generation, ours := marks[agent.Name[strings.LastIndexByte(agent.Name, ' ')+1:]]
			return generation, ours, true
		}
	case by == cursor.ByBranch && spec.Branch == "":
		return func(agent cursor.Agent) (int, bool, bool) {
			generation, ours := marks["["+agent.Branch[max(strings.LastIndex(agent.Branch, markPrefix), 0):]+"]"]
			return generation, ours, true
		}
	}
	return func(agent cursor.Agent) (int, bool, bool) {
		here := slices.ContainsFunc(agent.Repos, func(repo cursor.Repo) bool { return sameRepository(repo.URL, spec.Repository) })
		return 0, here && (spec.Branch == "" || agent.Branch == spec.Branch), false
	}
}

// runOf returns the run that does the work, and whether that is ours. An agent
// without a mark is taken for ours while it lives and was asked the same; one
// that has ended may be last night's.
func (a *Agents) runOf(ctx context.Context, agent markedAgent, spec Spec) (run cursor.Run, ours bool, err error) {
	if run, err = a.firstRun(ctx, agent.Agent); err != nil || agent.sure {
		return run, err == nil, err
	}
	if !run.Status.Terminal() {
		ours, err = a.isAsked(ctx, agent.ID, spec)
	}
	return run, ours, err
}

// isAsked reports whether an agent at work was asked what spec asks. It waits
// for the conversation to show that: who takes the agent for somebody else's
// meanwhile launches a second one beside it.
func (a *Agents) isAsked(ctx context.Context, agentID string, spec Spec) (bool, error) {
	for _, wait := range lostLooks {
		if wait > 0 && !sleep(ctx, wait) {
			return false, context.Cause(ctx)
		}
		if same, shown, err := a.wasAsked(ctx, agentID, spec); shown || err != nil {
			return same, err
		}
	}
	return false, fmt.Errorf("agent %s is at work there, and its conversation does not show what it was asked", agentID)
}

// isNew reports whether an agent without a mark is that of a create begun at
// began. Another's may be as young, so that it must have been asked the same.
func (a *Agents) isNew(ctx context.Context, agent cursor.Agent, spec Spec, began time.Time) bool {
	if !bornSince(agent, began) {
		return false
	}
	same, _, err := a.wasAsked(ctx, agent.ID, spec)
	return same && err == nil
}

// wasAsked reports whether the agent's first prompt is that of spec, and whether
// the API shows it, which takes it some time.
func (a *Agents) wasAsked(ctx context.Context, agentID string, spec Spec) (same, shown bool, _ error) {
	messages, err := a.client.Conversation(ctx, agentID)
	if err != nil || len(messages) == 0 {
		return false, false, err
	}
	asked, said := strings.TrimSpace(messages[0].Text), strings.TrimSpace(spec.Prompt.Text)
	// With a key the prompt has more than the author's words, after them, and who
	// ends what another process has left may have the words alone.
	return asked == said || spec.Key != "" && strings.HasPrefix(asked, said+"\n\n"), true, nil
}

// traceOf says by what the agent of a request can be looked for, for a person.
func traceOf(request cursor.CreateAgentRequest) string {
	switch {
	case request.Name != "":
		return fmt.Sprintf("name %q", request.Name)
	case request.Branch != "":
		return fmt.Sprintf("branch %q", request.Branch)
	}
	return "on " + request.Repos[0].PRURL
}
