package forge

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Permission is what an account may do in a repository; a greater one includes
// the lesser ones.
type Permission int

// The permissions, in GitHub's words.
const (
	PermissionNone Permission = iota
	PermissionRead
	PermissionTriage
	PermissionWrite
	PermissionMaintain
	PermissionAdmin
)

var permissionWords = [...]string{"none", "read", "triage", "write", "maintain", "admin"}

// String is GitHub's word.
func (p Permission) String() string { return permissionWords[p] }

// ParsePermission reads one of GitHub's words.
func ParsePermission(word string) (Permission, error) {
	at := slices.Index(permissionWords[:], word)
	if at < 0 {
		return 0, fmt.Errorf("%q is not a permission: write none, read, triage, write, maintain or admin", word)
	}
	return Permission(at), nil
}

// login is what accounts are called: GitHub's own rule, the underscore that
// managed users have before the enterprise's short code, and what ends the
// name of an app.
// https://docs.github.com/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
var login = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$`)

// Permission reads what the account may do in the repository at path. A
// custom role counts as what it was built on. Its errors are *GitHubError; an
// answer that is about somebody else is one.
//
// https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
func (g *GitHub) Permission(ctx context.Context, path, user string) (Permission, error) {
	op := fmt.Sprintf("read the permission of %s in %s", bound(user), path)
	owner, name, err := splitPath(op, path)
	if err != nil {
		return 0, err
	}
	if !login.MatchString(user) {
		return 0, &GitHubError{Op: fmt.Sprintf("read the permission of %q in %s", bound(user), path), Message: "no account of GitHub is called that"}
	}
	request, err := g.client.NewRequest("GET", fmt.Sprintf("repos/%s/%s/collaborators/%s/permission", owner, name, url.PathEscape(user)), nil)
	if err != nil {
		return 0, &GitHubError{Op: op, Message: err.Error(), Err: err}
	}
	var found struct {
		Permission string `json:"permission"`
		RoleName   string `json:"role_name"`
		User       struct {
			Login       string          `json:"login"`
			Permissions map[string]bool `json:"permissions"`
		} `json:"user"`
	}
	answer, err := g.client.Do(ctx, request, &found)
	if err != nil {
		return 0, gitHubError(op, answer, err)
	}
	if !strings.EqualFold(found.User.Login, user) {
		return 0, &GitHubError{Op: op, Status: answer.StatusCode, Message: fmt.Sprintf("the answer is about %q", bound(found.User.Login))}
	}
	if found.User.Permissions != nil {
		return highest(found.User.Permissions), nil
	}
	// The role may be one that an organisation made up; the permission is one
	// of four words, in which maintain is write and triage is read.
	for _, word := range []string{found.RoleName, found.Permission} {
		if permission, err := ParsePermission(word); err == nil {
			return permission, nil
		}
	}
	return 0, &GitHubError{Op: op, Status: answer.StatusCode, Message: "the answer is not what GitHub documents: it names no permission"}
}

// highest reads GitHub's booleans, which call two of the permissions by the
// names of what git does.
func highest(may map[string]bool) Permission {
	for _, one := range []struct {
		word string
		is   Permission
	}{{"admin", PermissionAdmin}, {"maintain", PermissionMaintain}, {"push", PermissionWrite}, {"triage", PermissionTriage}, {"pull", PermissionRead}} {
		if may[one.word] {
			return one.is
		}
	}
	return PermissionNone
}
