package report

import (
	"fmt"
	"slices"
	"strings"

	"cursor-agent-action/internal/doctor"
)

// Findings returns what a doctor found as a table, what is wrong first.
func Findings(findings []doctor.Finding, version string) string {
	signs := []struct {
		status doctor.Status
		sign   string
	}{{doctor.Failed, "❌ failed"}, {doctor.Warning, "⚠️ warning"}, {doctor.NotChecked, "➖ not checked"}, {doctor.OK, "✅ ok"}}
	title := "✅ Doctor: nothing that was looked at speaks against a launch"
	switch {
	case !doctor.Healthy(findings):
		title = "❌ Doctor: a launch would fail"
	case slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Status == doctor.Warning }):
		title = "⚠️ Doctor: a launch may work; see the warnings"
	}
	lines := []string{"## " + title, "", "| | what | found | what to do |", "| --- | --- | --- | --- |"}
	for _, s := range signs {
		for _, f := range findings {
			if f.Status != s.status {
				continue
			}
			lines = append(lines, fmt.Sprintf("| %s | %s | %s | %s |", s.sign, name(f.Name), Inline(short(f.Found, maxSentence)), remedy(f)))
		}
	}
	lines = append(lines, "", "<sub>"+Inline("cursor-agent-action "+short(version, maxName))+"</sub>")
	return strings.Join(lines, "\n") + "\n"
}

// remedy is what to do about a finding, with its page.
func remedy(f doctor.Finding) string {
	if f.Status == doctor.OK {
		return ""
	}
	text := Inline(short(f.Fix, maxSentence))
	if f.Link == "" {
		return text
	}
	return strings.TrimSpace(text + " " + Link("more", f.Link))
}
