package cursor

import (
	"context"
	"net/url"
)

// Usage is what an agent has used.
type Usage struct {
	Total TokenUsage `json:"totalUsage"` // of the runs listed
	Cost  *Cost      `json:"cost"`       // nil when the API does not say
	Runs  []RunUsage `json:"runs"`
}

// RunUsage is the part of one run. It is zero until the API has recorded it.
type RunUsage struct {
	ID    string     `json:"id"`
	Usage TokenUsage `json:"usage"`
	Cost  *Cost      `json:"cost"`
}

// TokenUsage counts tokens. TotalTokens is the sum of the others.
type TokenUsage struct {
	InputTokens      int64 `json:"inputTokens"`
	OutputTokens     int64 `json:"outputTokens"`
	CacheWriteTokens int64 `json:"cacheWriteTokens"`
	CacheReadTokens  int64 `json:"cacheReadTokens"`
	TotalTokens      int64 `json:"totalTokens"`
}

// Cost is in US cents. It settles shortly after a run has ended, and is not
// part of the documented contract: each number may be nil.
type Cost struct {
	RawCents     *float64 `json:"rawCostCents"`
	ChargedCents *float64 `json:"chargedCents"` // 0 for what a plan includes
}

// usageAnswer tells an answer without numbers from one that says zero.
type usageAnswer struct {
	Total *TokenUsage `json:"totalUsage"`
	Cost  *Cost       `json:"cost"`
	Runs  []RunUsage  `json:"runs"`
}

func (u usageAnswer) lacks() string {
	if u.Total == nil {
		return "totalUsage"
	}
	return ""
}

// Usage returns the usage of an agent, of all its runs when runID is "".
// CodeFeatureUnavailable says that the account has no such feature.
func (c *Client) Usage(ctx context.Context, agentID, runID string) (Usage, error) {
	const op = "get usage"
	at, err := path(op, "v1", "agents", agentID, "usage")
	if err != nil {
		return Usage{}, err
	}
	var query url.Values
	if runID != "" {
		query = url.Values{"runId": {runID}}
	}
	got, _, err := fetch[usageAnswer](ctx, c, get(op, at, query))
	if err != nil {
		return Usage{}, err
	}
	return Usage{Total: *got.Total, Cost: got.Cost, Runs: got.Runs}, nil
}
