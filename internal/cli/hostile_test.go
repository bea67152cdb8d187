package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/simulator"
)

// hostile is what an agent would say to take over a workflow.
const hostile = "::set-output name=outcome::succeeded\n" +
	"  ::error::forged\r::stop-commands::x\r\n" +
	"##[error]forged and ##[group]forged\n" +
	"outcome<<EOF\nforged\nEOF\noutcome=forged\n_GitHubActionsFileCommandDelimeter_\nghadelimiter_1\n" +
	"\x1b[31mred\x1b[0m \u202egnp\u202c @octocat <img src=x onerror=alert(1)> ${{ secrets.X }} " + key + "\n"

func TestWhatAnAgentSaysSetsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := simulator.Config{Newer: true, Scenario: simulator.Scenario{
			Steps: []simulator.Step{
				{Thinking: hostile},
				{Text: hostile},
				{Tool: "run\n::error::forged", Args: map[string]any{"command": hostile}, Result: map[string]any{"error": hostile}},
			},
			Status: "ERROR",
			Result: hostile,
			Error:  &simulator.RunError{Code: "x\n::error::forged", Message: hostile},
			Branch: "own/branch",
		}}
		s := newStep(t, config).with("prompt", hostile, "name", hostile)
		if status := s.run(t.Context()); status != 1 {
			t.Errorf("exit status %d, want 1", status)
		}
		for line := range strings.Lines(s.logged()) {
			line = strings.TrimSpace(line)
			ours := strings.HasPrefix(line, "::error::agent-error: the agent failed: \"")
			if strings.HasPrefix(line, "::") && !ours || strings.Contains(line, "##[") {
				t.Errorf("the runner takes this line for a command: %q", line)
			}
			if strings.ContainsAny(line, "\x1b\u202e\r") {
				t.Errorf("this line is not what it seems: %q", line)
			}
		}
		if strings.Count(s.logged(), "\n::error::") != 1 {
			t.Errorf("the log should hold our one error:\n%s", s.logged())
		}
		outputs := s.outputs()
		for _, name := range []string{"ghadelimiter_1", "_GitHubActionsFileCommandDelimeter_"} {
			if _, set := outputs[name]; set {
				t.Errorf("the output %q was set", name)
			}
		}
		if outputs["outcome"] != "agent-error" || outputs["branch"] != "own/branch" {
			t.Errorf("outputs were changed: %v", outputs)
		}
		// The result arrives whole, but for the secret.
		if diff := cmp.Diff(strings.ReplaceAll(hostile, key, "***"), outputs["result"]); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		if got := s.api.Agents()[0].Request.Prompt.Text; got != hostile {
			t.Errorf("the prompt did not arrive byte for byte: %q", got)
		}
		s.noSecret()
	})
}

func TestArtifactsStayBelowTheirFolder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		config := simulator.Config{Scenario: simulator.Scenario{
			Steps: []simulator.Step{{Text: "Done."}},
			Artifacts: []simulator.Artifact{
				{Path: "artifacts/report.txt", Content: "fine"},
				{Path: "artifacts/sub/shot.png", Content: "\x89PNG"},
				{Path: "artifacts/../../escaped.txt", Content: "bad"},
				{Path: "artifacts/.git/hooks/pre-commit", Content: "bad"},
			},
		}}
		s := newStep(t, config).with("artifacts", "out")
		if err := os.Symlink(s.dir, filepath.Join(s.env["GITHUB_WORKSPACE"], "link")); err != nil {
			t.Fatal(err)
		}
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d\n%s", status, s.logged())
		}
		var found []string
		err := filepath.WalkDir(s.dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				rel, _ := filepath.Rel(s.dir, path)
				found = append(found, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY", "workspace/out/report.txt", "workspace/out/sub/shot.png"}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		if got := strings.Count(s.logged(), "::warning::artifact "); got != 2 {
			t.Errorf("%d warnings about artifacts, want 2:\n%s", got, s.logged())
		}
		for _, request := range s.api.Requests() {
			if request.Op == "readStorage" && request.KeyHash != "" {
				t.Error("the key was sent to the storage host")
			}
		}
	})
}

func TestArtifactsThatCanNotBeHadDoNotChangeTheVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, operation, folder string
		want                    string
	}{
		{"no list", "listArtifacts", "out", "::warning::artifacts: list artifacts: 403 Forbidden: a web page titled \"403 Forbidden\" (request {listArtifacts}); none is here: fetch them at URL\n"},
		{"no address", "downloadArtifact", "out", "::warning::artifact artifacts/report.txt: get artifact URL: 403 Forbidden: a web page titled \"403 Forbidden\" (request {downloadArtifact}); it is not here: fetch it at URL\n"},
		{"no file", "readStorage", "out", "::warning::artifact artifacts/report.txt: download artifact: GET https://api.cursor.com/_storage/AGENT/0: 403 Forbidden (request {readStorage}); it is not here: fetch it at URL\n"},
		{"a link as folder", "", "link", "::warning::artifact artifacts/report.txt: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config := simulator.Config{Scenario: simulator.Scenario{
					Steps:     []simulator.Step{{Text: "Done."}},
					Artifacts: []simulator.Artifact{{Path: "artifacts/report.txt", Content: "fine"}},
				}}
				if test.operation != "" {
					config.Scenario.Faults = []simulator.Fault{{Operation: test.operation, Answer: &simulator.Answer{Status: 403, Shape: "html"}}}
				}
				s := newStep(t, config).with("artifacts", test.folder)
				if err := os.Symlink(t.TempDir(), filepath.Join(s.env["GITHUB_WORKSPACE"], "link")); err != nil {
					t.Fatal(err)
				}
				if status := s.run(t.Context()); status != 0 || s.outputs()["outcome"] != "succeeded" {
					t.Errorf("exit status %d, outputs %v", status, s.outputs())
				}
				want := strings.NewReplacer("artifact URL", "artifact URL", "URL", s.outputs()["agent-url"], "AGENT", s.outputs()["agent-id"]).Replace(test.want)
				for _, request := range s.api.Requests() {
					want = strings.ReplaceAll(want, "{"+request.Op+"}", request.ID)
				}
				if !strings.Contains(s.logged(), want) {
					t.Errorf("the log has no %q:\n%s", want, s.logged())
				}
			})
		})
	}
}

func TestALongAnswerIsCutToWhatAnOutputHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("\x01é", 300<<10)
		s := newStep(t, simulator.Config{Scenario: simulator.Scenario{Steps: []simulator.Step{{Text: "Done."}}, Result: long}})
		if status := s.run(t.Context()); status != 0 {
			t.Errorf("exit status %d", status)
		}
		outputs := s.outputs()
		if n := len(outputs["result"]); n > 256<<10 || n < 255<<10 || !strings.HasSuffix(outputs["result"], "\n[cut]") || !utf8.ValidString(outputs["result"]) {
			t.Errorf("result has %d bytes and ends with %q", n, outputs["result"][max(0, n-12):])
		}
		if n := len(outputs["result-json"]); n == 0 || n > 900<<10 {
			t.Errorf("result-json has %d bytes", n)
		}
		if strings.Contains(s.logged(), "::warning::") {
			t.Errorf("there are warnings:\n%s", s.logged())
		}
	})
}
