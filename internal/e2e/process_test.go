//go:build e2e

package e2e_test

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// longest is how long one process may take before a test gives it up.
const longest = 3 * time.Minute

// process is one that runs the action: a workflow runner, or a docker client in
// the place of one.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it is over

	mu     sync.Mutex
	output bytes.Buffer
	more   chan struct{} // closed, and made anew, when there is more output
	err    error
}

// startProcess starts a command, which is interrupted when the test is over and
// killed when that does not help.
func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, ended: make(chan struct{}), more: make(chan struct{})}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Stdout, cmd.Stderr = p, p
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		<-p.ended
		if t.Failed() {
			t.Logf("what %s said:\n%s", cmd.Path, p.log())
		}
	})
	return p
}

// Write keeps what the process says; it is both its standard output and error.
func (p *process) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.more)
	p.more = make(chan struct{})
	return p.output.Write(data)
}

// log is what the process has said so far.
func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// said is the log less the lines that tell a runner what to hide.
func (p *process) said() string {
	return regexp.MustCompile(`(?m)^::add-mask::.*\n?`).ReplaceAllString(p.log(), "")
}

// awaitLog waits until the process has said something.
func (p *process) awaitLog(t *testing.T, text string) {
	t.Helper()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	for {
		p.mu.Lock()
		said, more := strings.Contains(p.output.String(), text), p.more
		p.mu.Unlock()
		if said {
			return
		}
		select {
		case <-more:
		case <-p.ended:
			t.Fatalf("%s ended before it said %q", p.cmd.Path, text)
		case <-timer.C:
			t.Fatalf("%s did not say %q within a minute", p.cmd.Path, text)
		}
	}
}

// signal sends the process itself a signal.
func (p *process) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("send %s %v: %v", p.cmd.Path, signal, err)
	}
}

// endsWithin reports whether the process ends within a time.
func (p *process) endsWithin(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.ended:
		return true
	case <-timer.C:
		return false
	}
}

// wait returns whether the process ended well. Whatever it was about, the key
// must not show in what it said.
func (p *process) wait(t *testing.T) (green bool) {
	t.Helper()
	if !p.endsWithin(longest) {
		t.Fatalf("%s has not ended after %v", p.cmd.Path, longest)
	}
	if strings.Contains(p.said(), apiKey) {
		t.Error("the log shows the API key")
	}
	if p.err == nil {
		return true
	}
	if _, ok := errors.AsType[*exec.ExitError](p.err); !ok {
		t.Fatalf("run %s: %v", p.cmd.Path, p.err)
	}
	return false
}
