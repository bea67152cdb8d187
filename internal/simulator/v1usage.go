package simulator

import (
	"net/http"
	"time"
)

type v1Usage struct {
	TotalUsage v1Tokens     `json:"totalUsage"`
	Cost       *Cost        `json:"cost,omitempty"`
	Runs       []v1RunUsage `json:"runs"`
}

type v1RunUsage struct {
	ID        string   `json:"id"`
	UsageUUID string   `json:"usageUuid,omitempty"`
	Usage     v1Tokens `json:"usage"`
	Cost      *Cost    `json:"cost,omitempty"`
}

type v1Tokens struct {
	InputTokens      int64 `json:"inputTokens"`
	OutputTokens     int64 `json:"outputTokens"`
	CacheWriteTokens int64 `json:"cacheWriteTokens"`
	CacheReadTokens  int64 `json:"cacheReadTokens"`
	TotalTokens      int64 `json:"totalTokens"`
}

// v1Usage answers what each run of the agent consumed, or the one of the query.
func (s *Server) v1Usage(x *exchange) answer {
	values := x.r.URL.Query()
	return s.withAgent(x, func(a *agent) answer {
		if s.scenario.Account.NoUsage {
			return refuse(http.StatusForbidden, "feature_unavailable",
				"Usage is not enabled for this account.")
		}
		runs := a.runs
		if values.Has("runId") {
			r := a.run(values.Get("runId"))
			if r == nil {
				return refuse(http.StatusNotFound, "run_not_found", "Run not found: %s", values.Get("runId"))
			}
			runs = []*run{r}
		}
		return reply(http.StatusOK, s.v1UsageOf(runs))
	})
}

func (s *Server) v1UsageOf(runs []*run) v1Usage {
	var total Usage
	var usage v1Usage
	for _, r := range runs {
		used := r.consumed(s, time.Now())
		total.Input += used.Input
		total.Output += used.Output
		total.CacheWrite += used.CacheWrite
		total.CacheRead += used.CacheRead
		item := v1RunUsage{ID: r.id, Usage: used.v1()}
		if used != (Usage{}) {
			item.UsageUUID = uuidOf("usage", r.id)
		}
		// What a run costs settles when it ends.
		if cost := r.scenario.Cost; s.config.Newer && cost != nil && r.terminal() {
			item.Cost = cost
			if usage.Cost == nil {
				usage.Cost = &Cost{}
			}
			usage.Cost.Raw += cost.Raw
			usage.Cost.Charged += cost.Charged
		}
		usage.Runs = append(usage.Runs, item)
	}
	usage.TotalUsage = total.v1()
	return usage
}

func (u Usage) v1() v1Tokens {
	return v1Tokens{u.Input, u.Output, u.CacheWrite, u.CacheRead, u.Input + u.Output + u.CacheWrite + u.CacheRead}
}
