package agent

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cursor-agent-action/internal/cursor"
)

// ErrMaybeSent says that a follow-up may have been sent, and that its run could
// not be told from others: whoever sends it again may pay twice.
var ErrMaybeSent = errors.New("the follow-up may have been sent already, and its run can't be told")

// OnBusy says what a follow-up does about a live run, beside which an agent
// takes no other.
type OnBusy string

// The values of OnBusy; "" is OnBusyWait.
const (
	OnBusyWait   OnBusy = "wait"   // for its end
	OnBusyCancel OnBusy = "cancel" // it, and see it end
	OnBusyFail   OnBusy = "fail"   // with cursor.CodeAgentBusy
)

// FollowUp is one more prompt for an agent that exists.
type FollowUp struct {
	AgentID string
	// Agent is the agent as it was just read; nil has it read.
	Agent      *cursor.Agent
	Prompt     cursor.Prompt
	MCPServers []cursor.MCPServer // in place of the agent's, for this run; none keeps those
	Mode       string             // "agent" or "plan"; "" keeps the agent's
	OnBusy     OnBusy
	// Known are runs that are no attempt at this follow-up: those that were
	// there before the first, the newest last. With them a single run that came later is taken
	// for it even where the agent's conversation can't be read. nil means that
	// nobody knows: then nothing but the conversation tells an earlier attempt's
	// run, and for the rest the agent's latest run counts as known.
	Known []string
	// Key takes the prompt's place in what tells this follow-up from others of
	// the same Work, where the prompt is not the same in every attempt. "" is the
	// prompt.
	Key string
	// Work says who sends it, and whether an earlier attempt may have.
	Work Work
}

// Validate reports what the API would refuse, before anything is sent.
func (f FollowUp) Validate() error {
	var problems []error
	switch {
	case strings.TrimSpace(f.Prompt.Text) == "":
		problems = append(problems, errors.New("the prompt is empty"))
	case !utf8.ValidString(f.Prompt.Text):
		problems = append(problems, errors.New("the prompt is not UTF-8"))
	}
	if n := len(f.Prompt.Images); n > MaxImages {
		problems = append(problems, fmt.Errorf("%d images, but an agent takes at most %d", n, MaxImages))
	}
	return errors.Join(append(problems, ValidateMCPServers(f.MCPServers))...)
}

// Request is what the API is asked for. The prompt ends with the mark, a line
// of its own: runs have neither name nor prompt, so that the agent's
// conversation is where a follow-up is found again.
func (f FollowUp) Request(mark string) cursor.CreateRunRequest {
	prompt := f.Prompt
	prompt.Text = strings.TrimRight(prompt.Text, "\n") + "\n\n" + mark
	return cursor.CreateRunRequest{Prompt: prompt, MCPServers: f.MCPServers, Mode: f.Mode}
}

// Marks are the lines that can end the prompt of f, one for each generation, as
// the names of agents have them. The agent is not part of them: of several
// agents of a pull request another one may be the newest by the next attempt.
func (a *Agents) Marks(f FollowUp) []string {
	spec := Spec{Prompt: f.Prompt, Mode: f.Mode, MCPServers: f.MCPServers}
	if f.Key != "" {
		spec.Prompt = cursor.Prompt{}
	}
	hash := spec.hash()
	var marks []string
	for generation := range maxGenerations {
		text, err := json.Marshal([]any{
			"follow-up", f.Work.Repository, f.Work.WorkflowRunID, f.Work.Job, f.Work.Key, f.Work.Step, f.Work.Task, f.Work.Attempt,
			hash[:], generation, f.Key,
		})
		if err != nil {
			panic(fmt.Errorf("encode follow-up: %w", err)) // It is made of strings and numbers only.
		}
		mac := hmac.New(sha256.New, []byte(a.key.Reveal()))
		mac.Write(text)
		marks = append(marks, fmt.Sprintf("[gh-%d-%x]", f.Work.WorkflowRunID, mac.Sum(nil)[:4]))
	}
	return marks
}

// FollowUp sends f to its agent as a new run, at most once: a run of an earlier
// attempt is attached to while it lives or when it finished, and a lost answer
// is looked for among the agent's runs before anything is sent again. Where
// that leaves it open whether there is a run, the error is ErrMaybeSent. On an
// error the Handle holds what is known all the same; MaybeLaunched tells
// whether there may be a run that it does not name.
func (a *Agents) FollowUp(ctx context.Context, f FollowUp) (Handle, error) {
	handle := Handle{AgentID: f.AgentID}
	if err := f.Validate(); err != nil {
		return handle, err
	}
	existing, err := a.addressed(ctx, f)
	if err != nil {
		return handle, err
	}
	handle.URL = existing.URL
	marks := a.Marks(f)
	if f.Work.Rerun {
		found, attach, err := a.earlierFollowUp(ctx, f, handle, marks)
		if err != nil || attach {
			return found, err
		}
		handle = found
	}
	latest := existing.LatestRunID
	if latest == "" {
		if latest, err = a.latestRunID(ctx, f.AgentID); err != nil {
			return handle, err
		}
	}
	p := &posting{agents: a, followUp: f, handle: handle, mark: marks[handle.Generation]}
	p.known = append(slices.Clone(f.Known), latest)
	run, err := p.post(ctx)
	if err != nil {
		return handle, err
	}
	handle.RunID, handle.Status = run.ID, run.Status
	a.observe(Started{handle})
	return handle, nil
}

// addressed is the follow-up's agent. One that has had a run is there, also when
// the API does not show it for a moment.
func (a *Agents) addressed(ctx context.Context, f FollowUp) (cursor.Agent, error) {
	switch {
	case f.Agent != nil:
		return *f.Agent, nil
	case len(f.Known) > 0:
		return a.readAgent(ctx, f.AgentID, unreadableLooks)
	}
	return a.client.GetAgent(ctx, f.AgentID)
}

// earlierFollowUp looks for the run of an earlier attempt. It returns the one to
// attach to, or else a handle with the generation to send.
func (a *Agents) earlierFollowUp(ctx context.Context, f FollowUp, handle Handle, marks []string) (_ Handle, attach bool, _ error) {
	seen, err := a.sightUntilClear(ctx, trace{agentID: f.AgentID, known: f.Known, marks: marks}, unreadableLooks)
	if run, ours := seen.likely(); ours && len(f.Known) > 0 {
		seen.state, seen.run = sighted, run
	}
	switch {
	case err != nil:
		return handle, false, fmt.Errorf("follow up: an earlier attempt may have sent it, but %w: %w", errUnread, err)
	case seen.state == unclear:
		return handle, false, fmt.Errorf("follow up: %w", seen.doubt())
	case seen.state == absent:
		return handle, false, nil
	}
	found := handle
	found.RunID, found.Status, found.Generation, found.Attached = seen.run.ID, seen.run.Status, seen.generation, true
	if !endedBadly(seen.run.Status) {
		a.observe(Found{Handle: found})
		a.observe(Started{found})
		return found, true, nil
	}
	a.observe(Found{Handle: found, Passed: true})
	if found.Generation+1 == maxGenerations {
		return found, false, fmt.Errorf("follow up: %d of %w", maxGenerations, ErrExhausted)
	}
	handle.Generation = found.Generation + 1
	return handle, false, nil
}
