package campaign_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

var reals = flag.Int("real", 150, "how many stories of real processes to tell, spread evenly over all there are; 0 tells all")

// TestRealProcesses tells stories in which nothing is faked but the API: the
// built program, its own processes, real sockets, files, signals and time.
func TestRealProcesses(t *testing.T) {
	t.Parallel()
	binary := buildReal(t)
	reference := realStory{attempts: []realAttempt{{trace: &trace{}, cleanup: true, handsOn: true}, {}}, missed: new(atomic.Int64)}
	h, wrong := tellReal(t, binary, reference)
	if len(wrong) > 0 {
		t.Fatalf("when nothing strikes:\n%s", reference.told(h, wrong))
	}
	// The longest come first, and those without which a few would prove little.
	core := slices.Concat(heldStories(), deafStories(), followUpStories(), mainStories("createAgent"))
	others := slices.Concat(overdueStories(), twiceStories(), mainStories(), rerunStories(), cleanupStories(),
		callStories(reference.attempts[0].trace.places))
	if n := *reals - len(core); *reals == 0 {
		core = append(patientStories(), core...)
	} else if all := len(others); n < all {
		for i := range max(0, n) {
			others[i] = others[i*all/n]
		}
		others = others[:max(0, n)]
	}
	stories := append(core, others...)
	t.Logf("%d stories", len(stories))
	tellAll(t, binary, stories)
}

// realAtOnce is how many stories are told at once: they wait for the most part.
const realAtOnce = 40

func tellAll(t *testing.T, binary string, stories []realStory) {
	t.Helper()
	todo := make(chan realStory)
	var missed atomic.Int64
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
		s.missed = &missed
		todo <- s
	}
	close(todo)
	tellers.Wait()
	// On a busy machine an agent may end before a stage comes that was to be
	// struck while ending it, and two changes may be told as one.
	if n := missed.Load(); n > 3+int64(len(stories)/20) {
		t.Errorf("%d of %d stories never came to the place where they were to be struck: the places are gone, or the machine is far too busy", n, len(stories))
	}
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
