package cli

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// markWorking and markAgent begin the keys of a comment's hidden lines: that its
// end is not written yet, with whose it is, and which agent it is about.
const (
	markWorking = "working-"
	markAgent   = "agent-"
)

// commentBody is the text of the comment: its hidden lines, and what people read.
func (b *board) commentBody(notice report.Notice) string {
	text := b.marker + "\n"
	if notice.Working {
		text += forge.MarkerLine(markWorking+b.attempt) + "\n"
	}
	if id := notice.Result.AgentID; id != "" {
		text += forge.MarkerLine(markAgent+id) + "\n"
	}
	return b.runner.Hidden(text + "\n" + notice.Markdown())
}

// writeComment updates the comment, which is made where there is none.
func (b *board) writeComment(ctx context.Context, notice report.Notice) error {
	body := b.commentBody(notice)
	if b.comment.ID != 0 {
		err := b.hub.UpdateComment(ctx, b.repository, b.comment.ID, body)
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
			b.comment, err = b.hub.FindComment(ctx, b.repository, b.subject, b.marker, author)
		}
		if err != nil {
			return err
		}
		b.sought = true
	}
	if b.comment.ID != 0 {
		err := b.hub.UpdateComment(ctx, b.repository, b.comment.ID, body)
		b.announce()
		return err
	}
	made, err := b.hub.CreateComment(ctx, b.repository, b.subject, body)
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
	b.save(stateComment, strconv.FormatInt(b.comment.ID, 10))
}
