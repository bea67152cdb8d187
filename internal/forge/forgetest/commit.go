package forgetest

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
)

// Commit is one commit.
type Commit struct {
	SHA         string
	Message     string
	Author      Person // zero: the committer, or somebody of no account
	Committer   Person
	AuthorLogin string // of the account that the author's address belongs to; "" for none
	Parents     []string
	At          time.Time
	Files       []*File
}

// Person is who git says made a commit.
type Person struct {
	Name  string
	Email string
}

// File is a file that a commit or a pull request changes.
type File struct {
	Name         string
	Status       string // "" is modified; added, removed, renamed, copied, changed, unchanged
	Additions    int
	Deletions    int
	Patch        string // "" for binary files and diffs that are too large
	PreviousName string
}

// SHA is a commit's name for tests: 40 hex digits made from a text.
func SHA(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (c *Commit) fill(now time.Time) {
	somebody := Person{"Somebody", "somebody@example.com"}
	if c.Author == (Person{}) {
		c.Author = cmp.Or(c.Committer, somebody)
	}
	if c.Committer == (Person{}) {
		c.Committer = c.Author
	}
	putTime(&c.At, now)
	for _, file := range c.Files {
		put(&file.Status, "modified")
	}
}

// fillCommit keeps a commit under every name that something points to.
func (h *Hub) fillCommit(r *Repository, sha string, now time.Time) {
	if sha != "" && r.commit(sha) == nil {
		r.Commits = append(r.Commits, &Commit{SHA: sha, Message: "Change something", At: now})
	}
}

// commit is the commit of a full name, or nil.
func (r *Repository) commit(sha string) *Commit {
	if i := slices.IndexFunc(r.Commits, func(c *Commit) bool { return strings.EqualFold(c.SHA, sha) }); i >= 0 {
		return r.Commits[i]
	}
	return nil
}

// resolve is the commit that a branch, or a full or shortened name, stands for;
// "" when there is none.
func (r *Repository) resolve(ref string) string {
	ref = strings.TrimPrefix(strings.TrimPrefix(ref, "refs/"), "heads/")
	if sha := r.Branches[ref]; sha != "" {
		return sha
	}
	for _, c := range r.Commits {
		if len(ref) >= 7 && strings.HasPrefix(c.SHA, strings.ToLower(ref)) {
			return c.SHA
		}
	}
	return ""
}

func personJSON(p Person, at time.Time) object {
	return object{"name": p.Name, "email": p.Email, "date": stamp(at)}
}

// verificationJSON is that of an unsigned commit.
func verificationJSON() object {
	return object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

// commitJSON is a commit as lists hold it: without its files.
func (x *exchange) commitJSON(c *Commit) object {
	api := x.api(x.repo)
	web := x.web(x.repo) + "/commit/"
	parents := []object{}
	for _, parent := range c.Parents {
		parents = append(parents, object{"sha": parent, "url": api + "/commits/" + parent, "html_url": web + parent})
	}
	tree := SHA("tree of " + c.SHA)
	return object{
		"sha": c.SHA, "node_id": nodeID("C", int64(sum32(c.SHA))), "url": api + "/commits/" + c.SHA, "html_url": web + c.SHA,
		"comments_url": api + "/commits/" + c.SHA + "/comments",
		"commit": object{
			"author": personJSON(c.Author, c.At), "committer": personJSON(c.Committer, c.At), "message": c.Message,
			"tree": object{"sha": tree, "url": api + "/git/trees/" + tree}, "url": api + "/git/commits/" + c.SHA, "comment_count": 0,
			"verification": verificationJSON(),
		},
		"author": x.userJSON(c.AuthorLogin), "committer": x.userJSON(c.AuthorLogin), "parents": parents,
	}
}

// gitCommitJSON is a git-commit, which knows no accounts.
func (x *exchange) gitCommitJSON(c *Commit) object {
	whole := x.commitJSON(c)
	inner := whole["commit"].(object)
	return object{
		"sha": c.SHA, "node_id": whole["node_id"], "url": inner["url"], "html_url": whole["html_url"], "author": inner["author"],
		"committer": inner["committer"], "tree": inner["tree"], "message": c.Message, "parents": whole["parents"], "verification": inner["verification"],
	}
}

func (x *exchange) fileEntry(file *File, sha string) object {
	made := object{
		"sha": SHA(sha + file.Name), "filename": file.Name, "status": file.Status, "additions": file.Additions, "deletions": file.Deletions,
		"changes": file.Additions + file.Deletions, "blob_url": x.web(x.repo) + "/blob/" + sha + "/" + file.Name,
		"raw_url": x.web(x.repo) + "/raw/" + sha + "/" + file.Name, "contents_url": x.api(x.repo) + "/contents/" + file.Name + "?ref=" + sha,
	}
	if file.Patch != "" {
		made["patch"] = file.Patch
	}
	if file.PreviousName != "" {
		made["previous_filename"] = file.PreviousName
	}
	return made
}

func (x *exchange) filesJSON(files []*File, sha string) []object {
	made := []object{}
	for _, file := range files {
		made = append(made, x.fileEntry(file, sha))
	}
	return made
}

// getCommit answers GET /repos/{owner}/{repo}/commits/{ref}.
func (h *Hub) getCommit(x *exchange) answer {
	ref := x.params["ref"]
	c := x.repo.commit(x.repo.resolve(ref))
	if c == nil {
		return x.invalid("No commit found for SHA: " + ref)
	}
	made := x.commitJSON(c)
	additions, deletions := 0, 0
	for _, file := range c.Files {
		additions, deletions = additions+file.Additions, deletions+file.Deletions
	}
	made["stats"] = object{"additions": additions, "deletions": deletions, "total": additions + deletions}
	made["files"] = x.filesJSON(c.Files, c.SHA)
	return answer{body: made}
}

// getGitCommit answers GET /repos/{owner}/{repo}/git/commits/{commit_sha}.
func (h *Hub) getGitCommit(x *exchange) answer {
	c := x.repo.commit(x.params["sha"])
	if c == nil {
		return x.notFound()
	}
	return answer{body: x.gitCommitJSON(c)}
}

// getRef answers GET /repos/{owner}/{repo}/git/ref/heads/{branch}.
func (h *Hub) getRef(x *exchange) answer {
	sha := x.repo.Branches[x.params["branch"]]
	if sha == "" {
		return x.notFound()
	}
	return answer{body: object{
		"ref": "refs/heads/" + x.params["branch"], "node_id": nodeID("REF", int64(sum32(x.params["branch"]))),
		"url":    x.api(x.repo) + "/git/refs/heads/" + x.params["branch"],
		"object": object{"type": "commit", "sha": sha, "url": x.api(x.repo) + "/git/commits/" + sha},
	}}
}

// compare answers GET /repos/{owner}/{repo}/compare/{base}...{head}: the commits
// that lead from the common ancestor to head, oldest first.
func (h *Hub) compare(x *exchange) answer {
	base, head, found := strings.Cut(x.params["basehead"], "...")
	head = strings.TrimPrefix(head, x.repo.owner()+":")
	base = strings.TrimPrefix(base, x.repo.owner()+":")
	from, to := x.repo.commit(x.repo.resolve(base)), x.repo.commit(x.repo.resolve(head))
	if !found || from == nil || to == nil {
		return x.notFound()
	}
	behind, ahead := x.repo.ancestors(from.SHA), x.repo.ancestors(to.SHA)
	common := from
	for _, sha := range slices.Backward(ahead) {
		if slices.Contains(behind, sha) {
			common = x.repo.commit(sha)
			break
		}
	}
	ahead = slices.DeleteFunc(ahead, func(sha string) bool { return slices.Contains(behind, sha) })
	behind = slices.DeleteFunc(behind, func(sha string) bool { return slices.Contains(x.repo.ancestors(to.SHA), sha) })
	status := map[[2]bool]string{{false, false}: "identical", {true, false}: "ahead", {false, true}: "behind", {true, true}: "diverged"}[[2]bool{len(ahead) > 0, len(behind) > 0}]
	commits, files := []object{}, map[string]*File{}
	for _, sha := range ahead {
		c := x.repo.commit(sha)
		commits = append(commits, x.commitJSON(c))
		for _, file := range c.Files {
			files[file.Name] = file
		}
	}
	api, web := x.api(x.repo)+"/compare/"+x.params["basehead"], x.web(x.repo)+"/compare/"+x.params["basehead"]
	changed := []*File{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		changed = append(changed, files[name])
	}
	return answer{body: object{
		"url": api, "html_url": web, "permalink_url": web, "diff_url": web + ".diff", "patch_url": web + ".patch",
		"base_commit": x.commitJSON(from), "merge_base_commit": x.commitJSON(common), "status": status,
		"ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead), "commits": commits,
		"files": x.filesJSON(changed, to.SHA),
	}}
}

// ancestors are a commit and all before it, oldest first.
func (r *Repository) ancestors(sha string) []string {
	var found []string
	for next := []string{sha}; len(next) > 0; next = next[1:] {
		c := r.commit(next[0])
		if c != nil && !slices.Contains(found, c.SHA) {
			found = append(found, c.SHA)
			next = append(next, c.Parents...)
		}
	}
	slices.Reverse(found)
	return found
}
