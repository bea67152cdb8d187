package cursor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Version 0 has no runs. A run's id here says where its prompt stands in the
// conversation: v0-0 is the launch, v0-4 a follow-up that four messages came
// before. Every run has the agent's state, but for what witness and turn
// know better.

const runPrefixV0 = "v0-"

func runIDV0(position int) string { return runPrefixV0 + strconv.Itoa(position) }

// positionOf is the place of a run's prompt in the conversation.
func positionOf(op, runID string) (int, error) {
	digits, ok := strings.CutPrefix(runID, runPrefixV0)
	position, err := strconv.Atoi(digits)
	if !ok || err != nil || position < 0 {
		return 0, &Error{
			Op: op, Code: CodeRunNotFound,
			Message: fmt.Sprintf("API v0 has no run %q; leave the run's id out, or use the API version that gave it", oneLine(runID, maxWord)),
		}
	}
	return position, nil
}

// promptsIn lists the places of the prompts, which are one at least: the
// conversation is empty for some agents.
func promptsIn(messages []Message) []int {
	prompts := []int{0}
	for i, m := range messages {
		if i > 0 && m.Type == UserMessage {
			prompts = append(prompts, i)
		}
	}
	return prompts
}

// run is the agent's state as a run.
func (a agentV0) run(position int) Run {
	run := Run{ID: runIDV0(position), AgentID: a.ID, Status: a.status(), CreatedAt: a.CreatedAt.Time}
	if run.Status.Terminal() {
		run.Result = a.Summary
	}
	if a.Target.PRURL != "" || run.Status.Terminal() && a.Target.BranchName != "" {
		run.Git = []GitBranch{{RepoURL: a.Source.Repository, Branch: a.Target.BranchName, PRURL: a.Target.PRURL, Unproven: true}}
	}
	return run
}

// listenPatience bounds a reading of the conversation that only completes what
// the agent itself says.
const listenPatience = 15 * time.Second

// listen reads the conversation, within listenPatience.
func (v *ClientV0) listen(ctx context.Context, agentID string) ([]Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, listenPatience, &timeout{after: listenPatience})
	defer cancel()
	return v.Conversation(ctx, agentID)
}

// look reads the run at position, and the conversation where the run is over:
// that says whether this run is meant, and how it ended.
func (v *ClientV0) look(ctx context.Context, op, agentID string, position int) (Run, []Message, error) {
	agent, err := v.readAgent(ctx, op, agentID)
	if err != nil {
		return Run{}, nil, err
	}
	if run := agent.run(position); !run.Status.Terminal() {
		if run.Status == RunCreating || run.Status == RunRunning {
			v.remember(runKey{agentID, run.ID}, func(w *witness) { w.live, w.rests = true, time.Time{} })
		}
		return run, nil, nil
	}
	messages, err := v.listen(ctx, agentID)
	run, known := v.judge(agent, messages, position)
	if !known && err != nil {
		return Run{}, nil, err
	}
	return run, messages, nil
}

// GetRun returns the run. A follow-up is RunCreating until it is known to have
// begun, because the agent's state is that of the run before until then. A run
// that this client stopped is RunCancelled when the agent is at rest, and so is
// one whose prompt an agent at rest leaves unanswered for unansweredPatience.
//
// Git names the agent's branch once the run is over, whether or not anything
// was pushed: the API does not tell.
func (v *ClientV0) GetRun(ctx context.Context, agentID, runID string) (Run, error) {
	const op = "get run"
	position, err := positionOf(op, runID)
	if err != nil {
		return Run{}, err
	}
	run, _, err := v.look(ctx, op, agentID, position)
	return run, err
}

// ListRuns returns a run for each prompt in the agent's conversation, newest
// first. All have the agent's age, because the API dates no messages.
func (v *ClientV0) ListRuns(ctx context.Context, agentID string) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		agent, err := v.readAgent(ctx, "list runs", agentID)
		var messages []Message
		if err == nil {
			messages, err = v.Conversation(ctx, agentID)
		}
		if err != nil {
			yield(Run{}, err)
			return
		}
		for _, position := range slices.Backward(promptsIn(messages)) {
			run := agent.run(position)
			if run.Status.Terminal() {
				run, _ = v.judge(agent, messages, position)
			}
			run.Presumed = len(messages) == 0
			if !yield(run, nil) {
				return
			}
		}
	}
}

// followUpV0 is the body of a follow-up.
type followUpV0 struct {
	Prompt promptV0 `json:"prompt"`
}

func previewRunV0(agentID string, request CreateRunRequest) (path string, body any) {
	return agentsPathV0 + "/" + agentID + "/followup", followUpV0{newPromptV0(request.Prompt)}
}

// CreateRun sends a follow-up to an agent that has no live run. The API itself
// would take it at any time, so that the agent is looked at first:
// CodeAgentBusy says that it works. After a lost answer the follow-up is not
// sent again: the error is Ambiguous, and the agent's runs tell.
func (v *ClientV0) CreateRun(ctx context.Context, agentID string, request CreateRunRequest) (Run, error) {
	const op = "create run"
	if err := V0.refuse(op, request.Features()...); err != nil {
		return Run{}, err
	}
	at, err := path(op, "v0", "agents", agentID, "followup")
	if err != nil {
		return Run{}, err
	}
	before, err := v.readAgent(ctx, op, agentID)
	if err != nil {
		return Run{}, err
	}
	if !before.status().Terminal() {
		return Run{}, &Error{Op: op, Code: CodeAgentBusy, Message: "the agent works on another prompt; wait for its end, or cancel it"}
	}
	messages, err := v.Conversation(ctx, agentID)
	if err != nil {
		return Run{}, err
	}
	// An agent whose conversation is empty has had its first prompt all the same.
	position := max(len(messages), 1)
	v.remember(runKey{agentID, runIDV0(position)}, func(w *witness) { *w = witness{before: &before} })
	k := post(op, at, followUpV0{newPromptV0(request.Prompt)})
	k.timeout = launchTimeout
	k.grace = v.wire.createGrace
	k.words = wordsV0()
	if err := act(ctx, v.wire, k); err != nil {
		return Run{}, err
	}
	run := before.run(position)
	run.Status, run.Result = RunCreating, ""
	return run, nil
}

// CancelRun stops the agent. CodeRunNotCancellable says that it is at rest
// already.
func (v *ClientV0) CancelRun(ctx context.Context, agentID, runID string) error {
	const op = "cancel run"
	position, err := positionOf(op, runID)
	if err != nil {
		return err
	}
	at, err := path(op, "v0", "agents", agentID, "stop")
	if err != nil {
		return err
	}
	run, _, err := v.look(ctx, op, agentID, position)
	if err != nil {
		return err
	}
	if run.Status.Terminal() {
		return &Error{Op: op, Code: CodeRunNotCancellable, Message: "the run has ended as " + string(run.Status)}
	}
	// Noted before it is sent, for whoever looks at the same time. Also a stop
	// whose answer is lost may be what ends the run.
	key := runKey{agentID, runIDV0(position)}
	already := v.witness(key).stopped
	v.remember(key, func(w *witness) { w.stopped = true })
	k := post(op, at, nil)
	k.safe = true
	k.words = wordsV0()
	err = act(ctx, v.wire, k)
	if failed, ok := errors.AsType[*Error](err); ok && !failed.MaybeDone {
		v.remember(key, func(w *witness) { w.stopped = already })
	}
	return err
}
