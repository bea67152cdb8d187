package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/report"
)

// explained is the result with what is to be said about an agent's own end, in
// the words that are true for this agent.
func (s *step) explained(result agent.Result) agent.Result {
	words := s.errand.words
	if s.errand.kind == report.Launch && !agent.Recognizable(s.apiVersion, s.spec) && words.place == (place{}) {
		words.same = againUnmarked
	}
	return explain(result, words)
}

// againUnmarked is the next step in a workflow after an agent that finished and that nothing of
// ours is on.
const againUnmarked = "look at the agent's page, because running the job again launches a new one"

// explain adds the reason, what is left, and the next step. Nothing is to be said
// about a success, and where it has been said already.
func explain(result agent.Result, words words) agent.Result {
	if result.Reason != "" {
		return result
	}
	switch result.Outcome {
	case agent.OutcomeNoChanges:
		result.Reason = "the agent finished and pushed nothing"
		result.NextStep = "read its answer, because it may have found nothing to change"
	case agent.OutcomePRMissing:
		result.Reason = fmt.Sprintf("the agent pushed the branch %s, but no pull request was there %s after its end", brevity(result.Pushed.Branch), result.Awaited)
		result.NextStep = "open one from the branch, or ask the agent to"
		if result.Pushed.Unproven {
			result.Reason = fmt.Sprintf("the agent finished, but no pull request was there %s after its end, and the API does not tell whether anything was pushed to %s", result.Awaited, brevity(result.Pushed.Branch))
			result.NextStep = "read its answer, because it may have found nothing to change, and look for the branch"
		}
	case agent.OutcomeAPIError:
		result.Reason = "the agent finished, but whether its pull request is there could not be seen: " + brief(result.Unseen)
		result.NextStep = words.same
	case agent.OutcomeAgentError:
		result.Reason = faultReason(result.Run)
		result.NextStep = "read its conversation there, and " + words.anew
	case agent.OutcomeExpired:
		result.Reason = "Cursor gave the run up before it finished"
		result.NextStep = words.anew + ", and give it a smaller task if that repeats"
	case agent.OutcomeCancelled:
		result.Reason = "the agent's run was cancelled in Cursor, " + words.at().elsewhere
		result.NextStep = words.anew
		if fault := result.Run.Error; fault != nil && fault.Code == cursor.CodeUnanswered {
			result.Reason = "the agent is at rest and has not answered the prompt, so its run was cancelled or ended without a word"
		}
		if result.Run.Status == cursor.RunFinished {
			result.Reason = "the wait for the agent's pull request was interrupted"
			result.NextStep = words.same
		}
	}
	if result.Reason != "" {
		result.Left = "nothing is left running: " + where(result.Handle)
	}
	return result
}

// faultReason says why an agent failed, as far as the API does.
func faultReason(run cursor.Run) string {
	var fault cursor.RunFault
	if run.Error != nil {
		fault = *run.Error
	}
	// The first line of a stack of them names the cause.
	message, _, _ := strings.Cut(strings.TrimSpace(fault.Message), "\n")
	// In quotes, because it stands between clauses of ours and may read like one.
	reason := `the agent failed: "` + strings.ReplaceAll(brevity(strings.TrimSpace(message)), `"`, "'") + `"`
	if message == "" {
		reason = "the agent failed, and Cursor gives no reason"
	}
	var notes []string
	if fault.Code != "" {
		notes = append(notes, brevity(string(fault.Code)))
	}
	if run.RequestID != "" {
		notes = append(notes, "request "+brevity(run.RequestID))
	}
	if len(notes) > 0 {
		reason += " (" + strings.Join(notes, ", ") + ")"
	}
	return reason
}

// maxWords is how many characters of what others say the last line repeats: it
// is to be read at a glance.
const maxWords = 120

func brevity(text string) string { return report.Cut(text, maxWords) }

// apiPath is how the paths of requests to the API begin.
var apiPath = regexp.MustCompile(`^/v[0-9]+/`)

// brief is err in one line for a glance: what the API says is cut, and left out
// are the path of a request whose ids stand elsewhere in the line, and the end
// of our time, which the words around it tell.
func brief(err error) string {
	text := oneLine(err)
	if failed, ok := errors.AsType[*cursor.Error](err); ok {
		if strings.Count(failed.Path, "/") > 2 && apiPath.MatchString(failed.Path) {
			text = strings.Replace(text, ": "+failed.Method+" "+failed.Path, "", 1)
		}
		if failed.Message != "" {
			text = strings.Replace(text, failed.Message, brevity(failed.Message), 1)
		}
	}
	if end := strings.LastIndex(text, "; stopped: "); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, "; "+agent.ErrStillRunning.Error())
}

// advice says what to do when the API can't be used, given what is left. Only
// for an unknown model does it ask the API: for the names it knows.
func (s *step) advice(ctx context.Context, err error, left leftover) string {
	next := s.remedy(ctx, err, left)
	if left.mayRun() && !strings.Contains(next, left.again()) {
		// Whoever mends the cause may well run the job with another key, which
		// finds nothing that this one launched.
		next = left.called.at().endIt + ", and " + strings.TrimSuffix(next, left.called.at().doctor)
	}
	return next
}

