package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// unescaped is the text of a page of GitHub's as far as a secret in it could be told:
// without what Markdown needs to show it.
var unescaped = strings.NewReplacer("&#8203;", "", "<span>", "", "</span>", "", `\`, "", "&lt;", "<", "&amp;", "&", "&#96;", "`", "&#124;", "|")

func TestNoSecretThatTheAgentSaysIsShownToPeople(t *testing.T) {
	t.Parallel()
	const (
		hash     = "9f86d081884c7d659a2feaa0c55ad015" // Markdown takes hashes apart,
		password = "p@ss_w*rd:$1<2#3|x"               // and all of this.
	)
	synctest.Test(t, func(t *testing.T) {
		said := "I used " + hash + ", then " + password + " and " + key + " and " + githubToken + "."
		hub := newGitHub(t, everyWrite())
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{
			Duration: 2 * time.Minute, Branch: "leak-" + hash, Steps: []simulator.Step{{Text: said}, {Tool: "shell", Args: map[string]any{"command": "echo " + hash}, Result: map[string]any{}}},
			Result: said + "\n\n```json\n" + `{"findings":[{"file":"a.go","line":1,"message":"` + said + `"}]}` + "\n```",
		}}).at(hub).onIssue().with("comment", "progress", "check", "Agent",
			"result-schema", `{"type":"object"}`, "env-vars", "A="+hash+"\nB="+password)
		during := seenAfter(time.Minute, hub, 7)
		s.run(t.Context())
		check := hub.Repository("acme/shop").CheckRuns[0]
		if len(check.Annotations) != 1 {
			t.Fatalf("annotations: %+v\n%s", check.Annotations, s.logged())
		}
		for where, text := range map[string]string{
			"comment": strings.Join(ourComments(hub, 7), ""), "comment meanwhile": <-during, "summary": s.summary(),
			"check run": check.Title + check.Summary, "annotation": check.Annotations[0].Message,
		} {
			for _, secret := range []string{hash, password, key, githubToken} {
				if strings.Contains(unescaped.Replace(text), secret) || strings.Contains(text, secret) {
					t.Errorf("%q stands in the %s:\n%s", secret, where, text)
				}
			}
			if !strings.Contains(strings.ReplaceAll(text, `\`, ""), "***") {
				t.Errorf("nothing is hidden in the %s:\n%s", where, text)
			}
		}
	})
}

// What the cleanup stage writes in the main stage's place is no other.
func TestTheCleanupStageShowsNoSecretEither(t *testing.T) {
	t.Parallel()
	const hash = "9f86d081884c7d659a2feaa0c55ad015"
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		long := strings.Repeat("x", 8<<10-30) + " and " + hash // The kept answer ends within it.
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{Duration: time.Minute, Result: long}}).at(hub).onIssue().
			with("comment", "result", "env-vars", "A="+hash)
		hub.SetFaults(forgetest.Fault{Operation: "issues/create-comment", Answer: &forgetest.Answer{Status: 500}})
		s.run(t.Context())
		hub.SetFaults()
		s.cleanup(t.Context(), true)
		comments := ourComments(hub, 7)
		if len(comments) != 1 || strings.Contains(unescaped.Replace(comments[0]), hash[:7]) {
			t.Errorf("comments: %q", comments)
		}
	})
}

// Names come from prompts, and a line of a name is cut.
func TestNoSecretInAnAgentsNameIsShown(t *testing.T) {
	t.Parallel()
	const password = "p@ss_w*rd:$1<2#3|x"
	config := simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{{Text: "Done."}}}}
	after(t, config, time.Minute, []string{"Fix it"}, func(t *testing.T, api *simulator.Server, _ []string) {
		for _, before := range []int{0, 95, 495} {
			name := strings.Repeat("x", before) + password
			s := stepThrough(command(t, api, "list", "webhook-secret", password), func(body string) string {
				return strings.Replace(body, `"name":"`+jsonText(api.Agents()[0].Name), `"name":"`+jsonText(name), 1)
			})
			if status := s.run(t.Context()); status != 0 {
				t.Fatalf("exit status %d\n%s", status, s.logged())
			}
			log := strings.ReplaceAll(s.logged(), "::add-mask::"+password, "")
			if said := unescaped.Replace(s.summary()); strings.Contains(said, password[:2]) || strings.Contains(log, password[:2]) {
				t.Errorf("the secret stands in\n%s\n%s", said, s.logged())
			}
		}
	})
}

// Of what a tool is called with a few words are shown.
func TestNoBeginningOfASecretIsShown(t *testing.T) {
	t.Parallel()
	const password = "pq9f86d081884c7d659a2feaa0c55ad015"
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		call := map[string]any{"command": strings.Repeat("x", 70) + " " + password}
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{
			Duration: 2 * time.Minute, Steps: []simulator.Step{{Tool: "shell", Args: call, Result: map[string]any{}}},
		}}).at(hub).onIssue().with("comment", "progress", "env-vars", "A="+password)
		during := seenAfter(time.Minute, hub, 7)
		s.run(t.Context())
		log := strings.ReplaceAll(s.logged(), "::add-mask::"+password, "")
		if !strings.Contains(log, "xxx") {
			t.Errorf("the call is not in the log:\n%s", log)
		}
		for where, text := range map[string]string{"log": log, "comment meanwhile": <-during, "summary": s.summary()} {
			if strings.Contains(text, password[:3]) {
				t.Errorf("a part of the secret stands in the %s:\n%s", where, text)
			}
		}
	})
}
