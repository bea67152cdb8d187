package forgetest

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
)

// User is somebody whom GitHub knows.
type User struct {
	Login string
	ID    int64  // 0: made from the login
	Type  string // "" is User, or Bot for logins that end in [bot]; Organization
	Name  string
}

// actionsBot is who a workflow's own token acts as.
const actionsBot = "github-actions[bot]"

// user is what is known of a login. The caller holds h.mu.
func (h *Hub) user(login string) User {
	u := User{Login: login}
	if i := slices.IndexFunc(h.users, func(u User) bool { return strings.EqualFold(u.Login, login) }); i >= 0 {
		u = h.users[i]
	}
	if u.Type == "" {
		u.Type = "User"
		if strings.HasSuffix(login, "[bot]") {
			u.Type = "Bot"
		}
	}
	if strings.EqualFold(login, actionsBot) {
		put(&u.ID, 41898282) // the same on github.com, where people compare with it
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.ToLower(login)))
	put(&u.ID, 1000+int64(sum.Sum32()%100_000_000))
	return u
}

// isUser reports whether a login is somebody's: a user of the configuration, or
// one whom a repository names.
func (h *Hub) isUser(login string) bool {
	if slices.ContainsFunc(h.users, func(u User) bool { return strings.EqualFold(u.Login, login) }) || strings.EqualFold(login, actionsBot) {
		return true
	}
	return slices.ContainsFunc(h.repos, func(r *Repository) bool {
		return slices.ContainsFunc(r.logins(), func(named string) bool { return strings.EqualFold(named, login) })
	})
}

// ghost stands for an account that is gone. GitHub answers null for its author
// in most places.
const ghost = "ghost"

// userJSON is a simple-user, or nil for "" and the ghost.
func (x *exchange) userJSON(login string) any {
	if login == "" || login == ghost {
		return nil
	}
	u := x.hub.user(login)
	escaped := strings.NewReplacer("[", "%5B", "]", "%5D").Replace(u.Login)
	api := x.base + "/users/" + escaped
	web := x.hub.config.ServerURL + "/" + escaped
	if name, isBot := strings.CutSuffix(u.Login, "[bot]"); isBot {
		web = x.hub.config.ServerURL + "/apps/" + name
	}
	return object{
		"login":               u.Login,
		"id":                  u.ID,
		"node_id":             nodeID("U", u.ID),
		"avatar_url":          fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", u.ID),
		"gravatar_id":         "",
		"url":                 api,
		"html_url":            web,
		"followers_url":       api + "/followers",
		"following_url":       api + "/following{/other_user}",
		"gists_url":           api + "/gists{/gist_id}",
		"starred_url":         api + "/starred{/owner}{/repo}",
		"subscriptions_url":   api + "/subscriptions",
		"organizations_url":   api + "/orgs",
		"repos_url":           api + "/repos",
		"events_url":          api + "/events{/privacy}",
		"received_events_url": api + "/received_events",
		"type":                u.Type,
		"user_view_type":      "public",
		"site_admin":          false,
	}
}

// getUser answers GET /user: apps' tokens are nobody's.
func (h *Hub) getUser(x *exchange) answer {
	switch {
	case x.token == nil:
		return x.problem(401, "Requires authentication")
	case x.token.Kind == Installation:
		return x.refused()
	}
	user, _ := x.userJSON(x.token.login()).(object)
	created := stamp(firstDay)
	maps.Copy(user, (object{
		"name": cmp.Or(h.user(x.token.login()).Name, x.token.login()), "company": nil, "blog": "", "location": nil, "email": nil,
		"hireable": nil, "bio": nil, "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
		"created_at": created, "updated_at": created,
	}))
	return answer{body: user}
}

// levels are GitHub's own roles of a repository, weakest first.
var levels = [...]string{"none", "read", "triage", "write", "maintain", "admin"}

// roleOf is the role that a user has in a repository, a custom one by its own
// name, and the level that it stands for. The caller holds h.mu.
func (r *Repository) roleOf(login string) (role, level string) {
	if strings.EqualFold(r.owner(), login) {
		return "admin", "admin"
	}
	for named, role := range r.Collaborators {
		if strings.EqualFold(named, login) {
			return role, cmp.Or(r.CustomRoles[role], role)
		}
	}
	if r.Private {
		return "", "none"
	}
	return "read", "read"
}

// permission answers GET /repos/{owner}/{repo}/collaborators/{username}/permission.
// https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
func (h *Hub) permission(x *exchange) answer {
	login := x.params["username"]
	if !h.isUser(login) || h.user(login).Type == "Bot" && !strings.HasSuffix(login, "[bot]") {
		return x.problem(404, login+" is not a user")
	}
	if x.fault != nil && x.fault.User != "" {
		login = x.fault.User
	}
	role, level := x.repo.roleOf(login)
	at := slices.Index(levels[:], level)
	// permission holds the roles of old: maintain is write, triage is read.
	old := [...]string{"none", "read", "read", "write", "write", "admin"}[max(at, 0)]
	user, _ := x.userJSON(h.user(login).Login).(object)
	user["permissions"] = object{"pull": at >= 1, "triage": at >= 2, "push": at >= 3, "maintain": at >= 4, "admin": at >= 5}
	user["role_name"] = role
	return answer{body: object{"permission": old, "role_name": role, "user": user}}
}
