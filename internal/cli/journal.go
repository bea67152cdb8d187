package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
)

// journal is the step's log: it tells a person what happens while it happens.
type journal struct {
	runner audience
	level  logLevel
	began  time.Time
	words  words
	tool   string // what the agent does right now, for quiet times
	page   string // where to read about the agent
	quoted int    // bytes of the agent's words that were logged
	unread bool   // it was told that max-tokens is not watched

	mu      sync.Mutex
	trouble time.Time // when the API's trouble was told last
}

// troubleEvery is how often the log tells of an outage that goes on: each
// failed look for an hour would bury what matters.
const troubleEvery = 5 * time.Minute

// tellsTrouble reports whether it is time to tell of it again.
func (j *journal) tellsTrouble() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.trouble.IsZero() && time.Since(j.trouble) < troubleEvery {
		return false
	}
	j.trouble = time.Now()
	return true
}

// agentText stands before each line that the agent wrote, so that nobody takes
// it for a line of ours.
const agentText = "  | "

// toolText stands before each tool call.
const toolText = "  > "

// maxWordsOfAgent bounds what the log holds of the agent's words, in bytes: a
// stream that talks without end would fill the runner's disk.
const maxWordsOfAgent = 32 << 20

// quote writes what the agent said or did, while there is room for it.
func (j *journal) quote(prefix, text string) {
	if j.quoted >= maxWordsOfAgent {
		return
	}
	if j.quoted += j.runner.Block(prefix, text); j.quoted >= maxWordsOfAgent {
		j.runner.Info(fmt.Sprintf("The log holds %d MiB of what the agent said and did, and takes no more of it: see %s for the rest", maxWordsOfAgent>>20, j.page))
	}
}

// observe writes one update.
func (j *journal) observe(update agent.Update) {
	switch update := update.(type) {
	case agent.Found:
		j.found(update)
	case agent.Started:
		j.page = where(update.Handle)
		j.runner.Info(fmt.Sprintf("Agent %s is %s: %s", update.AgentID, update.Status, j.page))
	case agent.Busy:
		line := fmt.Sprintf("Run %s keeps the agent busy; waiting for its end", update.RunID)
		if update.Cancelled {
			line = fmt.Sprintf("Run %s keeps the agent busy; cancelling it, as %s asks", update.RunID, j.words.input("on-busy"))
		}
		j.runner.Info(line)
	case agent.Unarchived:
		j.runner.Info("The agent is archived; unarchiving it")
	case agent.StatusChanged:
		j.runner.Info(fmt.Sprintf("%s after %s", update.Status, j.elapsed()))
	case agent.Said:
		if j.level == logFull {
			j.quote(agentText, update.Text)
		}
	case agent.ToolStarted:
		j.tool = toolName(update.Name, update.Subject)
	case agent.ToolEnded:
		j.tool = ""
		if j.level != logQuiet {
			j.quote(toolText, toolLine(update))
		}
	case agent.Quiet:
		line := fmt.Sprintf("Still %s after %s; nothing heard for %s", update.Status, j.elapsed(), spell(update.For))
		if j.tool != "" {
			line += " (last: " + j.tool + ")"
		}
		j.runner.Info(line)
	case agent.StreamAway:
		line := "The event stream is away; looking at the run from time to time instead"
		if update.Gone {
			line = "The event stream is gone for good; looking at the run from time to time instead"
		}
		if update.Err != nil {
			line += ": " + oneLine(update.Err)
		}
		j.runner.Info(line)
	case agent.StreamBack:
		j.runner.Info("The event stream is back")
	case agent.LookFailed:
		line := "Looking at the run failed and will be repeated: " + oneLine(update.Err)
		if !j.tellsTrouble() {
			j.runner.Debug(line)
			return
		}
		j.runner.Info(line)
	case agent.Uncounted:
		line := j.words.input("max-tokens") + ": what the run used can't be read, and will be looked for every minute: " + brief(update.Err)
		if update.Gone {
			if j.unread {
				return // The run is a correction of the one that this was told of.
			}
			j.unread = true
			line = j.words.input("max-tokens") + " is not watched: the API does not tell the key's account what a run used"
		}
		j.runner.Warning(line)
	case agent.AwaitingPullRequest:
		j.runner.Debug("waiting for the pull request, " + spell(update.Remaining) + " more")
	}
}

// found tells what is done about an agent that exists already.
func (j *journal) found(update agent.Found) {
	switch {
	case update.Passed && update.RunID == "":
		j.runner.Info(fmt.Sprintf("Agent %s of an earlier attempt is gone; %s", update.AgentID, j.words.passing))
	case update.Passed:
		j.runner.Info(fmt.Sprintf("%s of an earlier attempt ended as %s; %s", j.words.piece(update.Handle), update.Status, j.words.passing))
	default:
		j.runner.Info(j.words.taking)
	}
}

// retry tells of a request that is to be repeated, where that costs time; what
// is over in a moment is nobody's business.
func (j *journal) retry(retry cursor.Retry) {
	const worthTelling = 3 * time.Second
	line := "Trying again in " + spell(retry.Wait)
	if retry.Lost >= worthTelling {
		line += ", after an attempt of " + spell(retry.Lost)
	}
	line += ": " + retry.Err.Error()
	if retry.Wait+retry.Lost < worthTelling || !j.tellsTrouble() {
		j.runner.Debug(line)
		return
	}
	j.runner.Info(line)
}

// attempt tells of each request where debug logging is on: no header, no body,
// no query. A read that net/http itself sends again, because the connection that
// it had kept was dead, is one.
func (j *journal) attempt(attempt cursor.Attempt) {
	answer := "no answer"
	if attempt.Status != 0 {
		answer = strconv.Itoa(attempt.Status)
	}
	notes := fmt.Sprintf("attempt %d", attempt.Number)
	if attempt.RequestID != "" {
		notes += ", request " + attempt.RequestID
	}
	line := []string{attempt.Method + " " + attempt.Path, fmt.Sprintf("%s in %s (%s)", answer, attempt.Duration.Round(time.Millisecond), notes)}
	if failed, ok := errors.AsType[*cursor.Error](attempt.Err); ok {
		line = append(line, string(failed.Code), failed.Message)
	}
	line = slices.DeleteFunc(line, func(part string) bool { return part == "" })
	j.runner.Debug(strings.Join(line, ": "))
}

func (j *journal) elapsed() string { return spell(time.Since(j.began)) }

func toolLine(ended agent.ToolEnded) string {
	line := toolName(ended.Name, ended.Subject)
	if ended.Duration > 0 {
		line += " (" + spell(ended.Duration) + ")"
	}
	if ended.Failed {
		line += " failed"
	}
	return line
}

func toolName(name, subject string) string {
	if subject == "" {
		return name
	}
	return name + " " + subject
}

// spell writes a length of time as people read it: 0.4s, 12s, 3m12s, 1h5m.
func spell(d time.Duration) string {
	// Rounded first, so that 59.7s is 1m0s and not 60s.
	second, minute := d.Round(time.Second), d.Round(time.Minute)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case second < time.Minute:
		return fmt.Sprintf("%ds", int(second.Seconds()))
	case second < time.Hour:
		return fmt.Sprintf("%dm%ds", int(second.Minutes()), int(second.Seconds())%60)
	}
	return fmt.Sprintf("%dh%dm", int(minute.Hours()), int(minute.Minutes())%60)
}
