// Package campaign_test is the campaign of faults: thousands of drawn stories
// in which the network, the API, the runner and the user do their worst to whole
// processes of the action, on fake time against the embedded Cursor API. That
// knows the truth, and a judge holds what the action did against it.
package campaign_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

var (
	seeds = flag.Int("seeds", 500, "how many stories the campaign tells")
	seed  = flag.Uint64("seed", 0, "tell the story of this seed only, with its time line")
	most  = flag.Int("failures", 5, "how many seeds may fail before the campaign gives up")
	only  = flag.String("command", "", "tell stories of this command only, the seeds being made ones of it")
	into  = flag.String("figures", "", "write the campaign's figures into this Markdown file, between <!-- figures --> and <!-- /figures -->")
)

func TestCampaign(t *testing.T) {
	t.Parallel()
	if *seed != 0 {
		replay(t, *seed)
		return
	}
	var next, failures atomic.Int64
	total := newFigures()
	t.Run("seeds", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint("worker ", worker+1), func(t *testing.T) {
				t.Parallel()
				for {
					n := next.Add(1)
					if n > int64(*seeds) || failures.Load() >= int64(*most) {
						return
					}
					p := drawOf(uint64(n), *only)
					h := play(t, p)
					found := judge(h)
					total.add(h, found)
					if len(found) > 0 {
						failures.Add(1)
						report(t, h, found)
					}
				}
			})
		}
	})
	t.Log(total)
	if unseen := total.unseen(); *only == "" && *seeds >= enoughSeeds && len(unseen) > 0 && !t.Failed() {
		t.Errorf("no story met these: %q", unseen)
	}
	if *into != "" && !t.Failed() {
		if err := total.writeTo(*into); err != nil {
			t.Error(err)
		}
	}
}

// enoughSeeds is how many stories meet everything that can go wrong.
const enoughSeeds = 500

// tellings is how often a story is told until it fails: a seed decides it to
// the nanosecond, but where two things happen at the same one, chance does.
const tellings = 20

// replay tells one story, again if it does not fail, and shows everything about
// it.
func replay(t *testing.T, seed uint64) {
	var h history
	var found []violation
	for range tellings {
		h = play(t, drawOf(seed, *only))
		if found = judge(h); len(found) > 0 {
			break
		}
	}
	t.Logf("seed %d\n%s\n%s", seed, h.plan, h.timeline())
	for _, v := range found {
		t.Errorf("%s", v)
	}
}

// report tells of a seed that failed, with what is left of its schedule when
// everything is taken out that is not needed to fail.
func report(t *testing.T, h history, found []violation) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d:\n", h.plan.seed)
	for _, v := range found {
		fmt.Fprintf(&text, "  %s\n", v)
	}
	small, still := shrink(h.plan, func(p plan) bool { return breaks(judge(play(t, p)), found[0].rule) })
	if still {
		fmt.Fprintf(&text, "fails as well with no more than this:\n%s", small)
	} else {
		fmt.Fprintf(&text, "did not fail again; it hangs on what comes first of two things at the same nanosecond:\n%s", h.plan)
	}
	fmt.Fprintf(&text, "see it: go test ./internal/campaign -run Campaign -v -seed=%d", h.plan.seed)
	if *only != "" {
		fmt.Fprintf(&text, " -command=%s", *only)
	}
	t.Error(text.String())
}
