package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"cursor-agent-action/internal/actions"
	"cursor-agent-action/internal/forge"
	"cursor-agent-action/internal/report"
)

// limits keep agents and workflows from going round in circles on a pull
// request. 0 is no limit.
type limits struct {
	perPR, consecutive int
	cooldown           time.Duration
}

func (l limits) set() bool { return l != limits{} }

// The reasons of limits.
const (
	skipTooMany     forge.SkipReason = "too-many-runs"
	skipConsecutive forge.SkipReason = "too-many-in-a-row"
	skipCooldown    forge.SkipReason = "cooldown"
	skipUncounted   forge.SkipReason = "runs-unknown"
)

// readLimits reads the inputs against loops.
func readLimits(in *actions.Inputs) limits {
	return limits{
		perPR: readCount(in, "max-agents-per-pr"), consecutive: readCount(in, "max-consecutive"),
		cooldown: in.Duration("cooldown", 0, time.Second, 30*24*time.Hour),
	}
}

// readCount reads a number of things; 0 where it is not set.
func readCount(in *actions.Inputs, name string) int {
	if !in.Set(name) {
		return 0
	}
	n, err := strconv.Atoi(in.Text(name))
	if err != nil || n < 1 {
		in.Problem(name, strconv.Quote(in.Text(name))+" is not a number of at least 1: write for example 3, or leave it out for any number")
	}
	return n
}

// withinLimits counts what the action's agents have done on the pull requests
// already. Where that is not known nothing is launched: a limit that fails open
// is none.
func (s *step) withinLimits(ctx context.Context, hub *forge.GitHub) *skip {
	if !s.limits.set() {
		return nil
	}
	may := map[string]bool{}
	for _, at := range s.limited() {
		begun, err := s.agents.Tally(ctx, at.URL(), s.runner.Context().Repository)
		if err != nil {
			return &skip{skipUncounted, fmt.Sprintf("max-agents-per-pr, max-consecutive and cooldown can't be held, since the runs there are not known: %s; run the job again", oneLine(err))}
		}
		why := s.overLimit(ctx, hub, at, begun, may)
		if why == nil {
			continue
		}
		if why.reason != skipUncounted && why.reason != skipCooldown {
			s.sayOnce(ctx, hub, at, why)
		}
		return why
	}
	return nil
}

// limited are the pull requests that limits count on: the one that is worked on,
// or all that have the event's commit. Anybody may open another one from a branch.
func (s *step) limited() []forge.PullRequest {
	if s.pullRequest != "" {
		if named, err := forge.ParsePullRequest(s.pullRequest, s.repository); err == nil {
			return []forge.PullRequest{named}
		}
	}
	if s.decision.PullRequest != nil {
		return []forge.PullRequest{*s.decision.PullRequest}
	}
	var found []forge.PullRequest
	for _, number := range s.event.PullRequests() {
		found = append(found, forge.PullRequest{Repository: s.event.Repository, Number: number})
	}
	return found
}

// overLimit holds the runs that were begun, the newest first, against the limits.
// may is what is known of accounts.
func (s *step) overLimit(ctx context.Context, hub *forge.GitHub, at forge.PullRequest, begun []time.Time, may map[string]bool) *skip {
	if most := s.limits.perPR; most > 0 && len(begun) >= most {
		return &skip{skipTooMany, fmt.Sprintf("pull request %d has had %s of this action's agents, and max-agents-per-pr allows %d: raise it, or go on by hand", at.Number, plural(len(begun), "run"), most)}
	}
	if wait := s.limits.cooldown; wait > 0 && len(begun) > 0 {
		if ago := time.Since(begun[0]); ago < wait {
			return &skip{skipCooldown, fmt.Sprintf("the last run on pull request %d began %s ago, and cooldown asks for %s: this event launches nothing later either, so trigger it again in %s", at.Number, spell(max(ago, 0)), spell(wait), spell(max(wait-ago, time.Second)))}
		}
	}
	most := s.limits.consecutive
	if most == 0 || len(begun) < most {
		return nil
	}
	if hub == nil {
		return &skip{skipUncounted, "max-consecutive can't be held, since without github-token nobody knows when a person was there: leave it at its default, ${{ github.token }}"}
	}
	acts, err := hub.HumanActs(ctx, at.Repository.Path, at.Number, begun[most-1])
	if err != nil {
		return &skip{skipUncounted, "max-consecutive can't be held, since it is not known when a person was there: " + refusedAdvice(err, "pull-requests: read")}
	}
	there, unknown := s.someoneCounts(ctx, hub, acts, may)
	if there || unknown != nil {
		return unknown
	}
	return &skip{skipConsecutive, fmt.Sprintf("pull request %d has had %s of this action's agents in a row without %s in between, and max-consecutive allows %d: comment, review or push to begin anew", at.Number, plural(most, "run"), whoCounts(s.gate.Renewing()), most)}
}

