package campaign_test

import (
	"encoding/base64"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cursor-agent-action/internal/simulator"
)

// filesAreRead: whatever moment a process ended at, the runner can read what it
// had written.
func filesAreRead(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STATE"} {
			if _, err := readFileCommand(p.files[name]); err != nil {
				breach("%s of the %s: %v", name, p.name(), err)
			}
		}
		summary := p.files["GITHUB_STEP_SUMMARY"]
		if len(summary) > summaryLimit || !utf8.ValidString(summary) {
			breach("the summary of the %s has %d bytes, valid %t", p.name(), len(summary), utf8.ValidString(summary))
		}
		if p.stage == mainStage && !p.killed && summary == "" {
			breach("the %s wrote no summary", p.name())
		}
	}
}

// atOnce is how long after an answer what it says may be missing from the
// files: nothing but the same moment.
const atOnce = time.Millisecond

// idsAreWritten: once a process has read that there is an agent, the files say
// which.
func idsAreWritten(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		state, _ := readFileCommand(p.files["GITHUB_STATE"])
		outputs := p.outputs()
		for _, c := range p.calls {
			// Once there is a correction, that is the run which is told of.
			another := h.plan.inputs["result-schema"] == "" && !strings.Contains(c.path, "/"+outputs["run-id"]+"/")
			if c.op == "streamRun" && (another || !strings.Contains(c.path, "/"+outputs["agent-id"]+"/")) {
				breach("the %s follows %s with the outputs %q and %q", p.name(), c.path, outputs["agent-id"], outputs["run-id"])
				break
			}
			created, ok := c.tells()
			if c.op != "createAgent" || !ok || created.Agent.ID == "" || state["mark"] != "" || !c.readAt.Add(atOnce).Before(p.ended) {
				continue
			}
			if outputs["agent-id"] != created.Agent.ID || outputs["run-id"] != created.Run.ID {
				breach("the %s knew of %s and %s, and ended %s later with the outputs %q and %q", p.name(),
					created.Agent.ID, created.Run.ID, p.ended.Sub(c.readAt), outputs["agent-id"], outputs["run-id"])
			}
			if state["agent-id"] != created.Agent.ID || state["run-id"] != created.Run.ID {
				breach("the %s knew of %s and %s, and ended %s later with the state %v", p.name(),
					created.Agent.ID, created.Run.ID, p.ended.Sub(c.readAt), state)
			}
		}
	}
}

// agentsAreAnnounced: before a process asks for an agent it has written down
// that there may be one, and which: a kill at any later moment leaves enough
// for the cleanup stage to find it.
func agentsAreAnnounced(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if p.stage != mainStage || p.last("createAgent") == nil {
			continue
		}
		state, _ := readFileCommand(p.files["GITHUB_STATE"])
		if stage := state["stage"]; stage != "planned" && stage != "settled" {
			breach("the %s asked for an agent %s after its start with the stage %q in the state", p.name(), p.since(p.last("createAgent").at), stage)
		}
		made := ""
		for _, r := range h.requestsOf(p) {
			if r.Op == "createAgent" && r.AgentID != "" && !r.At.After(p.ended) {
				made = r.AgentID
			}
		}
		// Else the API names the agent, in its answer.
		if made != "" && state["agent-id"] != made && !h.plan.nameless() {
			breach("the %s made agent %s and left the state %v", p.name(), made, state)
		}
	}
}

// logsHoldNoCommand: the only workflow commands in a log are the action's own.
func logsHoldNoCommand(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		for line := range strings.SplitSeq(strings.ReplaceAll(p.log, "\r", "\n"), "\n") {
			command, found := strings.CutPrefix(strings.TrimSpace(line), "::")
			name, _, _ := strings.Cut(command, "::")
			name, _, _ = strings.Cut(name, " ")
			switch name {
			case "add-mask", "debug", "notice", "warning", "error", "group", "endgroup":
				found = false
			}
			if found || strings.Contains(line, "##[") {
				breach("the log of the %s holds %q", p.name(), line)
			}
		}
	}
}

// logsSayItOnce: what an agent said stands in a log once, however often the
// stream brings it, unless its ids were those of other events.
func logsSayItOnce(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		if slices.ContainsFunc(h.requestsOf(p), func(r simulator.Request) bool { return slices.Contains(r.StreamFaults, simulator.StreamRepeatID) }) {
			continue
		}
		for i := range h.plan.scenario.Steps {
			if n := strings.Count(p.log, strings.TrimSpace(stepText(i+1))); n > 1 {
				breach("the log of the %s tells step %d of the agent's work %d times", p.name(), i+1, n)
			}
		}
	}
}

// secretsAreKept: neither the key, in any form, nor the value of a variable
// stands in anything that was written, but in the commands that have them
// masked; nor in what a request says beside its body and the header for it.
func secretsAreKept(h history, breach func(string, ...any)) {
	for _, p := range h.processes {
		var shown strings.Builder
		for line := range strings.Lines(p.log) {
			if !strings.HasPrefix(line, "::add-mask::") {
				shown.WriteString(line)
			}
		}
		texts := map[string]string{"log": shown.String()}
		maps.Copy(texts, p.files)
		for name, text := range p.others {
			texts["file "+name] = name + "\n" + text
		}
		for _, r := range h.requestsOf(p) {
			texts["requests"] += strings.Join([]string{r.Path, r.Query, r.UserAgent, r.IdempotencyKey, r.LastEventID}, "\n") + "\n"
		}
		for _, c := range p.asked {
			texts["requests to GitHub"] += c.path + "\n" + string(c.sent) + "\n"
		}
		for name, text := range texts {
			if slices.ContainsFunc(keyForms(), func(form string) bool { return strings.Contains(text, form) }) {
				breach("the key stands in the %s of the %s", name, p.name())
			}
			if h.plan.inputs["env-vars"] != "" && strings.Contains(text, envValue) {
				breach("the value of a variable stands in the %s of the %s", name, p.name())
			}
		}
	}
}

// keyForms are the key as it is, and as headers and dumps have it.
func keyForms() []string {
	return []string{
		githubToken, apiKey, hex.EncodeToString([]byte(apiKey)),
		base64.RawStdEncoding.EncodeToString([]byte(apiKey)), base64.StdEncoding.EncodeToString([]byte(apiKey + ":")),
	}
}
