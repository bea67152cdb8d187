package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/grace"
	"cursor-agent-action/internal/prompt"
	"cursor-agent-action/internal/report"
)

const (
	// interruptGrace is how long the step goes on after a signal. The runner
	// ends a container 7.5 s after the first one with a second, and after 10 s
	// for good.
	interruptGrace = 5 * time.Second
	// createGrace is how much of that a create on its way gets, so that its
	// answer, and with it the agent, is not lost.
	createGrace = 2 * time.Second
)

// errTimeUp is the cause of a context whose time, the input timeout, is over.
var errTimeUp = errors.New("no answer in time")

// step is one run of the action.
type step struct {
	Program
	config
	runner   audience
	journal  *journal
	timeline *report.Timeline
	client   cursor.API
	agents   *agent.Agents
	began    time.Time
	errand   errand
	planned  agent.FollowUpPlanned // the follow-up that may have been sent; zero: none
	// corrected is the run whose result was wrong, "" while none was.
	corrected string
	// attached is the run that an attach came to, as it was then.
	attached  cursor.Run
	also      func(agent.Update) // is told each update too; nil for nobody
	unready   error              // what is wrong with the inputs, when the gate comes first; nil: nothing
	decision  forge.Decision     // the gate's
	undecided bool               // it knew too little to launch
	earlier   agent.Handle       // the run of an earlier attempt that is taken; zero: none
	asides    *sync.WaitGroup    // what is done at GitHub beside the work; nil for nothing
	hub       *forge.GitHub      // nil until GitHub is asked for something
	board     *board             // nil for none
	notice    report.Notice      // what it shows now
	truth     truth              // what GitHub says of what the agent pushed
	remains   remains            // what the cleanup stage found of the agent
	assembly  prompt.Assembly    // of the prompt; zero where it is the author's words alone
	// attended says that somebody sits there who can look after the agent: an
	// API that fails for good then leaves its run as it is.
	attended bool
	// detaches says that a signal leaves the run as it is, too.
	detaches bool
}

// launch, followUp and attach are the commands that the image runs.
func (p Program) launch(ctx context.Context, _ []string) int   { return p.goOn(ctx, launching()) }
func (p Program) followUp(ctx context.Context, _ []string) int { return p.goOn(ctx, followingUp()) }
func (p Program) attach(ctx context.Context, _ []string) int   { return p.goOn(ctx, attaching()) }

// goOn comes to a run as the errand does, follows it and hands on what came of
// it.
func (p Program) goOn(ctx context.Context, errand errand) int {
	runner := actions.New(p.Getenv, p.Stdout)
	s, err := p.newStep(runner, errand)
	warnings, filesErr := runner.CheckFiles()
	if err = errors.Join(err, filesErr); err != nil {
		if s.unready != nil {
			err = errors.Join(s.unready, filesErr)
		}
		return s.refuse(err)
	}
	for _, warning := range warnings {
		runner.Warning(warning)
	}
	return s.run(ctx)
}

// run does what the step is for, and returns the exit status.
func (s *step) run(ctx context.Context) int {
	last, cancel := grace.Context(ctx, interruptGrace)
	defer cancel()
	s.saveState(stateStage, stageStarted)
	if !s.hasEarlier(ctx) {
		if status, over := s.prepare(ctx, last); over {
			return status
		}
	}
	if ctx.Err() == nil {
		s.acknowledge()
		s.openBoard(ctx)
	}
	result := s.held(s.verify(ctx, s.do(ctx, last)))
	s.finish(last, result, ctx.Err() != nil)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return s.exitStatus(result.Outcome)
}

// prepare does what comes before anything is begun: it asks whether the event may
// begin it, and puts the prompt together. over says that the step is, with that
// status. After a signal it is not over: what an earlier attempt left has to be
// ended.
func (s *step) prepare(ctx, last context.Context) (status int, over bool) {
	why := s.admitted(ctx)
	switch {
	case ctx.Err() != nil:
		return exitInterrupted, s.unready != nil || s.dryRun
	case why != nil:
		return s.turnedAway(ctx, last, why), true
	case s.unready != nil:
		return s.refuse(s.unready), true
	}
	err := s.findCurrent(ctx)
	if err == nil {
		err = s.composed(ctx)
	}
	if err != nil && ctx.Err() == nil {
		return s.refuse(err), true
	}
	if s.dryRun {
		return s.pretend(ctx), true
	}
	if why = s.recheck(ctx); why != nil && ctx.Err() == nil {
		return s.turnedAway(ctx, last, why), true
	}
	return 0, false
}

