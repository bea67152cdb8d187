package doctor

import (
	"strings"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/secret"
)

// strangers are the prefixes of keys that are plainly somebody else's. Such a
// key is not sent to Cursor: it would be one more that knows it.
// https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
var strangers = []struct{ prefix, whose string }{
	{"ghp_", "a GitHub token"}, {"gho_", "a GitHub token"}, {"ghu_", "a GitHub token"},
	{"ghs_", "a GitHub token"}, {"ghr_", "a GitHub token"}, {"github_pat_", "a GitHub token"},
	{"glpat-", "a GitLab token"},
	{"sk-ant-", "an Anthropic key"}, {"sk-", "an OpenAI key"},
	{"AIza", "a Google key"}, {"AKIA", "an AWS key id"}, {"ASIA", "an AWS key id"},
	{"xoxb-", "a Slack token"}, {"xoxp-", "a Slack token"}, {"npm_", "an npm token"},
}

// lookAtKey says what is wrong with a key without asking anybody, and false
// when nothing is.
func (c Config) lookAtKey() (Finding, bool) {
	key := c.Key.Reveal()
	f := Finding{Name: apiKey, Status: Failed, Link: cursor.KeysPage}
	create := "create a key of a user or service account and " + c.say(
		"pass it as api-key: ${{ secrets.CURSOR_API_KEY }}", "put it into CURSOR_API_KEY")
	switch {
	case key == "":
		f.Found = "there is no key"
		f.Fix = create + c.say("; workflows on pull requests from forks get no secrets", "")
		return f, true
	case strings.HasPrefix(key, "$"):
		f.Found = "the key is the name of a variable and not its value"
		f.Fix = c.say("write api-key: ${{ secrets.CURSOR_API_KEY }}, which only works in a workflow file", "put the key itself into CURSOR_API_KEY")
		return f, true
	case strings.HasPrefix(key, "grok_"):
		f.Found = "the key starts with grok_, and Cursor's API for agents does not take keys of that kind"
		f.Fix = create
		return f, true
	}
	for _, stranger := range strangers {
		if strings.HasPrefix(key, stranger.prefix) {
			f.Found = "the key is " + stranger.whose + " and no key of Cursor's, so it was not sent"
			f.Fix = create
			return f, true
		}
	}
	if _, err := cursor.New(cursor.Config{Key: secret.New(key)}); err != nil {
		f.Found, _, _ = strings.Cut(err.Error(), ";")
		f.Fix = "copy the key again, without anything around it"
		return f, true
	}
	return Finding{}, false
}
