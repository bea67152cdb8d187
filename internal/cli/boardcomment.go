package cli

import (
	"context"
	"errors"
	"net/http"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// These begin the keys of a comment's hidden lines: whose it is while its end is
// not written yet and when it is, and which agent it is about.
const (
	markWorking = "working-"
	markEnded   = "ended-"
	markAgent   = "agent-"
)

// commentBody is the text of the comment: its hidden lines, and what people read.
func (b *board) commentBody(notice report.Notice) string {
	whose := markEnded
	if notice.Working {
		whose = markWorking
	}
	text := b.marker + "\n" + forge.MarkerLine(whose+b.attempt) + "\n"
	if id := notice.Result.AgentID; id != "" {
		text += forge.MarkerLine(b.seal.mark(id)) + "\n"
	}
	return text + "\n" + b.runner.Redact(notice.Markdown())
}

// writeComment updates the comment, which is made where there is none.
func (b *board) writeComment(ctx context.Context, notice report.Notice) error {
	body := b.commentBody(notice)
	if !b.comment.IsZero() {
		err := b.talk().Update(ctx, b.comment, body)
		if gone, ok := errors.AsType[*forge.GitHubError](err); !ok || gone.Status != http.StatusNotFound {
			return err
		}
		// Somebody deleted it. The end is worth a new one, progress is not.
		b.comment = forge.Posted{}
		if notice.Working {
			b.mode = commentResult
			return nil
		}
	}
	if !b.sought {
		author, err := b.hub.Viewer(ctx)
		if err == nil {
			b.comment, err = b.talk().Find(ctx, b.marker, author)
		}
		if err != nil {
			return err
		}
		b.sought = true
	}
	if !b.comment.IsZero() {
		err := b.talk().Update(ctx, b.comment, body)
		b.announce()
		return err
	}
	made, err := b.talk().Create(ctx, body)
	if err != nil {
		b.sought = false // It may have been made.
		return err
	}
	b.comment = made
	b.announce()
	return nil
}

// announce hands on where the comment is, also to a cleanup stage.
func (b *board) announce() {
	setOutputs(b.runner, []output{{"comment-url", cut(b.comment.URL, maxField)}})
	b.save(stateComment, b.comment.Key())
}
