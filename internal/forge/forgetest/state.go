package forgetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Edit changes a repository while no request is looked at; path is
// "owner/name". What is new in it gets the ids, times and states that are zero.
// It panics when the hub keeps no such repository, as a test's mistake.
func (h *Hub) Edit(path string, change func(*Repository)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.find(path)
	if r == nil {
		panic("forgetest: the hub keeps no repository " + path)
	}
	change(r)
	h.fill()
}

// Repository returns a copy of a repository as it stands, path being
// "owner/name", with all ids and times. It panics when there is none.
func (h *Hub) Repository(path string) *Repository {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.find(path)
	if r == nil {
		panic("forgetest: the hub keeps no repository " + path)
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("forgetest: copy the repository %s: %v", path, err))
	}
	copied := &Repository{}
	if err := json.Unmarshal(data, copied); err != nil {
		panic(fmt.Sprintf("forgetest: copy the repository %s: %v", path, err))
	}
	return copied
}

// Issue returns a copy of an issue or pull request. It panics when there is
// none.
func (h *Hub) Issue(path string, number int) *Issue { return h.Repository(path).mustIssue(number) }

// editIssue changes an issue or pull request, which is then as new as now.
func (h *Hub) editIssue(path string, number int, change func(*Repository, *Issue)) {
	h.Edit(path, func(r *Repository) {
		i := r.mustIssue(number)
		i.UpdatedAt = time.Now()
		change(r, i)
	})
}

// CloseIssue closes an issue or a pull request without merging it.
func (h *Hub) CloseIssue(path string, number int) {
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.State, i.ClosedAt = "closed", time.Now() })
}

// Merge merges a pull request.
func (h *Hub) Merge(path string, number int) {
	h.editIssue(path, number, func(_ *Repository, i *Issue) {
		i.State, i.ClosedAt, i.Pull.Merged = "closed", time.Now(), true
	})
}

// DeleteIssue deletes an issue: it is answered 410 from then on.
func (h *Hub) DeleteIssue(path string, number int) {
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.Deleted = true })
}

// Lock locks the conversation of an issue or pull request.
func (h *Hub) Lock(path string, number int) {
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.Locked = true })
}

// PutLabel puts a label on an issue or pull request, as login does it now.
func (h *Hub) PutLabel(path string, number int, label, login string) {
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.label(label, login, time.Now()) })
}

// Comment adds a comment to an issue or pull request and returns its id.
func (h *Hub) Comment(path string, number int, comment Comment) int64 {
	added := &comment
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.Comments = append(i.Comments, added) })
	return added.ID
}

// Review adds a review to a pull request and returns its id. A zero commit is
// the head.
func (h *Hub) Review(path string, number int, review Review) int64 {
	added := &review
	h.editIssue(path, number, func(_ *Repository, i *Issue) { i.Pull.Reviews = append(i.Pull.Reviews, added) })
	return added.ID
}

// ForcePush makes sha the head of a pull request's branch, as a push does that
// leaves the commits behind which were there. Threads are outdated by it, and
// reviews stay with the commit that they were made of.
func (h *Hub) ForcePush(path string, number int, sha string) {
	h.editIssue(path, number, func(r *Repository, i *Issue) {
		p := i.Pull
		p.PastHeads = append(p.PastHeads, p.HeadSHA)
		p.HeadSHA, p.Commits = sha, []string{sha}
		if p.HeadRepository == "" {
			r.Branches[p.HeadRef] = sha
		}
		for _, thread := range p.Threads {
			thread.Outdated = true
		}
	})
}

// Push adds commits to a pull request's branch.
func (h *Hub) Push(path string, number int, commits ...*Commit) {
	h.editIssue(path, number, func(r *Repository, i *Issue) {
		p := i.Pull
		for _, commit := range commits {
			if commit.Parents == nil {
				commit.Parents = []string{p.HeadSHA}
			}
			r.Commits = append(r.Commits, commit)
			p.PastHeads = append(p.PastHeads, p.HeadSHA)
			p.Commits = append(p.Commits, commit.SHA)
			p.HeadSHA = commit.SHA
		}
		if p.HeadRepository == "" {
			r.Branches[p.HeadRef] = p.HeadSHA
		}
	})
}

// find is the repository at a path, by any case, or by a path that it had
// before; nil when there is none. The caller holds h.mu.
func (h *Hub) find(path string) *Repository {
	for _, r := range h.repos {
		if strings.EqualFold(r.Path, path) {
			return r
		}
	}
	return nil
}

// formerly is the repository that had the path before it was renamed.
func (h *Hub) formerly(path string) *Repository {
	for _, r := range h.repos {
		if slices.ContainsFunc(r.FormerPaths, func(former string) bool { return strings.EqualFold(former, path) }) {
			return r
		}
	}
	return nil
}

// mint makes the next id of a kind. Ids of different kinds are far apart, so
// that one taken for another finds nothing.
func (h *Hub) mint(kind string) int64 {
	h.minted[kind]++
	bases := []string{"repository", "user", "issue", "comment", "review", "review comment", "thread", "label", "reaction", "event", "run", "job", "check", "discussion"}
	return int64(1+slices.Index(bases, kind))*100_000_000 + h.minted[kind]
}

// fill gives ids, times and states to all that has none. The caller holds h.mu,
// or nobody else knows h.
func (h *Hub) fill() {
	now := time.Now().UTC().Truncate(time.Second)
	for _, r := range h.repos {
		h.fillRepository(r, now)
		for _, issue := range r.Issues {
			h.fillIssue(r, issue, now)
		}
		h.fillActions(r, now)
		for _, discussion := range r.Discussions {
			h.fillDiscussion(discussion, now)
		}
	}
}

// put sets what is zero.
func put[T comparable](at *T, value T) {
	var zero T
	if *at == zero {
		*at = value
	}
}

// putID sets an id that is zero.
func (h *Hub) putID(at *int64, kind string) {
	if *at == 0 {
		*at = h.mint(kind)
	}
}

// putTime sets a time that is zero and drops what GitHub does not keep: parts
// of a second.
func putTime(at *time.Time, value time.Time) {
	if at.IsZero() {
		*at = value
	}
	*at = at.UTC().Truncate(time.Second)
}
