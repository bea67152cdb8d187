package cli

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// writeCheck updates the check run, which is started where there is none.
func (b *board) writeCheck(ctx context.Context, notice report.Notice, conclusion forge.Conclusion) error {
	if err := b.findHead(ctx); err != nil {
		return err
	}
	run := forge.CheckStatus{
		Name: b.checkName, HeadSHA: b.headSHA, Key: b.key, Details: b.page,
		Title: b.runner.Redact(notice.Headline()), Summary: b.runner.Redact(notice.Markdown()), Conclusion: conclusion,
	}
	if conclusion != "" {
		run.Annotations = annotations(notice.Result.Object)
	}
	started, err := b.startCheck(ctx, run)
	if err != nil || started && conclusion == "" {
		return err
	}
	err = b.hub.UpdateCheck(ctx, b.repository, b.check, run)
	if wrong, ok := errors.AsType[*forge.GitHubError](err); ok && wrong.Status == http.StatusUnprocessableEntity && len(run.Annotations) > 0 {
		// What GitHub has against an annotation must not keep the check from its end.
		run.Annotations = nil
		if again := b.hub.UpdateCheck(ctx, b.repository, b.check, run); again == nil {
			b.runner.Warning("check: GitHub refuses the annotations that result-object holds, and the check run ends without them: " + oneLine(err))
			return nil
		}
	}
	return err
}

// startCheck starts the check run where there is none yet, and reports whether it
// did.
func (b *board) startCheck(ctx context.Context, run forge.CheckStatus) (started bool, err error) {
	if b.check == 0 && b.checkLost {
		if b.check, err = b.hub.FindCheck(ctx, b.repository, b.headSHA, b.checkName, b.key); err != nil {
			return false, err
		}
		b.checkLost = false
	} else if b.check != 0 {
		return false, nil
	}
	if b.check == 0 {
		if b.check, err = b.hub.StartCheck(ctx, b.repository, run); err != nil {
			b.checkLost = true
			return false, err
		}
		started = true
	}
	b.save(stateCheck, strconv.FormatInt(b.check, 10))
	return started, nil
}

// findHead asks for the pull request's head where the event does not tell it, as
// that of a comment. The pull request may have another by the time of a cleanup
// stage.
func (b *board) findHead(ctx context.Context) error {
	if b.headSHA == "" {
		pull, err := b.hub.PullRequest(ctx, b.repository, b.pull)
		if err != nil {
			return err
		}
		b.headSHA = pull.HeadSHA
	}
	if !b.headKept {
		b.save(stateHead, b.headSHA)
		b.headKept = true
	}
	return nil
}

// conclusionOf is how a check run ends by the outcome: what does not turn the
// step red does not turn it red either.
func conclusionOf(outcome agent.Outcome, fails bool) forge.Conclusion {
	switch {
	case outcome == agent.OutcomeSkipped:
		return forge.CheckSkipped
	case outcome == agent.OutcomeCancelled && fails:
		return forge.CheckCancelled
	case outcome == agent.OutcomeTimedOut && fails:
		return forge.CheckTimedOut
	case fails:
		return forge.CheckFailure
	case outcome == agent.OutcomeSucceeded:
		return forge.CheckSuccess
	}
	return forge.CheckNeutral
}
