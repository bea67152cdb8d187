package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// gatePatience bounds all that is asked before an event may launch.
const gatePatience = 2 * time.Minute

// skip is why an event launches nothing: no failure, and nothing to be proud of.
type skip struct {
	reason forge.SkipReason
	text   string
}

// limits keep agents and workflows from going round in circles on a pull
// request. 0 is no limit.
type limits struct {
	perPR, consecutive int
	cooldown           time.Duration
}

func (l limits) set() bool { return l != limits{} }

// The reasons of limits.
const (
	skipTooMany     forge.SkipReason = "too-many-runs"
	skipConsecutive forge.SkipReason = "too-many-in-a-row"
	skipCooldown    forge.SkipReason = "cooldown"
	skipUncounted   forge.SkipReason = "runs-unknown"
)

// readGate reads which events may launch something.
func readGate(in *actions.Inputs, c *config) {
	c.gate = forge.Gate{
		RequiredPermission: in.Text("required-permission"), AllowBots: in.List("allow-bots"),
		TriggerPhrase: in.Text("trigger-phrase"), TriggerLabel: in.Text("trigger-label"),
	}
	for _, wrong := range c.gate.Check(c.event) {
		in.Problem(wrong.Input, wrong.Problem)
	}
	c.limits = limits{perPR: readCount(in, "max-agents-per-pr"), consecutive: readCount(in, "max-consecutive")}
	if in.Set("cooldown") {
		c.limits.cooldown = in.Duration("cooldown", 0, time.Second, 30*24*time.Hour)
	}
	c.compose.request = c.gate.Request(c.event)
}

// readCount reads a number of things; 0 where it is not set.
func readCount(in *actions.Inputs, name string) int {
	if !in.Set(name) {
		return 0
	}
	n, err := strconv.Atoi(in.Text(name))
	if err != nil || n < 1 {
		in.Problem(name, strconv.Quote(in.Text(name))+" is not a number of at least 1: write for example 3, or leave it out for any number")
	}
	return n
}

// onlyKeyMissing reports whether all that is wrong with the inputs is that there
// is no key, on a pull request from a fork, whose workflows get none.
func onlyKeyMissing(err error, c config) bool {
	wrong, ok := errors.AsType[*actions.InputError](err)
	pull := c.event.PullRequest
	return ok && c.key.IsZero() && pull != nil && pull.HeadRef != "" && pull.FromFork() &&
		!slices.ContainsFunc(wrong.Problems, func(p actions.Problem) bool { return p.Input != "api-key" })
}

// admitted asks whether the event may launch anything; nil is yes. A re-run
// whose agent is there takes it without asking again: the event passed once, and
// nothing new is paid for.
func (s *step) admitted(ctx context.Context) *skip {
	if !s.errand.gated {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(gatePatience, s.timeout))
	defer cancel()
	if s.work.Rerun && !s.dryRun && !s.keyless && s.isThere(ctx) {
		return nil
	}
	hub, err := s.gitHub()
	if err != nil && !errors.Is(err, errNoToken) {
		return &skip{forge.SkipPermissionUnknown, oneLine(err)}
	}
	decision, err := s.gate.Decide(ctx, hub, s.event, !s.key.IsZero() || s.dryRun)
	if err != nil {
		return &skip{forge.SkipPermissionUnknown, oneLine(err)} // Its inputs were checked before.
	}
	s.decision = decision
	if !decision.Launch {
		s.unlabel()
		return &skip{decision.Reason, decision.Text}
	}
	if s.dryRun || !s.limits.set() || s.work.Rerun {
		return nil
	}
	return s.withinLimits(ctx, hub)
}

// isThere reports whether an earlier attempt's agent is at work or has finished.
func (s *step) isThere(ctx context.Context) bool {
	found, err := s.errand.locate(s, ctx)
	return err == nil && slices.ContainsFunc(found, func(h agent.Handle) bool {
		return !h.Status.Terminal() || h.Status == cursor.RunFinished
	})
}

// recheck asks right before the launch whether the pull request's head is still
// the one that was decided about.
func (s *step) recheck(ctx context.Context) *skip {
	if s.decision.HeadSHA == "" || s.work.Rerun {
		return nil
	}
	hub, err := s.gitHub()
	if err != nil {
		return nil // Without a token nobody vouched for a head.
	}
	again := s.decision.Recheck(ctx, hub)
	if again.Launch {
		return nil
	}
	return &skip{again.Reason, again.Text}
}

// unlabel takes the trigger label off, when it has done its work or can't any
// more.
func (s *step) unlabel() {
	hub, err := s.gitHub()
	_, number := s.event.Subject()
	if err != nil || s.decision.Label == "" || s.dryRun {
		return
	}
	s.aside(func(ctx context.Context) {
		if err := hub.RemoveLabel(ctx, s.event.Repository.Path, number, s.decision.Label); err != nil {
			s.runner.Warning(fmt.Sprintf("trigger-label: %s; %s", oneLine(err), grantAdvice(err, "issues")))
		}
	})
}

// acknowledge puts eyes under what asked for the agent.
func (s *step) acknowledge() {
	hub, err := s.gitHub()
	if err != nil || s.comment == commentOff || s.event.Comment == nil {
		return
	}
	s.aside(func(ctx context.Context) {
		if err := hub.Acknowledge(ctx, s.event); err != nil {
			s.runner.Debug(err.Error())
		}
	})
}

// asidePatience bounds what is done beside the work.
const asidePatience = 20 * time.Second

// aside does something at GitHub that the work does not wait for. finish does,
// for a moment.
func (s *step) aside(do func(context.Context)) {
	if s.asides == nil {
		s.asides = &sync.WaitGroup{}
	}
	s.asides.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), asidePatience)
		defer cancel()
		do(ctx)
	})
}

// settleAsides waits for what is done aside.
func (s *step) settleAsides(ctx context.Context) {
	if s.asides == nil {
		return
	}
	done := make(chan struct{})
	go func() { s.asides.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// turnedAway ends a step whose event launches nothing.
func (s *step) turnedAway(last context.Context, why *skip) int {
	s.saveState(stateStage, stageSettled)
	setOutputs(s.runner, []output{{"skip-reason", string(why.reason)}})
	result := agent.Result{Outcome: agent.OutcomeSkipped, Reason: why.text}
	s.finish(last, result, false)
	return s.exitStatus(result.Outcome)
}
