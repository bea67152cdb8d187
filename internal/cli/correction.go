package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
	"cursor-agent-action/internal/schema"
)

// correctionKey tells a correction from other follow-ups of the same step. Its
// prompt would not do: what is wrong is not told in the same words for ever.
const correctionKey = "result"

// readResultSchema reads the schema that the agent's result must have: it stands
// in the input itself, or in a file of the workspace.
func readResultSchema(runner *actions.Runner, in *actions.Inputs) *schema.Schema {
	given := in.Text("result-schema")
	if given == "" {
		return nil
	}
	text := []byte(given)
	if !strings.HasPrefix(given, "{") {
		var err error
		text, err = readWorkspace(runner, func(w *actions.Workspace) ([]byte, error) { return w.ReadFile(given, schema.MaxSchema) })
		if err != nil {
			in.Problem("result-schema", err.Error())
			return nil
		}
	}
	compiled, err := schema.Compile(text)
	if err != nil {
		in.Problem("result-schema", err.Error())
		return nil
	}
	return compiled
}

// demand is what a prompt ends with that asks for a result of the schema.
func demand(s *schema.Schema) string {
	return "End your answer with exactly one fenced code block of JSON, and write nothing after it. The JSON must be valid against this JSON Schema:\n\n" +
		fenced(s.String())
}

// fenced is a JSON text in a fence that nothing in it closes.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "json\n" + text + "\n" + fence
}

// follow follows the run to its end. Where the run's result is not of the form
// that was asked for, it tells the agent what is wrong, once, and follows that
// run: the correction.
func (s *step) follow(ctx context.Context, handle agent.Handle) (agent.Handle, cursor.Run, error) {
	run, err := s.agents.FollowWithin(ctx, handle, agent.Budget{Tokens: s.maxTokens})
	if err != nil || s.schema == nil || run.Status != cursor.RunFinished {
		return handle, run, err
	}
	_, wrong := s.object(run)
	if wrong == nil {
		return handle, run, nil
	}
	if told, err := s.wasTold(ctx, handle); err != nil || told {
		s.corrects(handle.RunID)
		if err != nil {
			handle.RunID = "" // It has ended; what may go on is another.
		}
		return handle, run, err
	}
	s.runner.Info(fmt.Sprintf("The agent's result is not what %s asks for; telling it what is wrong, once:", s.errand.words.input("result-schema")))
	for _, line := range problems(wrong) {
		s.runner.Block("  - ", line)
	}
	s.corrects(handle.RunID)
	next, err := s.agents.FollowUp(ctx, s.correction(handle, problems(wrong)))
	next.Generation = handle.Generation // It counts agents, and this is the same one.
	if err != nil {
		return next, cursor.Run{}, err
	}
	run, err = s.agents.FollowWithin(ctx, next, agent.Budget{Tokens: s.maxTokens, Earlier: []string{handle.RunID}})
	return next, run, err
}

// wasTold reports whether the run is the correction that an earlier attempt sent:
// an attach comes to the agent's latest run, whichever that is by then.
func (s *step) wasTold(ctx context.Context, handle agent.Handle) (bool, error) {
	if s.errand.kind != report.Attach || !s.work.Rerun {
		return false, nil
	}
	told, err := s.agents.LocateFollowUp(ctx, handle.AgentID, nil, s.agents.Marks(s.correction(handle, nil)))
	if err != nil {
		return false, fmt.Errorf("look whether an earlier attempt told the agent what is wrong: %w", err)
	}
	return len(told) > 0 && told[0].RunID == handle.RunID, nil
}

// corrects makes the step one that waits for a correction of the run.
func (s *step) corrects(runID string) {
	s.corrected = runID
	s.errand.reruns = true
	s.errand.words.nothing = "the agent was not told what is wrong with its result"
	s.errand.words.during = "while the agent was being told what is wrong with its result"
	s.errand.words.mayBe = "the agent may be at work on its result"
	s.errand.words.unseen = "its run is not to be seen"
	s.errand.words.piece = func(h agent.Handle) string { return "The correction (run " + h.RunID + ")" }
	s.errand.words.passing = "telling the agent again"
	s.errand.words.taking = "An earlier attempt told the agent already; attaching to that run, so nothing is paid twice"
	if s.errand.words.place == (place{}) {
		s.errand.words.again = "run the job again, which attaches to the agent's last run unless that ended badly"
		s.errand.words.anew = "run the job again, which tells the agent again what is wrong with its result"
	}
	s.journal.words = s.errand.words
}

// correction tells the agent what is wrong with its result.
func (s *step) correction(handle agent.Handle, wrong []string) agent.FollowUp {
	prompt := "Your answer does not end with the JSON that was asked for. This is wrong with it:\n\n- " +
		strings.Join(wrong, "\n- ") +
		"\n\nChange nothing else. Give your answer once more. " + demand(s.schema)
	return agent.FollowUp{
		AgentID: handle.AgentID,
		Prompt:  cursor.Prompt{Text: prompt},
		Known:   []string{handle.RunID},
		Key:     correctionKey,
		Work:    s.work,
	}
}

// sought finds the runs that the step may have come to: that of a follow-up that
// was planned, or else what the errand finds, with the corrections of it.
func (s *step) sought(ctx context.Context) ([]agent.Handle, error) {
	if s.planned.Mark != "" {
		return s.agents.LocateFollowUp(ctx, s.planned.AgentID, s.planned.Known, []string{s.planned.Mark})
	}
	found, err := s.errand.locate(s, ctx)
	if err != nil || s.schema == nil {
		return found, err
	}
	for _, handle := range found {
		if handle.Status != cursor.RunFinished {
			continue
		}
		marks := s.agents.Marks(s.correction(handle, nil))
		corrections, err := s.agents.LocateFollowUp(ctx, handle.AgentID, []string{handle.RunID}, marks)
		found = append(found, corrections...)
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// errMasked says that an object would not be JSON any more as an output.
var errMasked = &schema.Invalid{Lines: []string{"the block holds a secret outside of a text, where *** can't take its place"}}

// object is the JSON that the run's answer ends with.
func (s *step) object(run cursor.Run) (string, error) {
	object, err := s.schema.Read(run.Result)
	if err == nil && !s.runner.KeepsJSON(object) {
		return "", errMasked
	}
	return object, err
}

// problems are the lines of what is wrong with a result.
func problems(err error) []string {
	if invalid, ok := errors.AsType[*schema.Invalid](err); ok {
		return invalid.Lines
	}
	return []string{oneLine(err)}
}

// maxProblem is how many characters the last line tells of what is wrong with a
// result; the log has all of it.
const maxProblem = 300

// held is the result held against the schema that was asked for: with the object,
// or with the outcome that says that it has none. An agent that finished without
// the pull request that it owes has that outcome all the same.
func (s *step) held(result agent.Result) agent.Result {
	if s.schema == nil || result.Run.Status != cursor.RunFinished {
		return result
	}
	object, err := s.object(result.Run)
	if err == nil {
		result.Object = object
		return result
	}
	if result.Outcome != agent.OutcomeSucceeded && result.Outcome != agent.OutcomeNoChanges {
		return result
	}
	after := ""
	if s.corrected != "" {
		after = ", also after it was told what is wrong"
	}
	result.Outcome = agent.OutcomeInvalidResult
	result.Reason = fmt.Sprintf("the agent's result is not what %s asks for%s: %s", s.errand.words.input("result-schema"), after, report.Cut(strings.Join(problems(err), "; "), maxProblem))
	result.Left = "nothing is left running: " + where(result.Handle)
	result.NextStep = "make the schema easier to meet " + s.errand.words.better
	return result
}