// remedy is what mends the cause.
func (s *step) remedy(ctx context.Context, err error, left leftover) string {
	failed, ok := errors.AsType[*cursor.Error](err)
	switch {
	case s.errand.advise != nil && !left.existed && s.errand.advise(err) != "":
		return s.errand.advise(err)
	case errors.Is(err, agent.ErrExhausted):
		return "set another " + left.called.input("idempotency-key") + " to start afresh"
	case !ok:
		return left.again()
	case failed.Status == 0:
		return s.networkAdvice(failed, left)
	case branchCheckFailed(failed):
		return fmt.Sprintf("this is mostly missing access, not a missing branch: install Cursor's GitHub App for %s at %s, with the account of the key; then check %s",
			cmp.Or(s.repository.Path, "the repository"), cursor.IntegrationsPage, left.called.input("ref"))
	case s.spec.Model != nil && unknownModel(failed):
		return s.modelAdvice(ctx)
	}
	if next := s.opaqueAdvice(failed, left); next != "" {
		return next
	}
	if remedy, known := doctor.RemedyOf(failed, left.called.at().names); known {
		next := remedy.String()
		if failed.HelpURL != "" {
			next += " (" + failed.HelpURL + ")"
		}
		if remedy.Examined() {
			next += left.called.at().doctor
		}
		return next
	}
	return statusAdvice(failed, left)
}

// commit is a full commit name.
var commit = regexp.MustCompile(`^[0-9a-f]{40}$`)

// opaqueAdvice is the next step where the API refuses a create and says nothing
// but "Error", or fails without a word; "" where that is not so. It names what
// is known to end like that: a commit that the API does not take, and a code
// host that it does not know.
func (s *step) opaqueAdvice(failed *cursor.Error, left leftover) string {
	wordless := failed.Message == "" || failed.Message == "Error" || strings.HasSuffix(failed.Message, "] Error")
	host := strings.TrimPrefix(s.repository.Server, "https://")
	foreign := host != "" && host != "github.com"
	switch {
	case !wordless, failed.Method != http.MethodPost:
	case failed.Status == http.StatusBadRequest && commit.MatchString(s.spec.Ref):
		return "set " + left.called.input("ref") + " to a branch: Cursor takes a commit only if it is on the default branch or in a pull request of the repository"
	case foreign && failed.Status == http.StatusBadRequest:
		return "check that Cursor works with " + host + ", and that it is connected at " + cursor.IntegrationsPage
	case foreign && failed.Status == http.StatusInternalServerError:
		return "check that Cursor works with " + host + " (" + cursor.IntegrationsPage + "), and " + left.again()
	case failed.Status == http.StatusBadRequest:
		return fmt.Sprintf("check %s, %s and %s, because Cursor does not say which it refuses", left.called.input("repo"), left.called.input("ref"), left.called.input("pull-request"))
	}
	return ""
}

// statusAdvice is the next step where the code says nothing.
func statusAdvice(failed *cursor.Error, left leftover) string {
	switch status := failed.Status; {
	case strings.Contains(failed.Message, "reached the limit"): // its status is in no document
		return "archive old agents at " + cursor.AgentsPage + ": they count until then"
	case status == http.StatusForbidden:
		return "the key's account may not do this: check its plan and role at " + cursor.PlanPage + ", and that Cursor's GitHub App covers the repository" + left.called.at().doctor
	case status == http.StatusTooManyRequests:
		return left.called.at().fewer
	case status >= 500:
		return "see " + cursor.StatusPage + " for the state of Cursor's API, and " + left.again()
	case status >= 300 && status < 400:
		return "check " + left.called.input("api-url") + ": it must be the API's own address"
	case left.existed || left.unsure:
		return left.again() // It had answered well before.
	case status == http.StatusNotFound:
		return "check " + left.called.input("api-url") + ": there is no such API at that address"
	}
	return "correct the " + left.called.at().names.Kind + " that the message names"
}

// branchCheckFailed reports whether Cursor could not see the branch, by the
// text, which is all that tells.
func branchCheckFailed(failed *cursor.Error) bool {
	return strings.Contains(failed.Message, "verify existence of branch") || strings.Contains(failed.Message, "determine repository default branch")
}

// unknownModel reports whether the model was refused: two codes and two texts
// are in use for that.
func unknownModel(failed *cursor.Error) bool {
	return failed.Code == cursor.CodeInvalidModel || failed.Status == http.StatusBadRequest && strings.Contains(failed.Message, "does not match a known variant")
}

// modelAdvice names the models that are nearest to the asked one.
func (s *step) modelAdvice(ctx context.Context) string {
	models, _ := s.client.Models(ctx) // without them there are fewer words
	return doctor.ModelRemedy(models, s.spec.Model.ID, s.errand.words.at().names.Input("model"))
}

// networkAdvice is the next step when no answer came.
func (s *step) networkAdvice(failed *cursor.Error, left leftover) string {
	host := cursor.DefaultBaseURL
	if s.apiURL != "" {
		host = s.apiURL
	}
	if address, err := url.Parse(host); err == nil {
		host = address.Hostname()
	}
	next := "check " + left.called.input("api-url") + " and " + left.called.at().machine + " network, and " + left.again()
	if cause, known := doctor.Unreachable(failed, host, s.proxy(), left.called.at().names); known {
		next = cause.Fix
	}
	if left.existed {
		return next // It had answered before, so doctor will be well.
	}
	return next + left.called.at().doctor
}
