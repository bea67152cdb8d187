package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge/forgetest"
	"cursor-agent-action/internal/simulator"
)

// resulting is an agent whose answer ends with an object.
func resulting(t *testing.T, object any) simulator.Config {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return simulator.Config{Scenario: simulator.Scenario{Duration: time.Minute, Result: "I looked.\n\n```json\n" + string(text) + "\n```\n"}}
}

func TestWhatAResultSaysOfLinesBecomesAnnotations(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	at := func(path string, line any, message string) object {
		return object{"file": path, "line": line, "message": message}
	}
	one := func(path string, from, to int, level, title, message string) []forgetest.Annotation {
		return []forgetest.Annotation{{Path: path, StartLine: from, EndLine: to, Level: level, Title: title, Message: message}}
	}
	for _, test := range []struct {
		name   string
		object any
		want   []forgetest.Annotation
	}{
		{"a finding", object{"findings": []any{at("cache.go", 3, "It leaks.")}}, one("cache.go", 3, 3, "warning", "", "It leaks.")},
		{"the object itself", at("a/b.go", 1, "x"), one("a/b.go", 1, 1, "warning", "", "x")},
		{"other names", object{"list": object{"deep": []any{object{"path": "a.go", "startLine": 2, "endLine": 5, "description": "y", "severity": "HIGH", "title": "T"}}}},
			one("a.go", 2, 5, "failure", "T", "y")},
		{"a notice", object{"x": object{"filename": "a.go", "start_line": 2, "end_line": 1, "comment": "z", "level": "info"}}, one("a.go", 2, 2, "notice", "", "z")},
		{"a path that is written in a roundabout way", at("./a//c.go", 1, "x"), one("a/c.go", 1, 1, "warning", "", "x")},
		{"text that hides something", at("a.go", 1, "one\r\n\u202etwo\u202c \x1b[31mred\x1b[0m\u200b"), one("a.go", 1, 1, "warning", "", "one\ntwo red")},
		{"a path outside", at("../etc/passwd", 1, "x"), nil},
		{"an absolute path", at("/etc/passwd", 1, "x"), nil},
		{"a path with a line break", at("a.go\n::error::x", 1, "x"), nil},
		{"a path that reads backwards", at("a\u202eog.go", 1, "x"), nil},
		{"a drive", at("C:/a.go", 1, "x"), nil},
		{"a backslash", at(`a\..\..\b`, 1, "x"), nil},
		{"the folder itself", at(".", 1, "x"), nil},
		{"a path that is too long", at(strings.Repeat("a/", 5000)+"b", 1, "x"), nil},
		{"no path", at("", 1, "x"), nil},
		{"line 0", at("a.go", 0, "x"), nil},
		{"a line below 0", at("a.go", -3, "x"), nil},
		{"a line that is far away", at("a.go", 1e18, "x"), nil},
		{"a line that is a text", at("a.go", "3", "x"), nil},
		{"no message", at("a.go", 1, "  "), nil},
		{"a message of what is not seen", at("a.go", 1, "\u200b\u202e"), nil},
		{"too deep", object{"a": object{"b": object{"c": object{"d": object{"e": at("a.go", 1, "x")}}}}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := newGitHub(t, everyWrite())
				s := newStep(t, resulting(t, test.object)).at(hub).with("check", "Agent", "result-schema", `{"type": "object"}`)
				if status := s.run(t.Context()); status != 0 || len(s.warnings()) > 0 {
					t.Fatalf("exit status %d\n%s", status, s.logged())
				}
				run := hub.Repository("acme/shop").CheckRuns[0]
				if diff := cmp.Diff(test.want, run.Annotations); diff != "" || run.Conclusion != "success" {
					t.Errorf("conclusion %s, annotations (-want +got):\n%s", run.Conclusion, diff)
				}
			})
		})
	}
}

func TestManyAnnotationsAreSentInPartsAndTooManyAreNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var findings []any
		for i := range 500 {
			findings = append(findings, map[string]any{"file": fmt.Sprintf("a%d.go", i), "line": i + 1, "message": "x"})
		}
		hub := newGitHub(t, everyWrite())
		s := newStep(t, resulting(t, map[string]any{"findings": findings})).at(hub).with("check", "Agent", "result-schema", `{"type": "object"}`)
		status := s.run(t.Context())
		run := hub.Repository("acme/shop").CheckRuns[0]
		if status != 0 || len(run.Annotations) != 200 || run.Annotations[199].Path != "a199.go" || run.Conclusion != "success" {
			t.Errorf("exit status %d, %d annotations, %s\n%s", status, len(run.Annotations), run.Conclusion, s.logged())
		}
	})
}

func TestAnnotationsThatGitHubRefusesDoNotKeepTheCheckFromItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := newGitHub(t, everyWrite())
		s := newStep(t, resulting(t, map[string]any{"file": "a.go", "line": 1, "message": "x"})).at(hub).with("check", "Agent", "result-schema", `{"type": "object"}`)
		time.AfterFunc(time.Second, func() {
			hub.SetFaults(forgetest.Fault{Operation: "checks/update", When: forgetest.When{At: []int{2}}, Answer: &forgetest.Answer{Status: 422}})
		})
		status := s.run(t.Context())
		run := hub.Repository("acme/shop").CheckRuns[0]
		want := []string{"check: GitHub refuses the annotations that result-object holds, and the check run ends without them: update check run " + fmt.Sprint(run.ID) + " of acme/shop: 422 Unprocessable Entity"}
		if diff := cmp.Diff(want, s.warnings()); diff != "" || status != 0 || run.Conclusion != "success" || len(run.Annotations) > 0 {
			t.Errorf("exit status %d, %s, %d annotations, warnings (-want +got):\n%s", status, run.Conclusion, len(run.Annotations), diff)
		}
	})
}

// Where GitHub is away when the work is over, the cleanup stage writes them. The
// state has no room for all of an endless list.
func TestAnnotationsOutliveAGitHubThatIsAway(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		message       string
		findings      int
		fewest, shown int
	}{
		{"a few", "It leaks.", 3, 3, 3},
		{"long ones", strings.Repeat("<é\\n", 40), 300, 40, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				findings := strings.TrimSuffix(strings.Repeat(`{"file":"a.go","line":4,"end_line":6,"severity":"high","title":"Leak","message":"`+test.message+`"},`, test.findings), ",")
				hub := newGitHub(t, everyWrite())
				s := newStep(t, simulator.Config{Scenario: simulator.Scenario{
					Duration: 2 * time.Minute, Result: "```json\n" + `{"findings":[` + findings + "]}\n```",
				}}).at(hub).onIssue().with("check", "Agent", "result-schema", `{"type":"object"}`)
				time.AfterFunc(time.Minute, func() { hub.TakeDown(3 * time.Minute) })
				s.run(t.Context())
				if size := len(s.state()["board-end"]); size > 100<<10 {
					t.Errorf("the state has %d bytes", size)
				}
				time.Sleep(5 * time.Minute)
				s.cleanup(t.Context(), true)
				checks := hub.Repository("acme/shop").CheckRuns
				if len(checks) != 1 || checks[0].Conclusion != "success" || len(checks[0].Annotations) < test.fewest || len(checks[0].Annotations) > test.shown {
					t.Fatalf("check runs: %+v\n%s", checks, s.logged())
				}
				for _, shown := range checks[0].Annotations {
					if shown.Path != "a.go" || shown.StartLine != 4 || shown.EndLine != 6 || shown.Level != "failure" || shown.Title != "Leak" || shown.Message == "" {
						t.Errorf("annotation %+v", shown)
					}
				}
			})
		})
	}
}
