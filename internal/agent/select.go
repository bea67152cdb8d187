package agent

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Selection says which agents of the account are meant: those for which all
// that is set holds. The zero value means every agent.
type Selection struct {
	// IDs names agents by their ids. It stands alone.
	IDs []string
	// Name is how the agent's name begins, case and all.
	Name string
	// PullRequest is the web address of one that the agent works on or opened.
	PullRequest string
	// OlderThan is for how long nothing has happened to the agent at least.
	OlderThan time.Duration
	// Unarchived leaves out agents that are archived already.
	Unarchived bool
}

// Features lists what the selection asks for that not every version of the API
// can do.
func (s Selection) Features() []cursor.Feature {
	if s.OlderThan > 0 {
		return []cursor.Feature{cursor.FeatureAge}
	}
	return nil
}

// ErrMoreAgents says that the account has more agents than were looked at.
var ErrMoreAgents = errors.New("the account has more than 10,000 agents, of which the newest were looked at")

// maxLooked bounds how many agents of an account one selection looks at: a
// hundred pages, for an API that hands out some twenty a minute.
const maxLooked = 10_000

// Select yields the selected agents, newest first; those that IDs names in its
// order, of which no more than the id is known then. ErrMoreAgents is the last
// error where the account has too many.
func (a *Agents) Select(ctx context.Context, s Selection) iter.Seq2[cursor.Agent, error] {
	return func(yield func(cursor.Agent, error) bool) {
		for _, id := range s.IDs {
			if !yield(cursor.Agent{ID: id}, nil) {
				return
			}
		}
		if len(s.IDs) > 0 {
			return
		}
		looked := 0
		seen := map[string]bool{} // A page may repeat agents when new ones are made meanwhile.
		for agent, err := range a.client.ListAgents(ctx, cursor.ListAgentsOptions{PRURL: s.PullRequest, ExcludeArchived: s.Unarchived}) {
			if looked++; err == nil && looked > maxLooked {
				err = ErrMoreAgents
			}
			if err != nil {
				yield(cursor.Agent{}, err)
				return
			}
			if seen[agent.ID] || !s.holds(agent) {
				continue
			}
			seen[agent.ID] = true
			if !yield(agent, nil) {
				return
			}
		}
	}
}

// holds reports whether an agent of the list is one of those meant. The list
// does not tell pull requests: for these the API's word stands.
func (s Selection) holds(agent cursor.Agent) bool {
	switch {
	case !strings.HasPrefix(agent.Name, s.Name):
	case s.Unarchived && agent.Status == cursor.AgentArchived:
	case s.OlderThan > 0:
		return Unchanged(agent) >= s.OlderThan
	default:
		return true
	}
	return false
}

// Unchanged is for how long nothing has happened to an agent, 0 where the API
// does not say: since its launch much may have. Both ends are the server's clock
// where that is known.
func Unchanged(agent cursor.Agent) time.Duration {
	last, now := agent.UpdatedAt, agent.ServedAt
	if last.IsZero() {
		return 0
	}
	if last.Before(agent.CreatedAt) {
		last = agent.CreatedAt
	}
	if now.IsZero() {
		now = time.Now()
	}
	return max(now.Sub(last), 0)
}
