package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
)

// gatePatience bounds all that is asked before an event may launch.
const gatePatience = 2 * time.Minute

// skip is why an event launches nothing: no failure, and nothing to be proud of.
type skip struct {
	reason forge.SkipReason
	text   string
}

// undecided reports whether nothing was launched only because it is not known
// whether it may be: whoever asked for it did nothing wrong, and is to see that.
func (s *skip) undecided() bool {
	switch s.reason {
	case forge.SkipUnreadable, forge.SkipPermissionUnknown, forge.SkipSubjectUnknown, skipUncounted:
		return true
	}
	return false
}

// readGate reads which events may launch something.
func readGate(in *actions.Inputs, c *config) {
	c.gate = forge.Gate{
		RequiredPermission: in.Text("required-permission"), AllowBots: in.List("allow-bots"),
		TriggerPhrase: in.Text("trigger-phrase"), TriggerLabel: in.Text("trigger-label"),
	}
	for _, wrong := range c.gate.Check(c.event) {
		in.Problem(wrong.Input, wrong.Problem)
	}
	c.limits = readLimits(in)
}

// refuseGate notes a problem for each input of the gate that is set for a command
// that has none: whoever sets one believes that it keeps somebody out.
func refuseGate(in *actions.Inputs, command string) {
	refuseInputs(in, command, "has no gate (the condition belongs into the job's if)",
		"required-permission", "allow-bots", "trigger-phrase", "trigger-label", "max-agents-per-pr", "max-consecutive", "cooldown")
}

// mayBeTurnedAway reports whether the gate is asked although inputs are wrong.
// What is wrong may come from the event: workflows of forks get no key, and not
// every comment has a task or a pull request. An event that launches nothing all
// the same must not turn the step red.
func mayBeTurnedAway(errand errand, c config) bool {
	return errand.gated && len(c.gate.Check(c.event)) == 0
}

// admitted asks whether the event may launch anything; nil is yes.
func (s *step) admitted(ctx context.Context) *skip {
	if !s.errand.gated {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(gatePatience, time.Until(s.deadline())))
	defer cancel()
	hub, hubErr := s.gitHub()
	decision, err := s.gate.Decide(ctx, hub, s.event, !s.key.IsZero() || s.dryRun)
	if err != nil {
		return &skip{forge.SkipPermissionUnknown, oneLine(err)} // Its inputs were checked before.
	}
	s.decision = decision
	unknown := decision.Reason == forge.SkipPermissionUnknown || decision.Reason == forge.SkipSubjectUnknown
	switch {
	case unknown && hubErr != nil && !errors.Is(hubErr, errNoToken):
		return &skip{decision.Reason, oneLine(hubErr)}
	case !decision.Launch:
		return &skip{decision.Reason, decision.Text}
	case s.dryRun || s.unready != nil || s.runner.Context().RunAttempt > 1:
		return nil // To run a job again is a person's doing, and not limited.
	}
	return s.withinLimits(ctx, hub)
}

// recheck asks right before the launch whether the pull request's head is still
// the one that was decided about. When a job is run again it is a newer one as a
// rule, which matters only where somebody vouched for the commit.
func (s *step) recheck(ctx context.Context) *skip {
	hub, err := s.gitHub()
	if err != nil || s.runner.Context().RunAttempt > 1 && !s.decision.Bound {
		return nil // Without a token nobody vouched for a head.
	}
	// An answer may begin and never end.
	ctx, cancel := context.WithTimeout(ctx, min(gatePatience, time.Until(s.deadline())))
	defer cancel()
	again := s.decision.Recheck(ctx, hub)
	if again.Launch == s.decision.Launch {
		return nil
	}
	return &skip{again.Reason, again.Text}
}

// turnedAway ends a step whose event launches nothing.
func (s *step) turnedAway(ctx, last context.Context, why *skip) int {
	s.unlabel() // It was for a commit, or for a time, that is over.
	s.saveState(stateStage, stageSettled)
	s.undecided = why.undecided()
	setOutputs(s.runner, []output{{"skip-reason", string(why.reason)}})
	result := agent.Result{Outcome: agent.OutcomeSkipped, Reason: why.text}
	s.finish(last, result, false)
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return s.exitStatus(result.Outcome)
}

// eventOf is what started the workflow. When a job is run again after the
// repository was renamed, the event is one of the old name, which is somebody
// else's to take, and to answer questions about permissions for.
func eventOf(context actions.Context) forge.Event {
	event := forge.ReadEvent(context.EventName, context.Event, context.ServerURL)
	if old := event.Repository.Path; old != "" && context.Repository != "" && event.Problem == "" && !strings.EqualFold(old, context.Repository) {
		event.Problem = fmt.Sprintf("it is of %s, and this job is one of %s, so that another repository may be called %s by now", old, context.Repository, old)
	}
	return event
}
