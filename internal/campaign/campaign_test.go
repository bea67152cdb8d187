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
	times = flag.Int("times", 1, "with -seed: how often to tell it, because the action's own jitter is not drawn from the seed")
)

func TestCampaign(t *testing.T) {
	t.Parallel()
	if *seed != 0 {
		for range *times {
			if replay(t, *seed); t.Failed() {
				break
			}
		}
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
					p := draw(uint64(n))
					h := play(t, p)
					total.add(h)
					if found := judge(h); len(found) > 0 {
						failures.Add(1)
						report(t, h, found)
					}
				}
			})
		}
	})
	t.Log(total)
}

// replay tells one story and shows everything about it.
func replay(t *testing.T, seed uint64) {
	h := play(t, draw(seed))
	t.Logf("seed %d\n%s\n%s", seed, h.plan, h.timeline())
	for _, v := range judge(h) {
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
		fmt.Fprintf(&text, "did not fail again; it hangs on the action's own jitter:\n%s", h.plan)
	}
	fmt.Fprintf(&text, "see it: go test ./internal/campaign -run Campaign -v -seed=%d -times=20", h.plan.seed)
	t.Error(text.String())
}
