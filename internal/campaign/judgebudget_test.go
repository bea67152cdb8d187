package campaign_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cursor-agent-action/internal/simulator"
)

// What a step says about its limit of tokens.
const (
	saysOver     = "The run used %d tokens, more than max-tokens allows: ending it"
	saysOverLast = "tokens, and max-tokens is "
	saysBlind    = "::warning::max-tokens is not watched"
)

// endsWithin is how soon a step acts on what it was told.
const endsWithin = 5 * time.Second

// budgetsAreKept: a run is ended for its tokens when the API has said that it
// used too many, and then it is; an account that is not told its usage is warned
// of that once.
func budgetsAreKept(h history, breach func(string, ...any)) {
	limit := h.plan.budget()
	for _, p := range h.processes {
		if p.stage != mainStage {
			continue
		}
		var all, over []used // over: those that are too much, of a live run
		refused := false     // while there was a limit to watch
		run := h.runOf(p)
		for i := range p.calls {
			c := &p.calls[i]
			if c.op != "getAgentUsage" || !c.whole() || limit == 0 {
				continue
			}
			watched := !h.ending(p, c.readAt) && c.readAt.Add(atOnce).Before(p.ended)
			refused = refused || watched && c.status == http.StatusForbidden && strings.Contains(string(c.body), "feature_unavailable")
			tokens, ok := h.counted(c)
			if ok {
				all = append(all, used{tokens, c.readAt})
			}
			if ok && watched && tokens > limit {
				over = append(over, used{tokens, c.readAt})
			}
		}
		for line := range strings.Lines(p.log) {
			var tokens int64
			if _, err := fmt.Sscanf(strings.TrimSpace(line), saysOver, &tokens); err != nil {
				continue
			}
			if !slices.ContainsFunc(all, func(u used) bool { return u.tokens == tokens && tokens > limit }) {
				breach("the %s ended its run for %d tokens of %d, which the API did not say of it", p.name(), tokens, limit)
			}
		}
		if n := strings.Count(p.log, saysBlind); n > 1 || n == 0 && refused && !strings.Contains(p.log, "::warning::max-tokens: ") {
			breach("the %s warned %d times that the limit of tokens is not watched, and was refused the usage: %t", p.name(), n, refused)
		}
		if len(over) == 0 || run == nil || p.last("cancelRun") != nil {
			continue
		}
		first := over[0]
		if !run.EndedAt.IsZero() && run.EndedAt.Before(first.at.Add(endsWithin+h.plan.scenario.Lag)) || p.ended.Before(first.at.Add(endsWithin)) {
			continue
		}
		breach("the %s was told of %d tokens of %d %s after its start, and went on", p.name(), first.tokens, limit, p.since(first.at))
	}
}

// used is what the API said that a run used.
type used struct {
	tokens int64
	at     time.Time
}

// counted is what an answer says about the runs that a step's limit is for: the
// one that was live, and the one that it corrects.
func (h history) counted(c *call) (tokens int64, ok bool) {
	var usage struct {
		Runs []struct {
			ID    string
			Usage struct{ TotalTokens int64 }
		}
	}
	if !c.told() || json.Unmarshal(c.body, &usage) != nil {
		return 0, false
	}
	for _, agent := range h.agents {
		own := slices.DeleteFunc(ownRuns(agent), func(r simulator.RunState) bool { return r.CreatedAt.After(c.readAt) })
		for i, run := range own {
			if i > 0 && i < len(own)-1 {
				continue // An earlier correction, which ended badly.
			}
			for _, told := range usage.Runs {
				if told.ID == run.ID {
					tokens += told.Usage.TotalTokens
				}
			}
		}
	}
	return tokens, true
}

// ending reports whether at that moment a process was reading the usage only to
// tell it: its run was over, or it had been told to end.
func (h history) ending(p process, at time.Time) bool {
	if !p.signalled.IsZero() && !at.Before(p.signalled) || !at.Before(p.began.Add(h.plan.timeout())) {
		return true
	}
	live := false
	for _, agent := range h.agents {
		for _, run := range ownRuns(agent) {
			live = live || !run.CreatedAt.After(at) && (run.EndedAt.IsZero() || run.EndedAt.After(at))
		}
	}
	return !live
}

// goesOnOverBudget reports whether a process says of a run that it used too
// much, and goes on because the API does not let it be ended.
func (h history) goesOnOverBudget(p process) bool {
	outputs := p.outputs()
	if live := outputs["status"] == "RUNNING" || outputs["status"] == "CREATING"; !live || !strings.Contains(p.log, saysOverLast) {
		return false
	}
	stop := p.last("cancelRun")
	return stop != nil && slices.ContainsFunc(h.sawAll(p), func(s sawRun) bool { return !s.ended() && s.Status != "CANCELLED" })
}

// sawAll is what a process was told about its run since it began to end it.
func (h history) sawAll(p process) []sawRun {
	from := slices.IndexFunc(p.calls, func(c call) bool { return c.op == "cancelRun" })
	return slices.DeleteFunc(h.saw(p), func(s sawRun) bool { return from < 0 || s.at.Before(p.calls[from].at) })
}

// overspent reports whether the runs used more than they may.
func (p plan) overspent(own []simulator.RunState) bool {
	if p.budget() == 0 || p.scenario.Account.NoUsage {
		return false
	}
	total := func(u simulator.Usage) int64 { return u.Input + u.Output + u.CacheRead + u.CacheWrite }
	tokens := total(p.scenario.Usage)
	if len(own) > 1 {
		tokens += total(p.scenario.Variants[0].Usage)
	}
	return tokens > p.budget()
}
