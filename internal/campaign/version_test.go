package campaign_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cursor-agent-action/internal/simulator"
)

// The judge knows requests by what they are for, whatever version of the API a
// step speaks: under the names that version 1 has for them.

// notion is what an operation of the server's record is for.
func notion(op string) string {
	switch op {
	case "getAgentV0":
		return "getRun" // An agent has the state of its run there.
	case "stopAgentV0":
		return "cancelRun"
	case "addFollowupV0":
		return "createRun"
	case "listAgentArtifactsV0":
		return "listArtifacts"
	case "getAgentArtifactV0":
		return "downloadArtifact"
	case "getAgentConversationV0":
		return op // Version 1 has none, and asks version 0.
	}
	return strings.TrimSuffix(op, "V0")
}

// notionV0 is what a request of version 0 is for.
func notionV0(method, path string) string {
	switch segments := strings.Split(strings.Trim(path, "/"), "/"); {
	case method == http.MethodPost && len(segments) == 2:
		return "createAgent"
	case len(segments) == 2:
		return "listAgents"
	case len(segments) == 3 && method == http.MethodDelete:
		return "deleteAgent"
	case len(segments) == 3:
		return "getRun"
	default:
		switch segments[len(segments)-1] {
		case "followup":
			return "createRun"
		case "stop":
			return "cancelRun"
		case "conversation":
			return "getAgentConversationV0"
		case "artifacts":
			return "listArtifacts"
		case "download":
			return "downloadArtifact"
		}
	}
	return method + " " + path
}

// operationV0 is the operation of version 0 that takes the place of one of
// version 1, so that a fault of that befalls it.
func operationV0(op string) string {
	switch op {
	case "getRun", "getAgent", "getAgentUsage":
		return "getAgentV0"
	case "cancelRun":
		return "stopAgentV0"
	case "createRun":
		return "addFollowupV0"
	case "listRuns", "streamRun", "getAgentConversationV0":
		return "getAgentConversationV0"
	case "listArtifacts":
		return "listAgentArtifactsV0"
	case "downloadArtifact":
		return "getAgentArtifactV0"
	case "createAgent", "listAgents":
		return op + "V0"
	}
	return op
}

// finds are what an agent is looked for with whose id nobody knows.
func finds() []string {
	return []string{"getAgent", "listAgents", "listRuns", "getAgentConversationV0"}
}

// version0 reports whether the step speaks version 0.
func (p plan) version0() bool { return p.inputs["api-version"] == "v0" }

// nameless reports whether the API takes no id of ours.
func (p plan) nameless() bool { return p.version0() || p.inputs["env-vars"] != "" }

// unmarked reports whether nothing of ours is on the agent.
func (p plan) unmarked() bool {
	return p.version0() && (p.inputs["branch"] != "" || p.inputs["pull-request"] != "" && p.asked("work-on-current-branch"))
}

// shown is the end of a run as the API tells it.
func (p plan) shown(run simulator.RunState) string {
	if p.version0() && run.Status == "CANCELLED" {
		switch shown := p.scenario.Cancel.ShownAs; shown {
		case "":
			return "FINISHED"
		case "STOPPED":
			return "CANCELLED"
		default:
			return shown
		}
	}
	return run.Status
}

// about is whom an answer is about, whatever version gave it: the agent that was
// made and its run, or what was seen of a run.
type about struct {
	Agent, Run struct{ ID string }
	sawRun
}

// told is what a call was told, and whether it was. In version 0 all runs are
// under the agent's id, which stands for the first one's here.
func (c *call) tells() (told about, ok bool) {
	if !c.told() || json.Unmarshal(c.body, &told) != nil {
		return told, false
	}
	told.at = c.readAt
	if !strings.HasPrefix(c.path, "/v0/") {
		return told, true
	}
	var agent struct {
		Target struct{ PRURL string }
	}
	if json.Unmarshal(c.body, &agent) != nil {
		return told, false
	}
	told.Agent.ID, told.Run.ID = told.ID, firstRunV0
	if agent.Target.PRURL != "" {
		told.Git.Branches = append(told.Git.Branches, branchSeen{PRURL: agent.Target.PRURL})
	}
	return told, true
}

// firstRunV0 is how the action calls the run that an agent of version 0 was
// launched with, and runPrefixV0 how it begins to call all.
const (
	firstRunV0  = "v0-0"
	runPrefixV0 = "v0-"
)

// runOf is the truth about the run that a process names in its outputs, nil when
// there is none. Version 0 has no ids of runs: a later one is the last that the
// action itself asked for while the process lived.
func (h history) runOf(p process) *simulator.RunState {
	outputs := p.outputs()
	if !strings.HasPrefix(outputs["run-id"], runPrefixV0) {
		return h.run(outputs["run-id"])
	}
	i := slices.IndexFunc(h.agents, func(a simulator.AgentState) bool { return a.ID == outputs["agent-id"] })
	if i < 0 {
		return nil
	}
	own := ownRuns(h.agents[i])
	if outputs["run-id"] == firstRunV0 {
		return &own[0]
	}
	for _, run := range slices.Backward(own[1:]) {
		if !run.CreatedAt.After(p.ended) {
			return &run
		}
	}
	return nil
}

