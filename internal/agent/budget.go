package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cursor-agent-action/internal/cursor"
)

// Budget is what a run may use. The zero value is no limit.
type Budget struct {
	Tokens int64 // of all kinds; 0 is no limit
	// Earlier are runs of the same agent whose tokens count as well.
	Earlier []string
}

// OverBudget says that a run used more than its budget.
type OverBudget struct{ Used, Limit int64 }

func (e *OverBudget) Error() string {
	return fmt.Sprintf("the run used %d tokens of %d", e.Used, e.Limit)
}

const (
	// maxCount and minCount bound the wait between two looks at the usage: the
	// API allows some twenty a minute to all waiters of an account, and counts
	// with a delay of its own.
	maxCount = time.Minute
	minCount = 15 * time.Second
)

// meter counts the tokens of a run that has a budget. Without one nothing is
// ever due.
type meter struct {
	budget  Budget
	runs    map[string]bool // that count
	due     <-chan time.Time
	counted chan counted
	last    int64     // tokens at the last count
	at      time.Time // when that was, or when counting began
	told    bool      // that they can't be counted
}

// counted is what one look at the usage gave.
type counted struct {
	usage cursor.Usage
	err   error
}

func newMeter(budget Budget, runID string) meter {
	m := meter{budget: budget, runs: map[string]bool{runID: true}, counted: make(chan counted, 1), at: time.Now()}
	for _, id := range budget.Earlier {
		m.runs[id] = true
	}
	if budget.Tokens > 0 {
		m.due = time.After(minCount)
	}
	return m
}

// startCount asks for the usage on a goroutine of its own: the run is followed
// meanwhile.
func (f *follower) startCount(ctx context.Context) {
	agentID := f.run.AgentID
	go func() {
		ctx, cancel := context.WithTimeoutCause(ctx, maxCount, noAnswer(maxCount))
		defer cancel()
		usage, err := f.agents.client.Usage(ctx, agentID, "")
		f.meter.counted <- counted{usage, err}
	}()
}

// count takes what a look at the usage gave, and returns an *OverBudget when it
// is too much.
func (f *follower) count(seen counted) error {
	if seen.err != nil {
		gone := errors.Is(seen.err, cursor.CodeFeatureUnavailable)
		if !f.meter.told {
			f.meter.told = true
			f.agents.observe(Uncounted{Err: seen.err, Gone: gone})
		}
		if !gone {
			f.meter.due = time.After(maxCount)
		}
		return nil
	}
	var used int64
	if len(seen.usage.Runs) == 0 {
		used = seen.usage.Total.TotalTokens
	}
	for _, run := range seen.usage.Runs {
		if f.meter.runs[run.ID] {
			used += run.Usage.TotalTokens
		}
	}
	if used > f.meter.budget.Tokens {
		return &OverBudget{Used: used, Limit: f.meter.budget.Tokens}
	}
	f.meter.due = time.After(f.meter.next(used, time.Now()))
	return nil
}

// next is the wait until the next count: half of the time after which the run
// is over its budget if it goes on as it did since the last one.
func (m *meter) next(used int64, now time.Time) time.Duration {
	grown, took := used-m.last, now.Sub(m.at)
	m.last, m.at = used, now
	if grown <= 0 {
		return maxCount
	}
	left := float64(m.budget.Tokens-used) / float64(grown) * float64(took)
	return time.Duration(min(max(left/2, float64(minCount)), float64(maxCount)))
}
