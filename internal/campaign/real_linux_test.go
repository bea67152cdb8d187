package campaign_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

var reals = flag.Int("real", 150, "how many stories of real processes to tell, spread evenly over all there are; 0 tells all")

// TestRealProcesses tells stories in which nothing is faked but the API: the
// built program, its own processes, real sockets, files, signals and time.
func TestRealProcesses(t *testing.T) {
	t.Parallel()
	binary := buildReal(t)
	reference := realStory{name: "nothing strikes", attempts: []realAttempt{{trace: &trace{}, cleanup: true, handsOn: true}, {}}}
	h, wrong := tellReal(t, binary, reference)
	if len(wrong) > 0 {
		t.Fatal(reference.told(h, wrong))
	}
	stories := slices.Concat(twiceStories(), overdueStories(), deafStories(), mainStories(), rerunStories(), cleanupStories(),
		callStories(reference.attempts[0].trace.places))
	if n := len(stories); *reals > 0 && *reals < n {
		for i := range *reals {
			stories[i] = stories[i*n / *reals]
		}
		stories = stories[:*reals]
	} else {
		stories = append(patientStories(), stories...) // the longest first
	}
	t.Logf("%d stories", len(stories))
	tellAll(t, binary, stories)
}

// realAtOnce is how many stories are told at once: they wait for the most part.
const realAtOnce = 32

func tellAll(t *testing.T, binary string, stories []realStory) {
	todo := make(chan realStory)
	var tellers sync.WaitGroup
	for range realAtOnce {
		tellers.Go(func() {
			for s := range todo {
				t.Run(s.name, func(t *testing.T) {
					if h, wrong := tellReal(t, binary, s); len(wrong) > 0 {
						t.Error(s.told(h, wrong))
					}
				})
			}
		})
	}
	for _, s := range stories {
		todo <- s
	}
	close(todo)
	tellers.Wait()
}

// buildReal builds the program as the image holds it.
func buildReal(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "cursor-agent-action")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "cursor-agent-action")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return binary
}
