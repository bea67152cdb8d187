package campaign_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"cursor-agent-action/internal/cli"
)

// stage is which of the image's two programs a process is.
type stage string

const (
	mainStage    stage = "main"
	cleanupStage stage = "cleanup"
)

// process is one process of the action, and what is left of it.
type process struct {
	attempt int
	stage   stage
	began   time.Time
	ended   time.Time // its own end, or the kill
	exit    int       // when it came to its own end
	killed  bool      // it did not
	hung    bool      // it was killed because it did not end by itself
	panics  string    // what the program panicked with, and where

	signalled time.Time    // the first signal, zero for none
	struck    []blowKind   // what struck it, in order
	moments   []momentKind // at which that did
	calls     []call
	asked     []call            // of GitHub, in a story that happens on an event
	shown     shown             // at GitHub, when it had ended
	turned    int               // how many of its connections were refused
	files     map[string]string // of GITHUB_OUTPUT, GITHUB_STATE and GITHUB_STEP_SUMMARY, as the runner reads them
	others    map[string]string // all other files that it left, by their path in its folder
	log       string            // stdout and stderr

	lived []string // the runs that were live when the attempt was over, with its cleanup
}

// runnerFiles are the files through which a step talks to the runner.
func runnerFiles() []string { return []string{"GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} }

// alive is a process while it runs.
type alive struct {
	seed    uint64
	mu      sync.Mutex
	left    process
	dir     string
	env     map[string]string
	wire    *wire
	log     bytes.Buffer
	lines   int
	cancel  context.CancelCauseFunc
	blows   []blow
	over    bool // nothing that it does counts any more
	pieces  []piece
	cut     map[string]int // how much of each file was written, where that is not all
	done    chan struct{}
	timers  []*time.Timer
	runTime time.Duration // after which a process that has not ended hangs
}

// Write is the process' stdout and stderr.
func (a *alive) Write(text []byte) (int, error) {
	a.mu.Lock()
	a.lines++
	n := a.lines
	a.mu.Unlock()
	a.reached(atLine, n)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.over {
		a.log.Write(text)
	}
	return len(text), nil
}

// run starts the program and waits until it has ended or was killed. zombies
// counts what goes on after a kill: nobody hears of it.
func (a *alive) run(zombies *sync.WaitGroup, version string) process {
	ctx, cancel := context.WithCancelCause(context.Background())
	a.cancel, a.done = cancel, make(chan struct{})
	a.left.began = time.Now()
	env := maps.Clone(a.env)
	program := cli.Program{
		Getenv:    func(name string) string { return env[name] },
		Stdout:    a,
		Stderr:    a,
		Version:   version,
		Transport: a.wire,
		Random:    func() float64 { return jitterAt(a.seed, time.Now()) },
	}
	args := []string{"/cursor-agent-action", "action"}
	if a.left.stage == cleanupStage {
		args[0] = "/cleanup"
	}
	for _, blow := range a.blows {
		if blow.at.kind == atTime {
			a.timers = append(a.timers, time.AfterFunc(blow.at.after, func() { a.strike(blow) }))
		}
	}
	hang := time.AfterFunc(a.runTime, func() { a.finish(-1, true) })
	a.timers = append(a.timers, hang)
	zombies.Go(func() {
		defer func() {
			if trouble := recover(); trouble != nil {
				a.mu.Lock()
				a.left.panics = fmt.Sprintf("%v\n%s", trouble, debug.Stack())
				a.mu.Unlock()
				a.finish(-1, false)
			}
		}()
		a.finish(program.Run(ctx, args), false)
	})
	<-a.done
	for _, timer := range a.timers {
		timer.Stop()
	}
	return a.left
}

// reached strikes the blows that are due at the n-th of a kind.
func (a *alive) reached(kind momentKind, n int) {
	a.cutDue()
	for _, blow := range a.blows {
		if blow.at.kind == kind && blow.at.n == n {
			a.strike(blow)
		}
	}
}

// strike carries out a blow.
func (a *alive) strike(blow blow) {
	a.mu.Lock()
	over := a.over
	if !over {
		a.left.struck, a.left.moments = append(a.left.struck, blow.kind), append(a.left.moments, blow.at.kind)
	}
	first := !over && blow.kind.signal() && a.left.signalled.IsZero()
	if first {
		a.left.signalled = time.Now()
		// The runner ends the container for good 10 s after it told it to end.
		a.timers = append(a.timers, time.AfterFunc(10*time.Second, func() { a.finish(-1, true) }))
	}
	a.mu.Unlock()
	switch {
	case over:
	case blow.kind == sigkill:
		a.finish(-1, false)
	case blow.kind.signal() && !first: // The program hears of the first one only.
	case first:
		a.cancel(errors.New(strings.ToLower(string(blow.kind)) + " received"))
	default:
		a.wire.away(blow.kind, blow.lasts)
	}
}

// finish notes what is left of the process. An exit below 0 is a kill.
func (a *alive) finish(exit int, hung bool) {
	if exit >= 0 {
		a.cutDue()
	}
	a.mu.Lock()
	if a.over {
		a.mu.Unlock()
		return
	}
	a.over = true
	a.left.ended, a.left.exit, a.left.killed, a.left.hung = time.Now(), exit, exit < 0, hung
	// Others go on until the wire is dead: what they sent before this was written
	// down before.
	a.left.calls, a.left.asked, a.left.turned = a.wire.sent()
	a.left.log = a.log.String()
	a.left.files = map[string]string{}
	for _, name := range runnerFiles() {
		content := a.content(name)
		if a.cut != nil {
			content = content[:a.cut[name]]
		}
		a.left.files[name] = content
	}
	a.left.others = otherFiles(a.dir)
	a.mu.Unlock()
	a.wire.kill()
	a.cancel(errors.New("the process was killed"))
	close(a.done)
}
