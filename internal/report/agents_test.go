package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

// standing is an agent that ended an hour before it was looked at.
func standing(name string, status cursor.RunStatus) agent.Standing {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	return agent.Standing{
		Agent: cursor.Agent{ID: "bc-1", Name: name, URL: "https://cursor.com/agents/bc-1", CreatedAt: at, UpdatedAt: at, ServedAt: at.Add(time.Hour)},
		Run:   cursor.Run{ID: "run-1", Status: status},
	}
}

func TestAgentsStandInATableWithWhatWasDone(t *testing.T) {
	t.Parallel()
	pushed := standing("Fix | it", cursor.RunFinished)
	pushed.Agent.Status = cursor.AgentArchived
	pushed.Run.Git = []cursor.GitBranch{{Branch: "a"}, {Branch: "b", PRURL: "https://github.com/acme/shop/pull/7"}}
	nameless := standing("", cursor.RunRunning)
	nameless.Agent.URL, nameless.Agent.ServedAt = "", nameless.Agent.CreatedAt.Add(time.Second)
	got := report.Agents{
		Title: "❌ delete: 1 failed", Problem: "it is locked; see https://cursor.com/agents", Version: "1.2.3", Notes: []string{"there are more"},
		Rows: []report.AgentRow{
			{Standing: pushed, Done: "deleted"},
			{Standing: nameless, Done: "failed", Note: "no #1"},
			{Standing: agent.Standing{Agent: cursor.Agent{ID: "bc-2"}, Gone: true}, Done: "gone"},
		},
	}.Markdown()
	want := "## ❌ delete: 1 failed\n\n**Why:** it is locked; see <https://cursor.com/agents>\n\n" +
		"| done | agent | latest run | changed | pull request | why |\n| --- | --- | --- | --- | --- | --- |\n" +
		"| deleted | [Fix &#124; it](https://cursor.com/agents/bc-1) (archived) | `FINISHED` | 1 h ago | [#7](https://github.com/acme/shop/pull/7) |  |\n" +
		"| failed | bc-1 | `RUNNING` | just now |  | no #&#8203;1 |\n" +
		"| gone | bc-2 | not there |  |  |  |\n\nthere are more\n\n<sub>cursor-agent-action 1.2.3</sub>\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
}

func TestAListOfAgentsHasNoColumnsForWhatWasDone(t *testing.T) {
	t.Parallel()
	got := report.Agents{Title: "✅ list: 1 agent", Rows: []report.AgentRow{{Standing: standing("Fix it", cursor.RunError)}}}.Markdown()
	want := "## ✅ list: 1 agent\n\n| agent | latest run | changed | pull request |\n| --- | --- | --- | --- |\n" +
		"| [Fix it](https://cursor.com/agents/bc-1) | `ERROR` | 1 h ago |  |\n\n<sub>cursor-agent-action</sub>\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("agents (-want +got):\n%s", diff)
	}
	untold := standing("Fix it", cursor.RunError)
	untold.Agent.UpdatedAt = time.Time{} // As version 0 of the API has it.
	got = report.Agents{Title: "✅ list: 1 agent", Rows: []report.AgentRow{{Standing: untold}}}.Markdown()
	if diff := cmp.Diff(strings.Replace(want, "1 h ago", "", 1), got); diff != "" {
		t.Errorf("an agent of which the API does not say when it changed (-want +got):\n%s", diff)
	}
	if got := (report.Agents{Title: "none"}).Markdown(); got != "## none\n\n<sub>cursor-agent-action</sub>\n" {
		t.Errorf("without agents: %q", got)
	}
}

func TestManyAgentsWithLongNamesFitIntoASummary(t *testing.T) {
	t.Parallel()
	var many report.Agents
	for i := range 1000 {
		row := report.AgentRow{Standing: standing(strings.Repeat("`|<&*", 500), cursor.RunStatus(strings.Repeat("`|", 500))), Done: "failed", Note: strings.Repeat("|<", 5000)}
		row.Standing.Agent.URL = fmt.Sprintf("https://cursor.com/%d?%s", i, strings.Repeat("|", 600))
		many.Rows = append(many.Rows, row)
	}
	got := many.Markdown()
	if len(got) > 1<<20-1<<10 {
		t.Errorf("it has %d bytes", len(got))
	}
	if !strings.Contains(got, "\n\n… 900 more\n\n") || strings.Count(got, "\n| ") != 102 {
		t.Errorf("it has %d lines of a table", strings.Count(got, "\n| "))
	}
}

func TestHostileAgentsDoNoHarmInTheirTable(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		one := standing(text, cursor.RunStatus(text))
		one.Agent.ID, one.Agent.URL = text, text
		one.Run.Git = []cursor.GitBranch{{PRURL: text}}
		markdown := report.Agents{
			Title: "list", Problem: text, Notes: []string{text}, Version: text,
			Rows: []report.AgentRow{{Standing: one, Done: "failed", Note: text}},
		}.Markdown()
		page := render(t, markdown+"\n\n# ours")
		last := len(page.tags) - 1
		if page.tags[last] != "<h1>" {
			t.Fatalf("%q leaves its table:\n%s", text, markdown)
		}
		page.tags = page.tags[:last]
		for _, found := range page.harm(ourTags) {
			t.Errorf("%q does: %s", text, found)
		}
		if rows := strings.Count(strings.Join(page.tags, ""), "<tr"); rows != 2 {
			t.Errorf("%q makes %d rows:\n%s", text, rows, markdown)
		}
	}
}
