package campaign_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// noon is when stories made by hand begin.
func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// at is a moment of a story made by hand.
func at(after time.Duration) time.Time { return noon().Add(after) }

const firstAgent, firstRun = "bc-00000000-0000-8000-8000-000000000001", "run-1"

// handmade is a story in which all is as it should be: an agent is launched,
// works for ten minutes, and opens a pull request; the cleanup stage has
// nothing to do.
func handmade() *history {
	h := &history{
		plan: plan{
			scenario: simulator.Scenario{Status: "FINISHED", Branch: "auto", PullRequest: simulator.PullRequest{Open: true}},
			inputs:   map[string]string{"create-pr": "true"},
			attempts: []attempt{{cleanup: true, handsOn: true}, {cleanup: true, handsOn: true}},
		},
		processes: []process{
			{
				attempt: 1, stage: mainStage, began: at(0), ended: at(10*time.Minute + time.Second),
				calls: []call{
					answered("createAgent", "/v1/agents", time.Second, 201, `{"agent":{"id":"`+firstAgent+`"},"run":{"id":"run-1"}}`),
					answered("streamRun", "/v1/agents/"+firstAgent+"/runs/run-1/stream", 2*time.Second, 200, ""),
					looked(10*time.Minute, "FINISHED"),
				},
				log:   "::add-mask::" + apiKey + "\n::group::The agent\nIt works.\n::endgroup::\n",
				files: map[string]string{"GITHUB_STEP_SUMMARY": "# succeeded\n"},
			},
			{attempt: 1, stage: cleanupStage, began: at(11 * time.Minute), ended: at(11 * time.Minute), files: map[string]string{}},
		},
		agents: []simulator.AgentState{agentOf(firstAgent, firstRun, time.Second, "FINISHED", 10*time.Minute)},
	}
	h.requests = []simulator.Request{asked("createAgent", 1, mainStage, time.Second, firstAgent)}
	h.writes("GITHUB_STATE", map[string]string{"agent-id": firstAgent, "run-id": firstRun, "stage": "settled"})
	h.writes("GITHUB_OUTPUT", map[string]string{
		"agent-id": firstAgent, "run-id": firstRun, "status": "FINISHED", "outcome": "succeeded",
		"branch": "cursor/fix", "pr-url": "https://github.com/acme/shop/pull/1",
	})
	return h
}

// writes puts values into a file of the first process.
func (h *history) writes(file string, values map[string]string) {
	content, _ := readFileCommand(h.processes[0].files[file])
	maps.Copy(content, values)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(content)) {
		fmt.Fprintf(&b, "%s<<end\n%s\nend\n", name, content[name])
	}
	h.processes[0].files[file] = b.String()
}

// ends gives the first process another end.
func (h *history) ends(after time.Duration, exit int, outputs ...string) *process {
	p := &h.processes[0]
	p.ended, p.exit = at(after), exit
	for i := 0; i < len(outputs); i += 2 {
		h.writes("GITHUB_OUTPUT", map[string]string{outputs[i]: outputs[i+1]})
	}
	return p
}

// sends adds calls to a process.
func (p *process) sends(calls ...call) { p.calls = append(p.calls, calls...) }

// second adds another agent, made by a request at the moment of its birth.
func (h *history) second(attempt int, born time.Duration, status string) {
	const id = "bc-00000000-0000-8000-8000-000000000002"
	h.agents = append(h.agents, agentOf(id, "run-2", born, status, born+time.Minute))
	h.requests = append(h.requests, asked("createAgent", attempt, mainStage, born, id))
}

// runs gives the first agent's run another end; none with the time 0.
func (h *history) runs(status string, ended time.Duration) {
	h.agents[0] = agentOf(firstAgent, firstRun, time.Second, status, ended)
}

func agentOf(id, runID string, born time.Duration, status string, ended time.Duration) simulator.AgentState {
	run := simulator.RunState{ID: runID, Status: status, CreatedAt: at(born)}
	if ended > 0 {
		run.EndedAt = at(ended)
	}
	return simulator.AgentState{ID: id, CreatedAt: at(born), Runs: []simulator.RunState{run}}
}

func asked(op string, attempt int, stage stage, after time.Duration, agentID string) simulator.Request {
	return simulator.Request{Op: op, At: at(after), AgentID: agentID, Status: 201, UserAgent: "cursor-agent-action/" + version(attempt, stage)}
}

// answered is a call whose answer was read at once.
func answered(op, path string, after time.Duration, status int, body string) call {
	return call{op: op, path: path, at: at(after), status: status, readAt: at(after), body: []byte(body)}
}

// looked is a look at the first run.
func looked(after time.Duration, status string) call {
	return answered("getRun", "/v1/agents/"+firstAgent+"/runs/run-1", after, 200,
		`{"id":"run-1","status":"`+status+`","git":{"branches":[{"prUrl":"https://github.com/acme/shop/pull/1"}]}}`)
}

// breach is a story made by hand that breaks promises, and what the judge must
// say of it.
type breach struct {
	name   string
	change func(*history)
	want   []string
}
