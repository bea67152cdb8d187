package agent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// narrated are the updates that these events of a stream become; a second
// passes before each.
func narrated(t *testing.T, events ...cursor.EventData) (updates []agent.Update) {
	synctest.Test(t, func(*testing.T) {
		tell, end := agent.Narrate(func(update agent.Update) { updates = append(updates, update) })
		for _, event := range events {
			time.Sleep(time.Second)
			tell(event)
		}
		end()
	})
	return updates
}

func running(id, args string) cursor.ToolCallEvent {
	return cursor.ToolCallEvent{CallID: id, Name: "read", Status: "running", Args: json.RawMessage(args)}
}

func completed(id, args, result string) cursor.ToolCallEvent {
	return cursor.ToolCallEvent{CallID: id, Name: "read", Status: "completed", Args: json.RawMessage(args), Result: json.RawMessage(result)}
}

func TestToolCallsAreToldFromStartToEnd(t *testing.T) {
	t.Parallel()
	type events = []cursor.EventData
	type updates = []agent.Update
	started := func(id, subject string) agent.ToolStarted {
		return agent.ToolStarted{CallID: id, Name: "read", Subject: subject}
	}
	ended := func(id, subject string, seconds int) agent.ToolEnded {
		return agent.ToolEnded{CallID: id, Name: "read", Subject: subject, Duration: time.Duration(seconds) * time.Second}
	}
	const a, b = `{"path":"a"}`, `{"path":"b"}`
	for _, test := range []struct {
		name   string
		events events
		want   updates
	}{
		{"start and end", events{running("1", a), completed("1", a, "")}, updates{started("1", "a"), ended("1", "a", 1)}},
		{"arguments that come late", events{running("1", ""), running("1", `{}`), running("1", a), running("1", a), completed("1", "", "")},
			updates{started("1", ""), started("1", "a"), ended("1", "a", 4)}},
		{"arguments that grow", events{running("1", `{"path":"inter"}`), running("1", `{"path":"internal"}`), completed("1", `{"path":"internal/cache"}`, "")},
			updates{started("1", "inter"), ended("1", "internal/cache", 2)}},
		{"no arguments", events{running("1", ""), completed("1", "", "")}, updates{started("1", ""), ended("1", "", 1)}},
		{"two at once", events{running("1", a), running("2", b), completed("1", a, ""), completed("2", b, "")},
			updates{started("1", "a"), started("2", "b"), ended("1", "a", 2), ended("2", "b", 2)}},
		{"an end without a start", events{completed("1", a, "")}, updates{ended("1", "a", 0)}},
		{"an end that is repeated", events{running("1", a), completed("1", a, ""), completed("1", a, ""), running("1", a), completed("1", a, "")},
			updates{started("1", "a"), ended("1", "a", 1)}},
		{"a start without an end", events{running("1", a)}, updates{started("1", "a")}},
		{"text before and after", events{cursor.AssistantEvent{Text: "One"}, running("1", a), completed("1", a, ""), cursor.AssistantEvent{Text: "two"}},
			updates{agent.Said{Text: "One"}, started("1", "a"), ended("1", "a", 1), agent.Said{Text: "two"}}},
		{"code that a call breaks off", events{cursor.AssistantEvent{Text: "```\na"}, completed("1", a, ""), cursor.AssistantEvent{Text: "One\n\ntwo"}},
			updates{agent.Said{Text: "```\na"}, ended("1", "a", 0), agent.Said{Text: "One"}, agent.Said{Text: "two"}}},
		{"thoughts before and after", events{
			cursor.ThinkingEvent{Text: " Hm"}, cursor.ThinkingEvent{Text: "m.\n"}, running("1", a), cursor.ThinkingEvent{Text: "So?"}, cursor.AssistantEvent{Text: "Yes"}, cursor.ThinkingEvent{Text: " "},
		}, updates{agent.Thought{Text: "Hmm."}, started("1", "a"), agent.Thought{Text: "So?"}, agent.Said{Text: "Yes"}}},
		{"nothing else", events{
			cursor.StatusEvent{Status: "RUNNING"}, cursor.HeartbeatEvent{}, cursor.UnknownEvent{}, cursor.MalformedEvent{}, cursor.DoneEvent{},
			cursor.ResultEvent{Text: "x"}, cursor.InteractionUpdateEvent{},
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, narrated(t, test.events...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAToolsFailureIsReadFromItsResult(t *testing.T) {
	t.Parallel()
	for result, want := range map[string]bool{
		"": false, `null`: false, `"error"`: false, `[]`: false, `{`: false, `{}`: false,
		`{"success":{"error":"x"}}`: false, `{"error":null}`: false, `{"error":false}`: false, `{"success":{"exitCode":1}}`: false,
		`{"error":{"message":"x"}}`: true, `{"error":"x"}`: true, `{"failure":{}}`: true, `{"rejected":{"reason":"x"}}`: true,
		`{"timeout":{}}`: true, `{"error":true,"success":{}}`: true,
	} {
		updates := narrated(t, completed("1", "", result))
		if got := updates[0].(agent.ToolEnded).Failed; got != want {
			t.Errorf("%s: failed %v, want %v", result, got, want)
		}
	}
}

// Fault 35: of a tool's arguments only a few words of known fields are fit to show.
func TestASubjectSaysInAFewWordsWhatACallIsAbout(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200)
	for _, test := range []struct{ name, args, want string }{
		{"path", `{"content":"secret","path":"a.go"}`, "a.go"},
		{"path before command", `{"command":"ls","path":"a.go"}`, "a.go"},
		{"command", `{"command":"go test ./...","timeout":3}`, "go test ./..."},
		{"several lines", `{"command":"\n  make\n  make test"}`, "make"},
		{"other line ends", `{"command":"make\rrm -rf /"}`, "make"},
		{"Unicode line ends", `{"command":"make\u2028rm"}`, "make"},
		{"long", `{"query":"` + long + `"}`, long[:2*79] + "…"},
		{"exactly eighty", `{"query":"` + long[:160] + `"}`, long[:160]},
		{"an empty path", `{"path":"","query":"x"}`, "x"},
		{"a blank path", `{"path":" \n","query":"x"}`, "x"},
		{"a path that is none", `{"path":["a"],"pattern":"x"}`, "x"},
		{"nothing fit to show", `{"content":"secret","edits":[{"path":"a"}]}`, ""},
		{"null", `null`, ""},
		{"no object", `["path","a"]`, ""},
		{"broken", `{"path":"a`, ""},
		{"none", ``, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := []agent.Update{agent.ToolStarted{CallID: "1", Name: "read", Subject: test.want}}
			if diff := cmp.Diff(want, narrated(t, running("1", test.args))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSubjectsAreOneShortLine(f *testing.F) {
	f.Add(`{"path":"a\nb"}`)
	f.Add(`{"command":"` + strings.Repeat("日本", 200) + `"}`)
	f.Fuzz(func(t *testing.T, args string) {
		tell, _ := agent.Narrate(func(update agent.Update) {
			subject := update.(agent.ToolStarted).Subject
			if n := utf8.RuneCountInString(subject); n > 80 || strings.ContainsAny(subject, "\r\n\v\f\u0085\u2028\u2029") || !utf8.ValidString(subject) {
				t.Errorf("%q has the subject %q of %d characters", args, subject, n)
			}
		})
		tell(running("1", args))
	})
}

// What a stream never ends must not grow us.
func TestCallsThatNeverEndAreForgotten(t *testing.T) {
	t.Parallel()
	started, ended := 0, 0
	tell, end := agent.Narrate(func(update agent.Update) {
		switch update.(type) {
		case agent.ToolStarted:
			started++
		case agent.ToolEnded:
			ended++
		}
	})
	for i := range 10_000 {
		tell(running(fmt.Sprint("open ", i), `{"path":"a"}`))
	}
	if started != 256 {
		t.Errorf("%d calls are open, want 256", started)
	}
	for i := range 10_000 { // Ends are told all the same.
		tell(completed(fmt.Sprint("other ", i), "", ""))
	}
	end()
	if ended != 10_000 {
		t.Errorf("%d ends were told, want 10,000", ended)
	}
}

func TestOfALongThoughtTheBeginningIsKept(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"日", strings.Repeat("日本語", 10_000)} {
		var thoughts []string
		tell, end := agent.Narrate(func(update agent.Update) { thoughts = append(thoughts, update.(agent.Thought).Text) })
		for range 10_000 {
			tell(cursor.ThinkingEvent{Text: piece})
		}
		end()
		if len(thoughts) != 1 || len(thoughts[0]) > 8<<10 || len(thoughts[0]) < 8<<10-3 || !utf8.ValidString(thoughts[0]) {
			t.Errorf("%d thoughts, the first of %d bytes", len(thoughts), len(thoughts[0]))
		}
	}
}
