package doctor

import (
	"errors"
	"net/http"
	"strings"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/cursor"
)

// Remedy is what to do about a refusal of the API, in the words that doctor and
// the last line of a step share.
type Remedy struct {
	about string // the finding that it belongs to; "" for what doctor does not look at
	fix   string
	where string // the page on which that is done, "" for none
	then  string // how fix goes on
}

// String is the remedy in one line, with the page.
func (r Remedy) String() string {
	switch {
	case r.where == "":
		return r.fix + r.then
	case r.about == apiKey: // whose fix ends with where the key goes
		return r.fix + ": " + r.where
	}
	return r.fix + " at " + r.where + r.then
}

// Examined reports whether doctor looks at what is wrong.
func (r Remedy) Examined() bool { return r.about != "" }

// Names are what the things to mend are called where somebody reads of them.
type Names struct {
	Key   string
	Again string // asking for the same again
	Kind  string // what an input is: an input, or a flag
	flags bool
}

// Input is the input of that name.
func (n Names) Input(name string) string {
	if n.flags {
		return "--" + name
	}
	return name
}

// Setting is the input of that name with a value.
func (n Names) Setting(name, value string) string {
	if n.flags {
		return "--" + name + "=" + value
	}
	return name + ": " + value
}

// StepNames are the names in a workflow.
func StepNames() Names {
	return Names{Key: "the secret behind api-key", Again: "run the job again", Kind: "input"}
}

// TerminalNames are the names at a terminal.
func TerminalNames() Names {
	return Names{Key: "CURSOR_API_KEY", Again: "run the command again", Kind: "flag", flags: true}
}

func (c Config) names() Names {
	if c.Step != nil {
		return StepNames()
	}
	return TerminalNames()
}

// RemedyOf returns the remedy for the refusals that say by themselves what is
// wrong, and false for others.
func RemedyOf(failed *cursor.Error, names Names) (Remedy, bool) {
	switch {
	case errors.Is(failed, cursor.CodeUnauthorized), failed.Code == cursor.CodeAPIKeyNotFound, failed.Status == http.StatusUnauthorized:
		return Remedy{apiKey, "put a key of a user or a service account, not of a team admin, into " + names.Key, cursor.KeysPage, ""}, true
	case failed.Status == http.StatusProxyAuthRequired:
		return Remedy{about: connection, fix: proxyAsks}, true
	}
	switch failed.Code {
	case cursor.CodeKeyNotSupported:
		return Remedy{apiKey, "put a key of a user or a service account into " + names.Key, cursor.KeysPage, ""}, true
	case cursor.CodeServiceAccountRequired:
		return Remedy{about: apiKey, fix: "use the key of a service account, which an admin of the team creates"}, true
	case cursor.CodeTeamAdminRequired:
		return Remedy{about: apiKey, fix: "use the key of a user who is an admin of the team: keys of the team itself do not work here"}, true
	case cursor.CodePlanRequired:
		return Remedy{plan, "upgrade the plan of the key's account", cursor.PlanPage, ""}, true
	case cursor.CodeUsageLimitExceeded:
		return Remedy{plan, "raise the spend limit of the key's account", cursor.PlanPage, ""}, true
	case cursor.CodeRoleForbidden:
		return Remedy{about: plan, fix: "use the key of a user whose role may launch cloud agents, or ask a team admin for that role"}, true
	case cursor.CodeIntegrationNotConnected:
		return Remedy{plan, "connect the code host to Cursor", cursor.IntegrationsPage, ""}, true
	case cursor.CodeFeatureUnavailable:
		return Remedy{fix: "this is not enabled for the key's account: leave out the " + names.Kind + " that needs it, or ask Cursor to enable it"}, true
	case cursor.CodeRepositoryAccess:
		return Remedy{"", "give Cursor access to the repository", cursor.IntegrationsPage, ""}, true
	case cursor.CodeRepositoryRequired:
		return Remedy{fix: "set " + names.Input("repo") + ": the key's account may not run agents without a repository"}, true
	case cursor.CodeInvalidBranchName:
		return Remedy{fix: "set " + names.Input("ref") + " to a branch that exists"}, true
	case cursor.CodePRResolutionFailed:
		return Remedy{"", "check " + names.Input("pull-request") + ", and give Cursor access to its repository", cursor.IntegrationsPage, ""}, true
	case cursor.CodeEnvironmentNotFound:
		return Remedy{fix: "set " + names.Input("environment") + " to the name of one that the key's account has"}, true
	case cursor.CodeAgentBusy:
		return Remedy{"", "wait until the agent's live run has ended, or cancel that", cursor.AgentsPage, ", and " + names.Again}, true
	case cursor.CodeAgentArchived:
		return Remedy{"", "unarchive the agent", cursor.AgentsPage, ", and " + names.Again}, true
	}
	return Remedy{}, false
}

// pageOf is the page about the key or the plan.
func pageOf(name string) string {
	switch name {
	case apiKey:
		return cursor.KeysPage
	case plan:
		return cursor.PlanPage
	}
	return cursor.NetworkPage
}

// ModelRemedy names the models that are nearest to the asked one.
func ModelRemedy(models []cursor.Model, id, input string) string {
	var names []string
	for _, m := range models {
		names = append(append(names, m.ID), m.Aliases...)
	}
	if near := actions.Nearest(id, names, 3); len(near) > 0 {
		return "did you mean " + strings.Join(near, " or ") + "? leave " + input + " out for the account's default"
	}
	if len(names) == 0 {
		return "leave " + input + " out for the account's default"
	}
	return "set " + input + " to one of the account's, such as " + strings.Join(names[:min(len(names), 8)], ", ") + ", or leave it out"
}
