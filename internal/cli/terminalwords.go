package cli

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/doctor"
)

// terminalWords are the words of an errand as they are at a terminal, about the
// agent of that id; "" is one whose id is not known yet.
func terminalWords(w words, id string, detaches bool) words {
	id = cmp.Or(id, "AGENT")
	w.again = "watch it with cursor-agent-action watch " + id + ", or end it with cursor-agent-action cancel " + id
	w.anew = "ask for it again with cursor-agent-action follow-up " + id + " or run"
	w.same = "see cursor-agent-action show " + id
	w.better = "or say more of it in the prompt, and launch a new agent with cursor-agent-action run"
	w.place = place{
		interrupted: "detached",
		elsewhere:   "not by this command",
		endIt:       "end it with cursor-agent-action cancel " + id,
		rerun:       "run the command again",
		names:       doctor.TerminalNames(),
		doctor:      "; see cursor-agent-action doctor",
		machine:     "this machine's",
		fewer:       "ask for less at once, or run the command again later",
		sendAnyway:  "send it again if it is not there",
		tellAnyway:  "tell the agent yourself with cursor-agent-action follow-up " + id + " if it is not there",
	}
	if !detaches {
		w.place.interrupted = "interrupted"
	}
	return w
}

// inputWord is an input in a sentence of ours: a word of several, or any with a
// value that is no text.
var inputWord = regexp.MustCompile(`\b([a-z]+(?:-[a-z]+)*)(?:: (true|false|v[01]|launch|current))?\b`)

// inFlags is a sentence about inputs in the words of a terminal: with the command's
// flags in the place of the inputs of their names. What stands in quotes is
// somebody's own.
func (c *console) inFlags(text string) string {
	parts := strings.Split(text, `"`)
	for i := 0; i < len(parts); i += 2 {
		parts[i] = inputWord.ReplaceAllStringFunc(parts[i], func(word string) string {
			name, value, valued := strings.Cut(word, ": ")
			isFlag := slices.ContainsFunc(c.command.flags, func(o option) bool { return o.name == name })
			switch {
			case !isFlag || !valued && !strings.Contains(name, "-"):
				return word
			case valued:
				return doctor.TerminalNames().Setting(name, value)
			}
			return doctor.TerminalNames().Input(name)
		})
	}
	return strings.Join(parts, `"`)
}

// terminalAdvice is the next step where what a person named is not there or can't
// be used, "" for other errors.
func terminalAdvice(err error) string {
	switch {
	case errors.Is(err, agent.ErrNoAgent):
		return "launch one with cursor-agent-action run --pull-request"
	case errors.Is(err, errOtherRepository):
		return "name another agent, or leave --repo out"
	case errors.Is(err, cursor.CodeAgentNotFound):
		return "check the agent's id: the key's account has no such agent, or it was deleted; cursor-agent-action list shows those that it has"
	case errors.Is(err, cursor.CodeRunNotFound):
		return "check --run-id, or leave it out for the agent's latest run"
	case errors.Is(err, cursor.CodeAgentBusy):
		return "set --on-busy to wait or cancel, or run the command again when the agent's run has ended"
	}
	return ""
}
