package report

import (
	"fmt"
	"strings"

	"cursor-agent-action/internal/agent"
)

// artifacts lists the agent's files, if somebody asked for them.
func (s Summary) artifacts() string {
	if s.ArtifactsPath == "" && len(s.Artifacts) == 0 {
		return ""
	}
	lines := []string{"### Artifacts", ""}
	if len(s.Artifacts) == 0 {
		return strings.Join(append(lines, "The agent left none."), "\n")
	}
	if s.ArtifactsPath != "" {
		lines = append(lines, "In the folder "+name(s.ArtifactsPath)+":", "")
	}
	for _, artifact := range s.Artifacts[:min(len(s.Artifacts), maxArtifacts)] {
		path := name(artifact.Path)
		if artifact.Problem != "" {
			lines = append(lines, "- ⚠️ "+path+": "+line(artifact.Problem, maxName))
		} else {
			lines = append(lines, "- "+path+", "+size(artifact.Size))
		}
	}
	return strings.Join(append(lines, more(len(s.Artifacts)-maxArtifacts)...), "\n")
}

// warnings lists what went wrong and changed nothing.
func (s Summary) warnings() string {
	if len(s.Warnings) == 0 {
		return ""
	}
	lines := []string{"### Warnings", ""}
	for _, warning := range s.Warnings[:min(len(s.Warnings), maxWarnings)] {
		lines = append(lines, "- "+line(warning, maxSentence/2))
	}
	return strings.Join(append(lines, more(len(s.Warnings)-maxWarnings)...), "\n")
}

// more is the last entry of a list that was cut by n entries.
func more(n int) []string {
	if n <= 0 {
		return nil
	}
	return []string{"- … " + number(int64(n)) + " more"}
}

// request is what a dry run would have sent.
func (s Summary) request() string {
	if s.DryRunRequest == "" {
		return ""
	}
	request := plain(s.DryRunRequest)
	shown := cutBytes(request, maxRequest)
	block := "### The request that would be sent\n\n" + Fence(shown, "json")
	if len(shown) < len(request) {
		block += fmt.Sprintf("\n\n*Shown are %s of its %s bytes.*", number(int64(len(shown))), number(int64(len(request))))
	}
	return block
}

// footer is what support asks for.
func (s Summary) footer() string {
	parts := []string{Inline("cursor-agent-action " + short(s.Version, maxName))}
	if s.Result.Outcome != agent.OutcomeDryRun {
		for _, id := range []struct{ label, value string }{{"agent", s.Result.AgentID}, {"run", s.Result.RunID}} {
			if id.value != "" {
				parts = append(parts, id.label+" "+name(id.value))
			}
		}
	}
	return "<sub>" + strings.Join(parts, " · ") + "</sub>"
}
