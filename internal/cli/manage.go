package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// The commands about agents that exist, as the input command has them.
const (
	commandCancel  = string(agent.OrderCancel)
	commandArchive = string(agent.OrderArchive)
	commandDelete  = string(agent.OrderDelete)
	commandList    = "list"
	commandReap    = "reap"
)

// nothingChanged is what such a command leaves that came to no agent.
const nothingChanged = "nothing was changed"

// managersAtOnce is how many agents are asked about at the same time: the API
// allows some twenty requests a minute, and the client waits when it says so.
const managersAtOnce = 4

// manager is one run of a command about agents that exist.
type manager struct {
	step
	command   string
	selection agent.Selection
	limit     int
	notes     []string
}

// entry is what came of one agent.
type entry struct {
	standing agent.Standing
	did      string // in the word of the results; "" where nothing was to be done
	why      string
	err      error
	usage    *cursor.Usage // read before a delete; nil where the API would not say
	unbegun  bool          // there was no time for it
}

func (p Program) cancelStep(ctx context.Context, _ []string) int {
	return p.manage(ctx, commandCancel)
}

func (p Program) archiveStep(ctx context.Context, _ []string) int {
	return p.manage(ctx, commandArchive)
}

func (p Program) deleteStep(ctx context.Context, _ []string) int {
	return p.manage(ctx, commandDelete)
}

// newManager reads the inputs of a command about agents. The manager can
// say why it declines even when err is not nil.
func (p Program) newManager(command string) (*manager, error) {
	runner := actions.New(p.Getenv, p.Stdout)
	m := &manager{command: command, step: step{Program: p, runner: runner, began: time.Now()}}
	in := runner.Inputs()
	m.readManager(in)
	if err := in.Err(); err != nil {
		return m, err
	}
	warnings, err := runner.CheckFiles()
	if err != nil {
		return m, err
	}
	for _, warning := range warnings {
		runner.Warning(warning)
	}
	return m, m.connect()
}

// readManager reads what all these commands ask for.
func (m *manager) readManager(in *actions.Inputs) {
	m.connection = connection{key: maskSecrets(m.runner, in), apiURL: in.Text("api-url"), apiVersion: readAPIVersion(in)}
	checkConnection(in, m.connection)
	readCommand(in)
	refuseGate(in, m.command)
	switch m.command {
	case commandArchive:
		refuseLacking(in, m.apiVersion, []cursor.Feature{cursor.FeatureArchive})
	case commandReap:
		refuseLacking(in, m.apiVersion, []cursor.Feature{cursor.FeatureReap})
	}
	m.dryRun = in.Bool("dry-run", false)
	m.summary = in.Bool("summary", true)
	m.timeout = in.Duration("timeout", defaultTimeout, minTimeout, maxTimeout)
	m.limit = in.Int("limit", defaultLimit, 1, maxLimit)
	m.artifacts = readArtifacts(in)
	m.selection = readSelection(in, m.runner.Context(), m.command)
	if m.command != commandReap { // Its age has a default, and v0 lacks all of it.
		refuseLacking(in, m.apiVersion, m.selection.Features())
	}
	if m.command == commandReap {
		m.readReaper(in)
	}
}

// manage cancels, archives or deletes the selected agents.
func (p Program) manage(ctx context.Context, command string) int {
	m, err := p.newManager(command)
	if err != nil {
		return m.decline(err, exitUsage)
	}
	limited, stop := context.WithTimeoutCause(ctx, m.timeout, errTimeUp)
	defer stop()
	chosen, more, err := m.choose(limited, m.selection, m.limit, m.note)
	switch {
	case err != nil:
		return m.giveUp(ctx, err)
	case more:
		return m.decline(fmt.Errorf("more than %d agents are selected, which is limit: select fewer, or raise limit", m.limit), exitUsage)
	}
	entries := m.each(limited, chosen, func(i int) entry {
		return m.order(limited, agent.Order(command), chosen[i], len(m.selection.IDs) > 0)
	})
	return m.conclude(ctx, limited, entries)
}

