package forgetest

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Repository is one repository with all that the hub knows about it. Zero ids,
// times and states are given values by the hub.
type Repository struct {
	Path          string // "owner/name"
	FormerPaths   []string
	ID            int64
	Private       bool
	Archived      bool
	Disabled      bool
	Fork          bool
	DefaultBranch string // "" means main
	CreatedAt     time.Time

	// Collaborators are the roles of users by login: read, triage, write,
	// maintain, admin, or one of CustomRoles, whose values are the role that each
	// is built on. The owner is admin.
	Collaborators map[string]string
	CustomRoles   map[string]string

	Branches map[string]string // SHAs by name, without refs/heads/
	Commits  []*Commit
	Files    map[string]string // contents by path, the same at every ref

	Issues       []*Issue // pull requests too
	WorkflowRuns []*WorkflowRun
	CheckRuns    []*CheckRun
	Discussions  []*Discussion
}

// firstDay is when accounts and repositories were made that say nothing else.
var firstDay = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)

func (h *Hub) fillRepository(r *Repository, now time.Time) {
	h.putID(&r.ID, "repository")
	put(&r.DefaultBranch, "main")
	putTime(&r.CreatedAt, firstDay)
	if r.Branches == nil {
		r.Branches = map[string]string{}
	}
	if r.Branches[r.DefaultBranch] == "" {
		r.Branches[r.DefaultBranch] = SHA(r.Path + " " + r.DefaultBranch)
	}
	for _, sha := range slices.Sorted(maps.Values(r.Branches)) {
		h.fillCommit(r, sha, now)
	}
	for _, commit := range r.Commits {
		commit.fill(now)
	}
}

func (r *Repository) owner() string {
	owner, _, _ := strings.Cut(r.Path, "/")
	return owner
}

func (r *Repository) name() string {
	_, name, _ := strings.Cut(r.Path, "/")
	return name
}

func (r *Repository) mustIssue(number int) *Issue {
	if i := r.issue(number); i != nil {
		return i
	}
	panic(fmt.Sprintf("forgetest: %s has no issue or pull request %d", r.Path, number))
}

func (r *Repository) issue(number int) *Issue {
	if i := slices.IndexFunc(r.Issues, func(i *Issue) bool { return i.Number == number }); i >= 0 {
		return r.Issues[i]
	}
	return nil
}

// logins are all who are named in the repository.
func (r *Repository) logins() []string {
	logins := append(slices.Collect(maps.Keys(r.Collaborators)), r.owner())
	for _, commit := range r.Commits {
		logins = append(logins, commit.AuthorLogin)
	}
	for _, run := range r.WorkflowRuns {
		logins = append(logins, run.Actor, run.TriggeringActor)
	}
	for _, issue := range r.Issues {
		logins = append(logins, issue.logins()...)
	}
	return slices.DeleteFunc(logins, func(login string) bool { return login == "" || login == ghost })
}

// api is the address of the repository in the REST API.
func (x *exchange) api(r *Repository) string { return x.base + "/repos/" + r.Path }

// web is the repository's page.
func (x *exchange) web(r *Repository) string { return x.hub.config.ServerURL + "/" + r.Path }

// addresses are the ends of a repository's addresses in the REST API, by field.
var addresses = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
	"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
	"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
	"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
	"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
	"merges_url": "/merges", "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
	"pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
	"trees_url": "/git/trees{/sha}", "url": "",
}

// minimalJSON is a minimal-repository, as others hold one.
func (x *exchange) minimalJSON(r *Repository) object {
	made := object{
		"id": r.ID, "node_id": nodeID("R", r.ID), "name": r.name(), "full_name": r.Path, "private": r.Private,
		"owner": x.userJSON(r.owner()), "html_url": x.web(r), "description": nil, "fork": r.Fork,
	}
	for field, end := range addresses {
		made[field] = x.api(r) + end
	}
	return made
}

