package campaign_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

const (
	// hearing is how long a real process may take to learn of a signal: its
	// machine is busy with others. What it does within is done before.
	hearing = time.Second
	// lateness is how shortly before its end a signal may come that a process
	// does not hear at all, as time and as requests. Mid-work it is far from both.
	lateness, lastRequests = 400 * time.Millisecond, 2
	// runnerPatience is when the runner ends a container for good that was told
	// to end.
	runnerPatience = 10 * time.Second
	// longestStory is when a real process that has not ended hangs.
	longestStory = 40 * time.Second
)

// hit is a real signal, sent when a real process comes to a place.
type hit struct {
	signal syscall.Signal
	at     place
	// holds keeps the answer back until the process is gone, also when it asks
	// again. After SIGKILL that is so anyway: what had arrived is carried out all
	// the same.
	holds bool
}

func (h hit) String() string {
	text := fmt.Sprintf("%s at %s", spelled(h.signal), h.at)
	if h.holds {
		text += ", with no answer"
	}
	return text
}

// spelled is a signal's name.
func spelled(signal syscall.Signal) string {
	return map[syscall.Signal]string{syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT"}[signal]
}

// realProcess is one process of the built program while it runs.
type realProcess struct {
	command *exec.Cmd
	door    *door
	files   map[string]string // the paths of the runner's files by their variables
	hits    []hit
	trace   *trace        // of its system calls, nil for none
	log     *os.File      // the other end of its stdout and stderr, as far as somebody reads them
	begun   chan struct{} // closed when it has been started
	gone    chan struct{} // closed when it is no more

	mu      sync.Mutex
	left    process
	status  syscall.WaitStatus
	strange []string // what no process may do
}

// startReal starts the binary as the runner starts the container. Its network
// is a door of its own to the API.
func startReal(t *testing.T, binary string, api *simulator.Server, like *alive, o orders) *realProcess {
	t.Helper()
	r := &realProcess{
		left: like.left, files: map[string]string{}, hits: o.hits, trace: o.trace,
		begun: make(chan struct{}), gone: make(chan struct{}),
	}
	r.door = openDoor(t, api, version(r.left.attempt, r.left.stage), r)
	env := maps.Clone(like.env)
	env["INPUT_API-URL"] = r.door.url
	for name, value := range o.state {
		env["STATE_"+name] = value
	}
	name := "/cursor-agent-action"
	if r.left.stage == cleanupStage {
		name = "/cleanup"
	}
	stdout, stderr := r.openLog(t, o.deaf)
	r.command = &exec.Cmd{
		Path: binary, Args: []string{name, "action"}, Dir: env["GITHUB_WORKSPACE"],
		Stdout: stdout, Stderr: stderr,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Ptrace: o.trace != nil},
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		r.command.Env = append(r.command.Env, name+"="+env[name])
	}
	for _, name := range runnerFiles() {
		r.files[name] = env[name]
	}
	started := make(chan error)
	go r.live(started)
	err := <-started
	_ = stdout.Close()
	_ = stderr.Close()
	if err != nil {
		t.Fatal(err)
	}
	close(r.begun)
	t.Cleanup(func() {
		_ = r.command.Process.Kill()
		<-r.gone
		_ = r.log.Close()
	})
	return r
}

// orders are what is particular about one process.
type orders struct {
	state map[string]string // that the runner hands over
	hits  []hit
	trace *trace
	deaf  deafness
}

// deafness says whose reader is gone before the process begins, as when the
// runner's worker died.
type deafness string

const (
	deafToAll    deafness = "stdout and stderr"
	deafToStdout deafness = "stdout"
)

// openLog makes the process' stdout and stderr, one pipe as a rule, as in the
// runner's log.
func (r *realProcess) openLog(t *testing.T, deaf deafness) (stdout, stderr *os.File) {
	t.Helper()
	pipe := func() (*os.File, *os.File) {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		return read, write
	}
	r.log, stderr = pipe()
	switch deaf {
	case deafToStdout:
		var unread *os.File
		unread, stdout = pipe()
		_ = unread.Close()
	case deafToAll:
		_ = r.log.Close()
		stdout = stderr
	default:
		stdout = stderr
	}
	return stdout, stderr
}

