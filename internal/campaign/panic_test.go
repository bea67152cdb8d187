package campaign_test

import (
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TestMain has a panic name the seeds of the stories that were being told: on
// the program's main goroutine a panic is a breach like others, but on another
// one nothing can catch it. The goroutines of a story carry its seed as a label.
func TestMain(m *testing.M) {
	debug.SetTraceback("all")
	if err := os.Setenv("GODEBUG", strings.TrimPrefix(os.Getenv("GODEBUG")+",tracebacklabels=1", ",")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// panicking is the variable that makes this test's own child panic.
const panicking = "CAMPAIGN_TEST_PANICS"

func TestAPanicOfAnyGoroutineNamesItsSeed(t *testing.T) {
	t.Parallel()
	if os.Getenv(panicking) != "" {
		play(t, plan{seed: 4711, attempts: []attempt{{}}, visits: []visit{{after: time.Second, deed: "panics"}}})
		return
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), binary, "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), panicking+"=1")
	text, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(text), "panic: nobody panics") || !strings.Contains(string(text), `labels:{"seed": "4711"}`) {
		t.Errorf("the child ended with %v and says:\n%s", err, text)
	}
}
