package forgetest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Issue is an issue, or with Pull a pull request: GitHub keeps both in one
// list.
type Issue struct {
	Number    int
	ID        int64
	Title     string
	Body      string
	Author    string // a login; "ghost" is an account that is gone
	State     string // "open" (also "") or "closed"
	Locked    bool   // the conversation is; only who may write can comment
	Deleted   bool   // it was; all answers about it are 410
	Labels    []string
	Comments  []*Comment
	Reactions []*Reaction
	Events    []*Event // what became of it, for the timeline; labels and heads put there by methods add their own
	CreatedAt time.Time
	UpdatedAt time.Time
	ClosedAt  time.Time
	Pull      *PullRequest
}

// Event is an entry of the timeline that is neither a comment, a commit nor a
// review: labeled, unlabeled, closed, reopened, head_ref_force_pushed ...
type Event struct {
	ID        int64
	Event     string
	Actor     string
	Label     string
	CommitID  string
	CreatedAt time.Time
}

func (h *Hub) fillIssue(r *Repository, i *Issue, now time.Time) {
	h.putID(&i.ID, "issue")
	put(&i.State, "open")
	putTime(&i.CreatedAt, now)
	putTime(&i.UpdatedAt, i.CreatedAt)
	if i.State == "closed" {
		putTime(&i.ClosedAt, i.UpdatedAt)
	}
	for _, c := range i.Comments {
		h.putID(&c.ID, "comment")
		putTime(&c.CreatedAt, now)
		putTime(&c.UpdatedAt, c.CreatedAt)
		h.fillReactions(c.Reactions, now)
	}
	for _, e := range i.Events {
		h.putID(&e.ID, "event")
		putTime(&e.CreatedAt, now)
	}
	h.fillReactions(i.Reactions, now)
	if i.Pull != nil {
		h.fillPull(r, i, now)
	}
}

func (i *Issue) logins() []string {
	logins := []string{i.Author}
	for _, c := range i.Comments {
		logins = append(logins, c.Author)
	}
	if i.Pull == nil {
		return logins
	}
	logins = append(logins, i.Pull.RequestedReviewers...)
	for _, review := range i.Pull.Reviews {
		logins = append(logins, review.Author)
	}
	for _, thread := range i.Pull.Threads {
		for _, c := range thread.Comments {
			logins = append(logins, c.Author)
		}
	}
	return logins
}

// label puts a label on the issue and says so in its timeline.
func (i *Issue) label(label, login string, at time.Time) {
	if !i.has(label) {
		i.Labels = append(i.Labels, label)
		i.Events = append(i.Events, &Event{Event: "labeled", Actor: login, Label: label, CreatedAt: at})
	}
}

// has reports whether the issue has the label; labels differ by more than case.
func (i *Issue) has(label string) bool {
	return slices.ContainsFunc(i.Labels, func(l string) bool { return strings.EqualFold(l, label) })
}

// association is how GitHub calls the author's place in the repository.
func (r *Repository) association(login string) string {
	switch {
	case strings.EqualFold(login, r.owner()):
		return "OWNER"
	case slices.ContainsFunc(r.collaborators(), func(named string) bool { return strings.EqualFold(named, login) }):
		return "COLLABORATOR"
	}
	return "NONE"
}

func (r *Repository) collaborators() []string {
	var logins []string
	for login := range r.Collaborators {
		logins = append(logins, login)
	}
	return logins
}

// theIssue finds the issue or pull request that the path names; the answer says
// why there is none.
func (x *exchange) theIssue() (*Issue, *answer) {
	number, err := strconv.Atoi(x.params["number"])
	if err != nil {
		return nil, new(x.notFound())
	}
	i := x.repo.issue(number)
	switch {
	case i == nil:
		return nil, new(x.notFound())
	case i.Deleted:
		return nil, new(x.problem(410, "This issue was deleted"))
	}
	return i, nil
}

// issueKind is the segment of web addresses: issues or pull.
func (i *Issue) issueKind() string {
	if i.Pull != nil {
		return "pull"
	}
	return "issues"
}