// mostAsked is how many people are asked about for one event.
const mostAsked = 10

// someoneCounts reports whether one of the acts begins max-consecutive anew: that
// of somebody who might have started an agent as well. A stranger's word costs
// nothing, and would keep a loop going for ever.
func (s *step) someoneCounts(ctx context.Context, hub *forge.GitHub, acts []forge.HumanAct, may map[string]bool) (bool, *skip) {
	needed := s.gate.Renewing()
	for _, act := range acts {
		if needed == forge.PermissionNone || act.Pushed && needed <= forge.PermissionWrite {
			return true, nil
		}
		if act.Login == "" {
			continue
		}
		if _, asked := may[act.Login]; !asked {
			if len(may) == mostAsked {
				return false, &skip{skipUncounted, fmt.Sprintf("max-consecutive can't be held, since more people were there than the %d who are asked about, and none of those has the permission %s: whoever has it may run the job again", mostAsked, needed)}
			}
			has, err := hub.Permission(ctx, s.runner.Context().Repository, act.Login)
			if refused, ok := errors.AsType[*forge.GitHubError](err); ok && refused.Status == http.StatusNotFound {
				has, err = forge.PermissionNone, nil // Who left counts no more.
			}
			if err != nil {
				return false, &skip{skipUncounted, "max-consecutive can't be held, since it is not known whether somebody was there who counts: " + refusedAdvice(err, "")}
			}
			may[act.Login] = has >= needed
		}
		if may[act.Login] {
			return true, nil
		}
	}
	return false, nil
}

func whoCounts(needed forge.Permission) string {
	if needed == forge.PermissionNone {
		return "a person"
	}
	return fmt.Sprintf("somebody with the permission %s", needed)
}

// refusedAdvice is what GitHub did not answer, and what to do about it.
func refusedAdvice(err error, permission string) string {
	next := "run the job again"
	if refused, ok := errors.AsType[*forge.GitHubError](err); ok {
		next = refused.Advice(permission)
	}
	return oneLine(err) + "; " + next
}

// sayOnce tells people on the pull request why nothing happens any more.
func (s *step) sayOnce(ctx context.Context, hub *forge.GitHub, at forge.PullRequest, why *skip) {
	if hub == nil {
		return
	}
	path := at.Repository.Path
	marker := forge.MarkerLine("limit-" + string(why.reason) + "-" + s.stepKey())
	author, err := hub.Viewer(ctx)
	var said forge.Posted
	if err == nil {
		said, err = hub.FindComment(ctx, path, at.Number, marker, author)
	}
	if err == nil && said == (forge.Posted{}) {
		_, err = hub.CreateComment(ctx, path, at.Number, marker+"\n\n"+report.Limit(s.runner.Redact(why.text)))
	}
	if err == nil {
		return
	}
	text := "The limit could not be told on the pull request: " + oneLine(err)
	if forbidden(err) {
		s.runner.Info(text + "; " + grantAdvice(err, "pull-requests")) // Who does not grant it need not want it.
		return
	}
	s.runner.Warning(text)
}