// repositoryJSON is a repository, as pull requests hold one.
func (x *exchange) repositoryJSON(r *Repository) object {
	made := x.minimalJSON(r)
	host := strings.TrimPrefix(x.hub.config.ServerURL, "https://")
	open := 0
	for _, issue := range r.Issues {
		if issue.State == "open" && !issue.Deleted {
			open++
		}
	}
	visibility := "public"
	if r.Private {
		visibility = "private"
	}
	maps.Copy(made, object{
		"created_at": stamp(r.CreatedAt), "updated_at": stamp(r.CreatedAt), "pushed_at": stamp(r.CreatedAt),
		"git_url": "git://" + host + "/" + r.Path + ".git", "ssh_url": "git@" + host + ":" + r.Path + ".git",
		"clone_url": x.web(r) + ".git", "svn_url": x.web(r), "homepage": nil, "size": 1, "stargazers_count": 0, "watchers_count": 0,
		"language": "Go", "has_issues": true, "has_projects": true, "has_downloads": true, "has_wiki": true, "has_pages": false,
		"has_discussions": false, "forks_count": 0, "mirror_url": nil, "archived": r.Archived, "disabled": r.Disabled,
		"open_issues_count": open, "license": nil, "allow_forking": true, "is_template": false, "web_commit_signoff_required": false,
		"topics": []string{}, "visibility": visibility, "forks": 0, "open_issues": open, "watchers": 0, "default_branch": r.DefaultBranch,
	})
	return made
}

// getRepository answers GET /repos/{owner}/{repo}.
func (h *Hub) getRepository(x *exchange) answer {
	made := x.repositoryJSON(x.repo)
	made["network_count"], made["subscribers_count"] = 0, 1
	if x.token != nil {
		at := slices.Index(levels[:], x.level())
		made["permissions"] = object{"pull": at >= 1, "triage": at >= 2, "push": at >= 3, "maintain": at >= 4, "admin": at >= 5}
	}
	return answer{body: made}
}

// getContent answers GET /repos/{owner}/{repo}/contents/{path}: a file of at
// most 1 MiB in base64, or the list of a folder.
func (h *Hub) getContent(x *exchange) answer {
	ref := x.r.URL.Query().Get("ref")
	if ref != "" && x.repo.resolve(ref) == "" {
		return x.problem(404, "No commit found for the ref "+ref)
	}
	at := strings.Trim(x.params["path"], "/")
	if content, ok := x.repo.Files[at]; ok {
		return answer{body: x.fileJSON(at, ref, content)}
	}
	folder := []object{}
	inner := ""
	for _, name := range slices.Sorted(maps.Keys(x.repo.Files)) {
		parent := strings.TrimPrefix(at+"/", "/")
		rest, below := strings.CutPrefix(name, parent)
		child, _, deeper := strings.Cut(rest, "/")
		if !below || deeper && child == inner {
			continue
		}
		entry := x.fileJSON(parent+child, ref, x.repo.Files[name])
		delete(entry, "content")
		delete(entry, "encoding")
		if deeper {
			inner = child
			entry["type"], entry["size"], entry["download_url"] = "dir", 0, nil
		}
		folder = append(folder, entry)
	}
	if len(folder) == 0 {
		return x.notFound()
	}
	return answer{body: folder}
}

func (x *exchange) fileJSON(at, ref, content string) object {
	if ref == "" {
		ref = x.repo.DefaultBranch
	}
	sha := SHA(content)
	self := x.api(x.repo) + "/contents/" + at + "?ref=" + ref
	git := x.api(x.repo) + "/git/blobs/" + sha
	web := x.web(x.repo) + "/blob/" + ref + "/" + at
	made := object{
		"type": "file", "name": at[strings.LastIndex(at, "/")+1:], "path": at, "sha": sha, "size": len(content), "url": self, "git_url": git, "html_url": web,
		"download_url": strings.Replace(web, "/blob/", "/raw/", 1), "_links": object{"self": self, "git": git, "html": web},
		"content": "", "encoding": "none",
	}
	if len(content) <= 1<<20 {
		made["content"], made["encoding"] = base64.StdEncoding.EncodeToString([]byte(content))+"\n", "base64"
	}
	return made
}