// newStep reads the inputs and wires the step. The step is usable for a
// refusal even when err is not nil.
func (p Program) newStep(runner *actions.Runner, errand errand) (*step, error) {
	s := &step{Program: p, runner: runner, began: time.Now(), timeline: report.NewTimeline(), errand: errand}
	var err error
	if s.config, err = readConfig(runner, runner.Inputs(), errand); err != nil {
		if s.unready = err; !mayBeTurnedAway(errand, s.config) {
			return s, err
		}
	}
	s.journal = &journal{runner: runner, level: s.log, began: s.began, words: errand.words}
	if s.dryRun || s.unready != nil {
		return s, nil
	}
	return s, s.connect()
}

// connect makes the clients of the API.
func (s *step) connect() (err error) {
	if s.journal == nil {
		s.journal = &journal{runner: s.runner, level: logQuiet, began: s.began}
	}
	s.client, err = s.apiVersion.Open(cursor.Config{
		BaseURL:     s.apiURL,
		Key:         s.key,
		Version:     s.Version,
		Transport:   s.Transport,
		CreateGrace: createGrace,
		Random:      s.Random,
		OnRetry:     s.journal.retry,
		OnAttempt:   s.journal.attempt,

		PollInterval: s.poll,
	})
	if err != nil {
		return err
	}
	s.agents = agent.New(agent.Config{Client: s.client, Key: s.key, Observe: s.observe, Redact: s.runner.Redact, PollInterval: s.poll, Random: s.Random})
	return nil
}

// observe hands each update to those who show it, and writes down at once what
// must survive a kill.
func (s *step) observe(update agent.Update) {
	s.journal.observe(update)
	shown := redactUpdate(s.runner, update)
	s.timeline.Observe(shown)
	s.showOnBoard(shown)
	if s.also != nil {
		s.also(update)
	}
	switch update := update.(type) {
	case agent.Planned:
		s.saveState(stateAgentID, update.AgentID)
		s.saveState(stateStage, stagePlanned)
	case agent.FollowUpPlanned:
		s.planned = update
		s.saveState(stateMark, update.Mark)
		if n := len(update.Known); n > 0 {
			s.saveState(stateKnownRun, update.Known[n-1])
		}
		s.saveState(stateRunID, "") // That of a run before it, which has ended.
		s.saveState(stateAgentID, update.AgentID)
		s.saveState(stateStage, stagePlanned)
	case agent.Started:
		// An agent that was attached to comes without having been planned. The run
		// comes last: from there on a kill leaves all that its end takes.
		s.saveState(stateStage, stagePlanned)
		s.saveState(stateAgentID, update.AgentID)
		s.saveState(stateRunID, update.RunID)
		setOutputs(s.runner, outputs(agent.Result{Handle: update.Handle}, s.target(), truth{}))
		s.unlabel()
	case agent.Settled:
		// The usage may take its time, or never come.
		setOutputs(s.runner, outputs(s.explained(s.held(update.Result)), s.target(), truth{}))
	case agent.StatusChanged:
		setOutputs(s.runner, []output{{"status", string(update.Status)}})
	}
}

// do comes to the run and follows it. When ctx is cancelled, last goes on for
// the grace that is left to end the run.
func (s *step) do(ctx, last context.Context) agent.Result {
	s.runner.Info(s.errand.announce(s))
	limited, cancel := context.WithDeadlineCause(ctx, s.deadline(), errTimeUp)
	defer cancel()
	handle, err := s.begin(limited)
	if err == nil && !s.wait {
		return agent.Unfinished(agent.OutcomeLaunched, s.spec, handle, cursor.Run{})
	}
	if err == nil {
		var run cursor.Run
		if handle, run, err = s.follow(limited, handle); err == nil {
			return s.agents.Finish(ctx, s.spec, handle, run)
		}
		handle.Status = run.Status
	}
	over, passed := errors.AsType[*agent.OverBudget](err)
	switch {
	case ctx.Err() != nil && s.detaches:
		return s.detached(handle, err)
	case ctx.Err() != nil:
		return s.interrupted(last, handle, err)
	case passed:
		return s.overBudget(last, handle, over)
	case s.attached.Status.Terminal() && s.attached.ID == handle.RunID && s.schema == nil:
		// What was told of its end at first stays true when nothing more is told.
		return s.agents.Finish(ctx, s.spec, handle, s.attached)
	case errors.Is(context.Cause(limited), errTimeUp):
		return s.timedOut(last, handle, err)
	}
	return s.apiFailed(last, handle, err)
}

// deadline is when the time is over that the input timeout gives to all.
func (s *step) deadline() time.Time { return s.began.Add(s.timeout) }

// exitStatus is the one map from outcomes to exit statuses.
func (s *step) exitStatus(outcome agent.Outcome) int {
	switch {
	case !s.failOn[outcome]:
		return exitOK
	case outcome == agent.OutcomeTimedOut:
		return exitTimedOut
	}
	return exitFailed
}
