package doctor

import (
	"context"
	"errors"
	"fmt"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/forge"
)

// coverage says whether Cursor's GitHub App covers the repository. Only the
// list of the account's repositories tells, which Cursor hands out once a
// minute, after tens of seconds; so it is asked for where somebody wants that.
func (c Config) coverage(ctx context.Context) []Finding {
	f := Finding{Name: githubApp, Status: NotChecked, Link: cursor.IntegrationsPage}
	_, badKey := c.lookAtKey()
	switch {
	case !c.AskCoverage:
		f.Found = "whether Cursor may use the repository was not asked: Cursor tells it once a minute, and slowly"
		f.Fix = c.say("set check-repositories: true", "give --check-repositories") + ", or look at Cursor's integrations"
	case badKey:
		f.Found = "nothing is asked of Cursor without a key of Cursor's"
	case c.Repository.IsZero():
		f.Found = "there is no repository to look for"
		f.Fix = c.Place.Fix
	case !c.onGitHub():
		f.Found = "Cursor lists repositories on GitHub only, and " + c.Repository.URL() + " is not there"
		f.Fix = "look for it at Cursor's integrations"
	default:
		f = c.askCoverage(ctx)
	}
	return []Finding{f}
}

func (c Config) askCoverage(ctx context.Context) Finding {
	f := Finding{Name: githubApp, Status: Failed, Link: cursor.IntegrationsPage}
	// Within the minute Cursor would refuse a second question.
	client, err := c.client(c.Network, 1)
	if err != nil { // The address is wrong, which another finding says.
		return Finding{Name: githubApp, Status: NotChecked, Found: "Cursor was not asked"}
	}
	limited, cancel := context.WithTimeoutCause(ctx, coveragePatience, errPatience)
	defer cancel()
	covered, err := client.Repositories(limited)
	failed, _ := errors.AsType[*cursor.Error](err)
	switch {
	case errors.Is(err, cursor.CodeIntegrationNotConnected):
		f.Found = "GitHub is not connected to the account of the key"
		f.Fix = "connect GitHub to Cursor, with that account"
	case failed != nil && failed.Class == cursor.Throttled:
		f.Status = NotChecked
		f.Found = "Cursor hands out its list of repositories once a minute, and did so just now"
		f.Fix = "run this again in a minute"
	case err != nil:
		f.Status = NotChecked
		f.Found = "the list of repositories did not come: " + err.Error()
		f.Fix = "correct what else is wrong, and run this again"
	case len(covered) == 0:
		f.Found = "Cursor's GitHub App covers no repository at all, so GitHub is not connected to the account of the key"
		f.Fix = "connect GitHub to Cursor with that account, and install Cursor's GitHub App for " + c.Repository.Path
	case !c.covers(covered):
		f.Found = fmt.Sprintf("Cursor's GitHub App does not cover %s; it covers %d others", c.Repository.Path, len(covered))
		f.Fix = "add the repository to Cursor's GitHub App, or use the key of an account that has it"
	default:
		return Finding{Name: githubApp, Status: OK, Found: "Cursor's GitHub App covers " + c.Repository.Path}
	}
	return f
}

// covers reports whether the repository is in Cursor's list, which has
// addresses with and without a scheme.
func (c Config) covers(list []string) bool {
	for _, address := range list {
		if listed, err := forge.ParseRepository(address, ""); err == nil && listed.Same(c.Repository) {
			return true
		}
	}
	return false
}