func (x *exchange) issueJSON(i *Issue) object {
	number := strconv.Itoa(i.Number)
	api := x.api(x.repo) + "/issues/" + number
	web := x.web(x.repo) + "/" + i.issueKind() + "/" + number
	made := object{
		"url": api, "repository_url": x.api(x.repo), "labels_url": api + "/labels{/name}", "comments_url": api + "/comments",
		"events_url": api + "/events", "timeline_url": api + "/timeline", "html_url": web,
		"id": i.ID, "node_id": nodeID("I", i.ID), "number": i.Number, "title": i.Title, "user": x.userJSON(i.Author),
		"labels": x.labelsJSON(i), "state": i.State, "locked": i.Locked, "assignee": nil, "assignees": []object{}, "milestone": nil,
		"comments": len(i.Comments), "created_at": stamp(i.CreatedAt), "updated_at": stamp(i.UpdatedAt), "closed_at": stampOrNull(i.ClosedAt),
		"author_association": x.repo.association(i.Author), "active_lock_reason": nil, "body": textOrNull(i.Body), "closed_by": nil,
		"reactions": x.reactionsJSON(api, i.Reactions), "performed_via_github_app": x.appJSON(i.Author), "state_reason": nil,
	}
	if i.Pull != nil {
		made["draft"] = i.Pull.Draft
		made["pull_request"] = object{
			"url": x.api(x.repo) + "/pulls/" + number, "html_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch",
			"merged_at": mergedAt(i),
		}
	}
	return made
}

func mergedAt(i *Issue) any {
	if i.Pull.Merged {
		return stamp(i.ClosedAt)
	}
	return nil
}

// getIssue answers GET /repos/{owner}/{repo}/issues/{issue_number}.
func (h *Hub) getIssue(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	return answer{body: x.issueJSON(i)}
}

// labelJSON is a label. Its id is the same wherever the name is.
func (x *exchange) labelJSON(name string) object {
	id := 700_000_000 + int64(sum32(strings.ToLower(name))%1_000_000)
	return object{
		"id": id, "node_id": nodeID("LA", id), "url": x.api(x.repo) + "/labels/" + url.PathEscape(name), "name": name,
		"color": "ededed", "default": false, "description": "",
	}
}

func (x *exchange) labelsJSON(i *Issue) []object {
	labels := []object{}
	for _, name := range i.Labels {
		labels = append(labels, x.labelJSON(name))
	}
	return labels
}

// listLabels answers GET .../issues/{issue_number}/labels.
func (h *Hub) listLabels(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	return x.page(x.labelsJSON(i))
}

// addLabels answers POST .../issues/{issue_number}/labels. The body is a list of
// names, or an object that holds one.
func (h *Hub) addLabels(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	names, ok := labelNames(x.sent)
	if !ok {
		return x.invalid(`Invalid request.` + "\n\n" + `"labels" wasn't supplied.`)
	}
	for _, name := range names {
		if name == "" || len([]rune(name)) > 50 {
			return x.invalid("Validation Failed", fieldError{Resource: "Label", Code: "invalid", Field: "name", Value: name})
		}
	}
	for _, name := range names {
		i.label(name, x.login(), time.Now())
	}
	i.UpdatedAt = time.Now()
	return answer{body: x.labelsJSON(i)}
}

func labelNames(sent any) (names []string, ok bool) {
	if holder, isObject := sent.(map[string]any); isObject {
		sent = holder["labels"]
	}
	list, ok := sent.([]any)
	for _, item := range list {
		if holder, isObject := item.(map[string]any); isObject {
			item = holder["name"]
		}
		name, isText := item.(string)
		if !isText {
			return nil, false
		}
		names = append(names, name)
	}
	return names, ok
}

// removeLabel answers DELETE .../issues/{issue_number}/labels/{name}.
func (h *Hub) removeLabel(x *exchange) answer {
	i, gone := x.theIssue()
	if gone != nil {
		return *gone
	}
	name := x.params["name"]
	if !i.has(name) {
		return x.problem(404, "Label does not exist")
	}
	i.Labels = slices.DeleteFunc(i.Labels, func(l string) bool { return strings.EqualFold(l, name) })
	i.Events = append(i.Events, &Event{Event: "unlabeled", Actor: x.login(), Label: name, CreatedAt: time.Now()})
	i.UpdatedAt = time.Now()
	return answer{body: x.labelsJSON(i)}
}