// ownRuns are the runs that the action asked for, the launch's first.
func ownRuns(agent simulator.AgentState) []simulator.RunState {
	return slices.DeleteFunc(slices.Clone(agent.Runs), func(run simulator.RunState) bool { return run.Prompt.Text == visitorAsks })
}

// saw is what the process was told about the run that it names, by looking at
// it: only that counts as its end. In version 0 the agent's state is that of its
// latest run, and says nothing of an end that the process asked for itself.
func (h history) saw(p process) []sawRun {
	run := h.runOf(p)
	if run == nil {
		return nil
	}
	var seen []sawRun
	for i := range p.calls {
		c := &p.calls[i]
		if h.plan.version0() && c.op == "cancelRun" {
			break
		}
		if c.op != "getRun" || !c.isAbout(p) {
			continue
		}
		if told, ok := c.tells(); ok && (told.ID == run.ID || h.plan.version0() && h.meant(told, *run)) {
			if begun := h.plan.inputs["pull-request"]; !h.plan.asked("work-on-current-branch") { // It does not count then.
				told.Git.Branches = slices.DeleteFunc(told.Git.Branches, func(b branchSeen) bool { return b.PRURL == begun })
			}
			seen = append(seen, told.sawRun)
		}
	}
	return seen
}

// meant reports whether a state of an agent of version 0 is that of the run, and
// not of one before or after it.
func (h history) meant(told about, run simulator.RunState) bool {
	for _, agent := range h.agents {
		own := ownRuns(agent)
		i := slices.IndexFunc(own, func(r simulator.RunState) bool { return r.ID == run.ID })
		if agent.ID != told.Agent.ID || i < 0 {
			continue
		}
		if i > 0 && (h.plan.scenario.NoConversation || h.forgotten(run)) {
			return false // Nobody can tell.
		}
		from, after := run.StartedAt.Add(h.plan.scenario.Lag), i+1 < len(own) && !told.at.Before(own[i+1].CreatedAt)
		return i == 0 && !after || !run.StartedAt.IsZero() && !told.at.Before(from) && !after
	}
	return false
}

// isAbout reports whether a look is one at the run that a process names.
func (c *call) isAbout(p process) bool {
	outputs := p.outputs()
	id := outputs["run-id"]
	if strings.HasPrefix(id, runPrefixV0) {
		id = outputs["agent-id"]
	}
	return id != "" && strings.HasSuffix(c.path, "/"+id)
}

// someoneElses reports whether an answer is about somebody else's agent.
func (c *call) someoneElses() bool { return bytes.Contains(c.body, []byte(elsesAgent)) }

func TestBothVersionsHaveOneNotionOfARequest(t *testing.T) {
	t.Parallel()
	api := simulator.New(simulator.Config{})
	t.Cleanup(api.Close)
	page := &http.Client{Transport: api.Transport()}
	t.Cleanup(page.CloseIdleConnections)
	const v0, v1 = "/v0/agents", "/v1/agents"
	for _, test := range []struct{ method, path, want string }{
		{"POST", v1, "createAgent"}, {"POST", v0, "createAgent"},
		{"GET", v1, "listAgents"}, {"GET", v0, "listAgents"},
		{"GET", v1 + "/bc-1", "getAgent"},
		{"GET", v1 + "/bc-1/runs", "listRuns"},
		{"GET", v1 + "/bc-1/runs/run-1", "getRun"}, {"GET", v0 + "/bc-1", "getRun"},
		{"GET", v1 + "/bc-1/runs/run-1/stream", "streamRun"},
		{"POST", v1 + "/bc-1/runs", "createRun"}, {"POST", v0 + "/bc-1/followup", "createRun"},
		{"POST", v1 + "/bc-1/runs/run-1/cancel", "cancelRun"}, {"POST", v0 + "/bc-1/stop", "cancelRun"},
		{"DELETE", v1 + "/bc-1", "deleteAgent"}, {"DELETE", v0 + "/bc-1", "deleteAgent"},
		{"GET", v0 + "/bc-1/conversation", "getAgentConversationV0"},
		{"GET", v1 + "/bc-1/usage", "getAgentUsage"},
		{"GET", v1 + "/bc-1/artifacts", "listArtifacts"}, {"GET", v0 + "/bc-1/artifacts", "listArtifacts"},
		{"GET", v1 + "/bc-1/artifacts/download", "downloadArtifact"}, {"GET", v0 + "/bc-1/artifacts/download", "downloadArtifact"},
	} {
		if got := operation(test.method, test.path); got != test.want {
			t.Errorf("%s %s is sent as %q, want %q", test.method, test.path, got, test.want)
		}
		request, err := http.NewRequestWithContext(t.Context(), test.method, "https://api.cursor.com"+test.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := page.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		record := api.Requests()
		op := record[len(record)-1].Op
		if got := notion(op); got != test.want {
			t.Errorf("%s %s is recorded as %s and taken for %q, want %q", test.method, test.path, op, got, test.want)
		}
		if strings.HasSuffix(op, "V0") && op != "deleteAgentV0" && operationV0(test.want) != op {
			t.Errorf("a fault of %s befalls %s, want %s", test.want, operationV0(test.want), op)
		}
	}
}
