package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/cursor"
)

// trace is what a follow-up is found again by.
type trace struct {
	agentID string
	known   []string // runs before it, the newest last; none: only the agent's first is no follow-up
	marks   []string // its marks, by generation
	// thorough reads the conversation also where no later run is to be seen,
	// because the list of runs may be late.
	thorough bool
}

// state is what is known of a follow-up.
type state int

const (
	absent  state = iota // it was not sent
	sighted              // it is the run
	unclear              // there are later runs, and nothing tells whose they are
)

// sighting is what one look for a follow-up gave.
type sighting struct {
	state      state
	run        cursor.Run   // where it was sighted
	generation int          // of the mark that it was sighted by
	later      []cursor.Run // that came after the known ones, oldest first
	err        error        // why the conversation does not tell; may be nil
}

// doubt says why it is not known whether the follow-up was sent.
func (s sighting) doubt() error {
	if s.err != nil {
		return fmt.Errorf("%w: %w", ErrMaybeSent, s.err)
	}
	return fmt.Errorf("%w: the agent's conversation does not show all of its runs", ErrMaybeSent)
}

// likely is the run that was sighted, or else the only one that came since the
// known ones, which are all that were there before.
func (s sighting) likely() (run cursor.Run, ours bool) {
	switch {
	case s.state == sighted:
		return s.run, true
	case s.state == unclear && len(s.later) == 1:
		return s.later[0], true
	}
	return run, false
}

// early reports whether nothing is clear because the newest run has yet to
// start: until then its prompt can't stand in the conversation.
func (s sighting) early() bool {
	n := len(s.later)
	return s.state == unclear && s.err == nil && n > 0 && s.later[n-1].Status == cursor.RunCreating
}

// sightUntilClear looks again, after each of the waits, while the conversation
// may only be late, and for longer while a run has yet to start.
func (a *Agents) sightUntilClear(ctx context.Context, at trace, looks []time.Duration) (seen sighting, err error) {
	for i, wait := range slices.Concat(looks, lostLooks) {
		if i >= len(looks) && !seen.early() {
			break
		}
		if wait > 0 && !sleep(ctx, wait) {
			return seen, context.Cause(ctx)
		}
		if seen, err = a.sight(ctx, at); err != nil || seen.state != unclear {
			return seen, err
		}
	}
	return seen, nil
}

// sight looks once for a follow-up: among the runs, and, where there is one that
// could be it, in the conversation. Runs do not tell their prompts; the prompts
// of the conversation are in the order of the runs.
func (a *Agents) sight(ctx context.Context, at trace) (sighting, error) {
	runs, err := a.runs(ctx, at.agentID)
	if err != nil {
		return sighting{}, err
	}
	seen := sighting{later: laterRuns(runs, at.known)}
	if slices.ContainsFunc(runs, func(run cursor.Run) bool { return run.Presumed }) {
		seen.state, seen.err = unclear, errors.New("the agent's conversation is empty")
		return seen, nil
	}
	if len(seen.later) == 0 && !at.thorough {
		return seen, nil
	}
	messages, err := a.conversation(ctx, at.agentID)
	if err != nil {
		if len(seen.later) > 0 {
			seen.state, seen.err = unclear, err
		}
		return seen, nil
	}
	prompts := slices.DeleteFunc(messages, func(m cursor.Message) bool { return m.Type != cursor.UserMessage })
	for i, prompt := range slices.Backward(prompts) {
		generation := slices.IndexFunc(at.marks, func(mark string) bool { return strings.HasSuffix(strings.TrimSpace(prompt.Text), mark) })
		if generation < 0 {
			continue
		}
		// Counted from the end, because the beginning of a long conversation may
		// be missing; and without a run at the end that has yet to start, unless
		// its prompt stands there by now.
		told := seen.later
		if n := len(told); n > 1 && told[n-1].Status == cursor.RunCreating && len(prompts) < len(runs) {
			told = told[:n-1]
		}
		back := len(prompts) - i
		if back > len(told) {
			seen.state, seen.err = unclear, errors.New("its prompt stands in the agent's conversation, but its run is not to be seen")
			return seen, nil
		}
		seen.state, seen.generation, seen.run = sighted, generation, told[len(told)-back]
		if len(told) < len(seen.later) && endedBadly(seen.run.Status) {
			seen.state = unclear // The run that has yet to start may be the next generation.
		}
		return seen, nil
	}
	if len(prompts) < len(runs) && len(seen.later) > 0 {
		seen.state = unclear
	}
	return seen, nil
}