// order carries an order out on an agent, which is named by its id or was found by
// a selection.
func (s *step) order(ctx context.Context, order agent.Order, of cursor.Agent, named bool) entry {
	standing, err := s.agents.Examine(ctx, of)
	if err != nil {
		return entry{standing: standing, err: err}
	}
	e := s.obey(ctx, order, standing)
	if standing.Gone && named {
		e.why = "it was deleted, or it is of another account than the key"
	}
	return e
}

// obey carries an order out, or says what it would come to.
func (s *step) obey(ctx context.Context, order agent.Order, standing agent.Standing) entry {
	e := entry{standing: standing}
	if s.dryRun {
		due, err := standing.Due(order)
		if e.did, e.err = string(due), err; err == nil && due != agent.DeedNone && due != agent.DeedGone {
			e.did = "would-" + string(order)
		}
		return e
	}
	var done agent.Deed
	e.standing, done, e.err = s.agents.Obey(ctx, order, standing, func(ctx context.Context, standing agent.Standing) (err error) {
		e.usage, err = s.keep(ctx, standing, string(order))
		return err
	})
	if e.did = string(done); e.err == nil && done == agent.DeedNone && standing.Live() {
		if e.why = "its run ended by itself"; standing.Run.Unbegun && e.standing.Run.Status == cursor.RunCancelled {
			e.why = "the agent was at rest already, with its latest prompt unanswered"
		}
	}
	return e
}

// errArtifacts says that an agent was not deleted, because its files would be
// gone with it.
var errArtifacts = errors.New("its artifacts are not all here, so it was not deleted")

// keep takes from an agent what a delete would destroy: its artifacts, where a
// folder is named, and its usage, nil where the API would not say.
func (s *step) keep(ctx context.Context, standing agent.Standing, command string) (*cursor.Usage, error) {
	id := standing.Agent.ID
	if s.artifacts != "" {
		folder := path.Join(s.artifacts, id)
		if path.Base(folder) != id {
			return nil, fmt.Errorf("%w: its id names no folder", errArtifacts)
		}
		files, written, listed := s.saveArtifacts(ctx, id, folder, where(agent.Handle{AgentID: id, URL: standing.Agent.URL}))
		if written > 0 {
			setOutputs(s.runner, []output{{"artifacts-path", s.artifacts}})
		}
		if !listed {
			return nil, errArtifacts
		}
		for _, file := range files {
			if file.Problem != "" {
				return nil, fmt.Errorf("%w: artifact %s: %s", errArtifacts, file.Path, file.Problem)
			}
		}
	}
	result := agent.Result{Handle: agent.Handle{AgentID: id}, Run: standing.Run}
	s.agents.AddUsage(ctx, &result)
	if result.Usage == nil && !errors.Is(result.UsageProblem, cursor.CodeFeatureUnavailable) {
		s.runner.Warning(fmt.Sprintf("%s: what agent %s used could not be read: %s", command, id, brief(result.UsageProblem)))
	}
	return result.Usage, nil
}

// each does something with each agent, and logs what came of it.
func (m *manager) each(ctx context.Context, agents []cursor.Agent, do func(int) entry) []entry {
	return eachAgent(ctx, agents, do, m.tell)
}

// eachAgent does something with each agent, a few at once, and tells what came of
// each in their order, as soon as those before it are done. When ctx ends, what
// was not begun is left.
func eachAgent(ctx context.Context, agents []cursor.Agent, do func(int) entry, tell func(entry)) []entry {
	all := make([]entry, len(agents))
	done := make([]chan struct{}, len(agents))
	next := make(chan int, len(agents))
	for i := range agents {
		done[i] = make(chan struct{})
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range min(managersAtOnce, len(agents)) {
		workers.Go(func() {
			for i := range next {
				if ctx.Err() == nil {
					all[i] = do(i)
				} else {
					all[i] = entry{standing: agent.Standing{Agent: agents[i]}, unbegun: true}
				}
				close(done[i])
			}
		})
	}
	for i := range agents {
		<-done[i]
		tell(all[i])
	}
	workers.Wait()
	return all
}
