package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/doctor"
	"cursor-agent-action/internal/report"
)

func TestTheWorstFindingIsReadFirst(t *testing.T) {
	t.Parallel()
	got := report.Findings([]doctor.Finding{
		{Name: "api-key", Status: doctor.OK, Found: "Cursor accepts the key", Fix: "nothing", Link: "https://cursor.com/agents"},
		{Name: "github-app", Status: doctor.NotChecked, Found: "not asked", Link: "https://cursor.com/dashboard/integrations"},
		{Name: "clock", Status: doctor.Warning, Found: "a|b", Fix: "set it"},
		{Name: "plan", Status: doctor.Failed, Found: "none", Fix: "upgrade", Link: "ftp://x"},
	}, "1.2.3")
	want := "## ❌ Doctor: a launch would fail\n\n| | what | found | what to do |\n| --- | --- | --- | --- |\n" +
		"| ❌ failed | `plan` | none | upgrade `ftp://x` |\n" +
		"| ⚠️ warning | `clock` | a&#124;b | set it |\n" +
		"| ➖ not checked | `github-app` | not asked | [more](https://cursor.com/dashboard/integrations) |\n" +
		"| ✅ ok | `api-key` | Cursor accepts the key |  |\n\n<sub>cursor-agent-action 1.2.3</sub>\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestTheHeadingClaimsNoMoreThanTheFindings(t *testing.T) {
	t.Parallel()
	for status, want := range map[doctor.Status]string{
		doctor.OK:         "## ✅ Doctor: nothing that was looked at speaks against a launch\n",
		doctor.NotChecked: "## ✅ Doctor: nothing that was looked at speaks against a launch\n",
		doctor.Warning:    "## ⚠️ Doctor: a launch may work; see the warnings\n",
		doctor.Failed:     "## ❌ Doctor: a launch would fail\n",
	} {
		if got := report.Findings([]doctor.Finding{{Name: "a", Status: doctor.OK}, {Name: "b", Status: status}}, ""); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", status, got)
		}
	}
}

func TestHostileFindingsDoNoHarmInTheirTable(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		markdown := report.Findings([]doctor.Finding{{Name: text, Status: doctor.Failed, Found: text, Fix: text, Link: text}}, text)
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