// conversation reads what was said, also by an archived agent, which the API
// does not tell of: that is unarchived for the reading.
func (a *Agents) conversation(ctx context.Context, agentID string) ([]cursor.Message, error) {
	messages, err := a.client.Conversation(ctx, agentID)
	if !errors.Is(err, cursor.CodeAgentArchived) {
		return messages, err
	}
	if a.client.UnarchiveAgent(ctx, agentID) != nil {
		return nil, err
	}
	messages, err = a.client.Conversation(ctx, agentID)
	// Best as it was found; where that fails the agent is merely shown again.
	_ = a.client.ArchiveAgent(ctx, agentID)
	return messages, err
}

// runs lists the agent's runs, oldest first. The API's order is documented as
// newest first and was seen otherwise; times decide where all runs have one.
func (a *Agents) runs(ctx context.Context, agentID string) ([]cursor.Run, error) {
	var runs []cursor.Run
	timeless := false
	for run, err := range a.client.ListRuns(ctx, agentID) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
		timeless = timeless || run.CreatedAt.IsZero()
	}
	slices.Reverse(runs)
	if !timeless {
		slices.SortStableFunc(runs, func(a, b cursor.Run) int { return a.CreatedAt.Compare(b.CreatedAt) })
	}
	return runs, nil
}

// laterRuns are the runs, given oldest first, that came after the newest known
// one, which is known's last. A list that does not have that one is late, and
// says nothing of later ones. Without known ones all but the first run may be
// follow-ups.
func laterRuns(runs []cursor.Run, known []string) []cursor.Run {
	if len(known) == 0 {
		return runs[min(1, len(runs)):]
	}
	newest := slices.IndexFunc(runs, func(run cursor.Run) bool { return run.ID == known[len(known)-1] })
	if newest < 0 {
		return nil
	}
	return runs[newest+1:]
}

// latestRunID is the id of the agent's newest run.
func (a *Agents) latestRunID(ctx context.Context, agentID string) (string, error) {
	runs, err := a.runs(ctx, agentID)
	if err != nil {
		return "", err
	}
	if len(runs) == 0 {
		return "", fmt.Errorf("agent %s shows no run yet", agentID)
	}
	return runs[len(runs)-1].ID, nil
}

// liveRun is the agent's run that has not ended, if there is one.
func (a *Agents) liveRun(ctx context.Context, agentID string) (live cursor.Run, found bool, _ error) {
	for run, err := range a.client.ListRuns(ctx, agentID) {
		if err != nil {
			return run, false, err
		}
		if !run.Status.Terminal() {
			return run, true, nil
		}
	}
	return live, false, nil
}

// LocateFollowUp finds the runs that a follow-up may have left: of the agent's
// runs after the known ones, the newest whose prompt ends with one of the marks.
// It serves a process that was not told the run's id. Where it is not to be told
// whose the later runs are, the error is ErrMaybeSent: a run that may be
// somebody else's is not given.
func (a *Agents) LocateFollowUp(ctx context.Context, agentID string, known, marks []string) ([]Handle, error) {
	seen, err := a.sight(ctx, trace{agentID: agentID, known: known, marks: marks})
	switch {
	case err != nil:
		return nil, err
	case seen.state == unclear:
		return nil, seen.doubt()
	case seen.state == absent:
		return nil, nil
	}
	return []Handle{{AgentID: agentID, RunID: seen.run.ID, Status: seen.run.Status, Generation: seen.generation}}, nil
}
