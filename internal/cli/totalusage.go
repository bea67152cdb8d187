package cli

import "cursor-agent-action/internal/cursor"

// totalUsage is what the agent used in all its runs, whoever began them.
type totalUsage struct {
	usage
	Runs []runUsage `json:"runs"`
}

// runUsage is the part of one run.
type runUsage struct {
	RunID string `json:"runId"`
	usage
}

// maxRuns bounds the runs in result-json; the sum has all of them.
const maxRuns = 100

func newTotalUsage(used cursor.Usage) *totalUsage {
	total := &totalUsage{usage: usageOf(used.Total, used.Cost), Runs: []runUsage{}}
	for _, run := range used.Runs[:min(len(used.Runs), maxRuns)] {
		total.Runs = append(total.Runs, runUsage{cut(run.ID, maxField), usageOf(run.Usage, run.Cost)})
	}
	return total
}

func usageOf(tokens cursor.TokenUsage, cost *cursor.Cost) usage {
	used := usage{
		InputTokens: tokens.InputTokens, OutputTokens: tokens.OutputTokens,
		CacheWriteTokens: tokens.CacheWriteTokens, CacheReadTokens: tokens.CacheReadTokens,
		TotalTokens: tokens.TotalTokens,
	}
	if cost != nil {
		used.CostCents = cost.ChargedCents
	}
	return used
}