// live starts the process and waits until it is gone. All of it happens on one
// thread: the system lets only that one trace.
func (r *realProcess) live(started chan<- error) {
	r.left.began = time.Now()
	if r.trace != nil {
		r.status = r.trace.follow(r, started)
	} else if err := r.command.Start(); err != nil {
		started <- err
		return
	} else {
		started <- nil
		state, err := r.command.Process.Wait()
		if err != nil {
			panic(err) // we are its only parent
		}
		r.status = state.Sys().(syscall.WaitStatus)
	}
	r.mu.Lock()
	r.left.ended = time.Now()
	r.mu.Unlock()
	close(r.gone)
}

// at sends the signals that are due at a place. The caller waits, when it is to
// wait, until the process is gone.
func (r *realProcess) at(reached place) {
	if r.trace == nil {
		// It may talk to us before we know its number.
		<-r.begun
	}
	for _, hit := range r.hits {
		again := hit.holds && hit.at.what == reached.what && hit.at.phase == reached.phase && reached.n > hit.at.n
		if again || hit.at == reached && r.send(hit.signal) && (hit.signal == syscall.SIGKILL || hit.holds) && r.trace == nil {
			<-r.gone
		}
	}
}

// send sends a signal and notes it; false when the process is gone.
func (r *realProcess) send(signal syscall.Signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.command.Process.Signal(signal) != nil {
		return false
	}
	r.left.struck = append(r.left.struck, blowKind(spelled(signal)))
	if r.left.signalled.IsZero() && signal != syscall.SIGKILL {
		r.left.signalled = time.Now().Add(hearing)
		time.AfterFunc(runnerPatience, r.hang)
	}
	return true
}

// hang ends a process that should have ended by itself.
func (r *realProcess) hang() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.command.Process.Signal(syscall.SIGKILL) == nil {
		r.left.hung = true
	}
}

// wait returns what is left of the process, and what no process may do.
func (r *realProcess) wait() (process, []string) {
	patience := time.AfterFunc(longestStory, r.hang)
	defer patience.Stop()
	var log bytes.Buffer
	_, _ = log.ReadFrom(r.log) // of a log that nobody reads this is nothing
	<-r.gone
	if err := r.door.shut(); err != nil {
		r.strange = append(r.strange, "what it had asked for was not answered: "+err.Error())
	}
	// The log has ended, so that nobody else holds its end.
	if err := syscall.Kill(-r.command.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		r.strange = append(r.strange, "it left a child")
	}
	p := &r.left
	p.log, p.files = log.String(), map[string]string{}
	for name, path := range r.files {
		content, err := os.ReadFile(path)
		if err != nil {
			r.strange = append(r.strange, err.Error())
		}
		p.files[name] = string(content)
	}
	p.killed, p.exit = r.status.Signaled(), r.status.ExitStatus()
	if p.killed && !p.hung && !(r.status.Signal() == syscall.SIGKILL && slices.Contains(p.struck, sigkill)) {
		r.strange = append(r.strange, "it was ended by "+r.status.Signal().String())
	}
	if strings.Contains(p.log, "goroutine ") {
		p.panics = p.log
	}
	p.calls = r.door.heard(*p)
	if p.missed() {
		p.signalled = time.Time{}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(r.files["GITHUB_STATE"]), "GITHUB_*")); err != nil || len(left) != len(r.files) {
		r.strange = append(r.strange, fmt.Sprintf("beside the runner's files there are %q", left))
	}
	return *p, r.strange
}

// missed reports whether a real process had done its work before it heard of
// the signal that was sent to it.
func (p process) missed() bool {
	if p.signalled.IsZero() || p.exit != 0 && p.exit != 124 {
		return false
	}
	told, since := p.signalled.Add(-hearing), 0
	for _, c := range p.calls {
		if c.at.After(told) {
			since++
		}
	}
	return since <= lastRequests || p.ended.Sub(told) < lateness
}
