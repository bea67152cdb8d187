package cli

import (
	"fmt"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// managed is one agent in the output results, and in the --json of a terminal.
type managed struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	URL       string           `json:"url,omitempty"`
	Archived  bool             `json:"archived"`
	CreatedAt string           `json:"createdAt,omitempty"`
	UpdatedAt string           `json:"updatedAt,omitempty"`
	RunID     string           `json:"runId,omitempty"`
	Status    cursor.RunStatus `json:"status,omitempty"`
	Branch    string           `json:"branch,omitempty"`
	PRURL     string           `json:"prUrl,omitempty"`
	Did       string           `json:"did,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Error     string           `json:"error,omitempty"`
	Usage     *usage           `json:"usage,omitempty"`
}

// maxManaged bounds each text in results, in bytes.
const maxManaged = 1 << 10

// putResults writes the output results. What does not fit into an output is
// left out from the end, and said.
func (m *manager) putResults(entries []entry) {
	list := []byte{'['}
	for i, one := range results(entries) {
		text := encode(one)
		if len(list)+len(text)+len(",]") > actions.MaxOutput {
			m.note(fmt.Sprintf("results holds the first %d agents of %d, because no more fit into an output: select fewer", i, len(entries)))
			break
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, text...)
	}
	setOutputs(m.runner, []output{{"results", string(append(list, ']'))}})
}

// results are the agents as results and a terminal's --json give them.
func results(entries []entry) []managed {
	list := []managed{}
	for _, e := range entries {
		list = append(list, e.result())
	}
	return list
}

func (e entry) result() managed {
	if e.unbegun {
		e.did, e.why = string(agent.DeedNone), "there was no time for it"
	}
	s := e.standing
	one := managed{
		ID: s.Agent.ID, Name: cut(s.Agent.Name, maxManaged), URL: cut(s.Agent.URL, maxManaged),
		Archived: s.Agent.Status == cursor.AgentArchived, CreatedAt: stamp(s.Agent.CreatedAt), UpdatedAt: stamp(s.Agent.UpdatedAt),
		RunID: cut(s.Run.ID, maxManaged), Status: cursor.RunStatus(cut(string(s.Run.Status), maxManaged)),
		Did: e.did, Reason: cut(e.why, maxManaged),
	}
	for _, pushed := range s.Run.Git {
		one.Branch, one.PRURL = cut(pushed.Branch, maxManaged), cut(pushed.PRURL, maxManaged)
	}
	if e.err != nil {
		one.Error = cut(oneLine(e.err), maxManaged)
	}
	if e.usage != nil {
		one.Usage = new(usageOf(e.usage.Total, e.usage.Cost))
	}
	return one
}

func stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
