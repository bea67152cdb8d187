package cli_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cursor-agent-action/internal/simulator"
)

// What an agent knows it may repeat, and Markdown's escapes make other texts of
// it, which read the same.
func TestSecretsThatAnAgentRepeatsStandNowhereAtGitHub(t *testing.T) {
	t.Parallel()
	const value = "p@ss*word#1<of>a~variable"
	asRead := strings.NewReplacer(`\`, "", "&#8203;", "", "&lt;", "<", "&gt;", ">", "&#42;", "*")
	for _, test := range []struct{ name, says string }{
		{"as it is", value},
		{"beside words", "the password is " + value + ", I think"},
		{"past the end of what is shown", strings.Repeat("so ", 65) + value},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				s := newStep(t, simulator.Config{Scenario: simulator.Scenario{
					Duration: 3 * time.Minute, Branch: "auto", Result: "Done: " + test.says + "\n\n```json\n" + `{"file": "a.go", "line": 1, "message": "` + test.says + `"}` + "\n```",
					Steps: []simulator.Step{
						{Text: test.says + "\n", Takes: time.Minute},
						{Tool: "shell", Args: map[string]any{"command": test.says}, Result: map[string]any{}, Takes: time.Minute},
					},
				}}).at(hub).onPullRequest().with("comment", "progress", "check", "Cursor", "env-vars", "PASSWORD="+value)
				s.file("form.json", `{"type": "object"}`).with("result-schema", "form.json")
				if status := s.run(t.Context()); status != 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				places := map[string]string{"the summary": s.read("GITHUB_STEP_SUMMARY")}
				for _, request := range writes(hub) {
					places[request.Op+" at "+request.At.Format(time.TimeOnly)] = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(request.Body)
				}
				for place, text := range places {
					for _, secret := range []string{value, "p@ss*word"} {
						if strings.Contains(asRead.Replace(text), secret) {
							t.Errorf("%s says %q:\n%s", place, secret, text)
						}
					}
				}
				if len(places) < 8 {
					t.Errorf("only %d places were looked at", len(places))
				}
			})
		})
	}
}
