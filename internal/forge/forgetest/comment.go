package forgetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Comment is a comment in the conversation of an issue, a pull request or a
// discussion.
type Comment struct {
	ID        int64
	Author    string
	Body      string
	Minimized string // the reason, such as spam or outdated; "" when it is shown
	CreatedAt time.Time
	UpdatedAt time.Time
	Reactions []*Reaction
	Replies   []*Comment // to a comment on a discussion, which are the only ones that have some
}

// maxBody is how many characters a comment, an issue or a review may hold.
const maxBody = 65536

// theComment finds the comment that the path names, and its issue.
func (x *exchange) theComment() (*Issue, *Comment, *answer) {
	id, _ := strconv.ParseInt(x.params["comment"], 10, 64)
	for _, i := range x.repo.Issues {
		at := slices.IndexFunc(i.Comments, func(c *Comment) bool { return c.ID == id })
		if at >= 0 && !i.Deleted {
			return i, i.Comments[at], nil
		}
	}
	return nil, nil, new(x.notFound())
}

func (x *exchange) commentJSON(i *Issue, c *Comment) object {
	id := strconv.FormatInt(c.ID, 10)
	api := x.api(x.repo) + "/issues/comments/" + id
	made := object{
		"url": api, "html_url": fmt.Sprintf("%s/%s/%d#issuecomment-%s", x.web(x.repo), i.issueKind(), i.Number, id),
		"issue_url": fmt.Sprintf("%s/issues/%d", x.api(x.repo), i.Number), "id": c.ID, "node_id": nodeID("IC", c.ID),
		"user": x.userJSON(c.Author), "created_at": stamp(c.CreatedAt), "updated_at": stamp(c.UpdatedAt), "body": c.Body,
		"author_association": x.repo.association(c.Author), "reactions": x.reactionsJSON(api, c.Reactions), "performed_via_github_app": x.appJSON(c.Author),
	}
	if c.Minimized != "" {
		made["minimized"] = object{"reason": c.Minimized}
	}
	return made
}

// listComments answers GET .../issues/{issue_number}/comments, oldest first.
func (h *Hub) listComments(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	since := time.Time{}
	if text := x.r.URL.Query().Get("since"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return x.invalid("Validation Failed", fieldError{Resource: "IssueComment", Code: "invalid", Field: "since", Value: text})
		}
	}
	comments := []object{}
	for _, c := range i.Comments {
		if !c.UpdatedAt.Before(since) {
			comments = append(comments, x.commentJSON(i, c))
		}
	}
	return x.page(comments)
}

// createComment answers POST .../issues/{issue_number}/comments.
func (h *Hub) createComment(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	if i.Locked && !x.mayWriteHere() {
		return x.problem(403, "Unable to create comment because issue is locked.")
	}
	body, refused := x.bodyText("IssueComment")
	if refused != nil {
		return *refused
	}
	now := time.Now().UTC().Truncate(time.Second)
	c := &Comment{ID: h.mint("comment"), Author: x.login(), Body: body, CreatedAt: now, UpdatedAt: now}
	i.Comments = append(i.Comments, c)
	i.UpdatedAt = now
	made := x.commentJSON(i, c)
	return answer{status: 201, header: map[string]string{"Location": made["url"].(string)}, body: made}
}

// bodyText is the body of a comment that a request brings, or why it is none.
func (x *exchange) bodyText(resource string) (string, *answer) {
	sent, _ := x.sent.(map[string]any)
	value, given := sent["body"]
	text, isText := value.(string)
	switch {
	case !given:
		return "", new(x.invalid("Invalid request.\n\n\"body\" wasn't supplied."))
	case !isText:
		return "", new(x.invalid("Invalid request.\n\nFor 'properties/body', " + jsonKind(value) + " is not a string."))
	case strings.TrimSpace(text) == "":
		return "", new(x.invalid("Validation Failed", fieldError{Resource: resource, Code: "missing_field", Field: "body"}))
	case utf8.RuneCountInString(text) > maxBody:
		return "", new(x.invalid("Validation Failed", tooLong(resource)))
	}
	return text, nil
}

func tooLong(resource string) fieldError {
	return fieldError{Resource: resource, Code: "unprocessable", Field: "data", Message: "Body is too long (maximum is 65536 characters)"}
}

// getComment answers GET /repos/{owner}/{repo}/issues/comments/{comment_id}.
func (h *Hub) getComment(x *exchange) answer {
	i, c, gone := x.theComment()
	if gone != nil {
		return *gone
	}
	return answer{body: x.commentJSON(i, c)}
}

// updateComment answers PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}.
func (h *Hub) updateComment(x *exchange) answer {
	i, c, gone := x.theComment()
	if gone != nil {
		return *gone
	}
	if !strings.EqualFold(c.Author, x.login()) && !x.mayWriteHere() && !x.isApp() {
		return x.refused()
	}
	body, refused := x.bodyText("IssueComment")
	if refused != nil {
		return *refused
	}
	c.Body, c.UpdatedAt = body, time.Now().UTC().Truncate(time.Second)
	return answer{body: x.commentJSON(i, c)}
}

// deleteComment answers DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}.
func (h *Hub) deleteComment(x *exchange) answer {
	i, c, gone := x.theComment()
	if gone != nil {
		return *gone
	}
	if !strings.EqualFold(c.Author, x.login()) && !x.mayWriteHere() && !x.isApp() {
		return x.refused()
	}
	i.Comments = slices.DeleteFunc(i.Comments, func(other *Comment) bool { return other == c })
	return answer{status: 204}
}
