package cli_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cursor-agent-action/internal/cli"
)

// TestMain makes the program a command of the scripts, with a real process's
// arguments, environment and streams.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cursor-agent-action": func() {
			program := cli.Program{Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Version: "1.2.3"}
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			status := program.Run(ctx, os.Args)
			stop()
			os.Exit(status)
		},
	})
}

func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Values[asked] = newRequests()
			// What the workflow runner gives to a container action.
			env.Vars = append(env.Vars,
				"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/shop", "GITHUB_REF=refs/heads/main", "GITHUB_REF_TYPE=branch",
				"GITHUB_RUN_ID=1000", "GITHUB_JOB=fix", "GITHUB_ACTION=agent", "GITHUB_WORKSPACE="+env.WorkDir,
				"GITHUB_OUTPUT="+env.WorkDir+"/output", "GITHUB_STATE="+env.WorkDir+"/state", "GITHUB_STEP_SUMMARY="+env.WorkDir+"/summary")
			for _, name := range []string{"output", "state", "summary"} {
				if err := os.WriteFile(env.WorkDir+"/"+name, nil, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"simulate": simulate,
			"await":    await,
			"id":       setAgent,
			"pass":     pass,
		},
	})
}

// pass OUTPUT INPUT sets an input to an output of the step before, as a workflow
// does with ${{ steps.ID.outputs.OUTPUT }}, and begins a step with files of its
// own.
func pass(ts *testscript.TestScript, _ bool, args []string) {
	_, after, found := strings.Cut(ts.ReadFile("output"), args[0]+"<<")
	lines := strings.SplitN(after, "\n", 3)
	if !found || len(lines) < 3 {
		ts.Fatalf("there is no output %s", args[0])
	}
	ts.Setenv("INPUT_"+strings.ToUpper(args[1]), lines[1])
	for _, name := range []string{"output", "state", "summary"} {
		ts.Check(os.WriteFile(ts.MkAbs(name), nil, 0o600))
	}
}

// simulate FLAG... starts "cursor-agent-action simulate" with the given
// arguments in this process, and sets the input api-url to its address. It ends
// with the script.
func simulate(ts *testscript.TestScript, _ bool, args []string) {
	for i, arg := range args {
		if strings.HasSuffix(arg, ".yaml") {
			args[i] = ts.MkAbs(arg)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	program := cli.Program{Getenv: ts.Getenv, Stdout: writer, Stderr: ts.Value(asked).(*requests), Version: "1.2.3"}
	go func() {
		ended <- program.Run(ctx, append([]string{"cursor-agent-action", "simulate", "-v", "-listen", "127.0.0.1:0"}, args...))
		_ = writer.Close()
	}()
	ts.Defer(func() {
		cancel()
		<-ended
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	ts.Check(err)
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	ts.Setenv("INPUT_API-URL", strings.TrimSpace(strings.TrimPrefix(line, "listening ")))
}

// asked is the key of a script's requests.
const asked = "requests"

// requests is the log of the simulators of one script.
type requests struct {
	mu   sync.Mutex
	more *sync.Cond
	text strings.Builder
}

func newRequests() *requests {
	r := &requests{}
	r.more = sync.NewCond(&r.mu)
	return r
}

func (r *requests) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.more.Broadcast()
	return r.text.Write(text)
}

// await PATTERN waits until a simulator of the script has answered a request
// whose line in the log matches, and fails the script after half a minute.
func await(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[0])
	r := ts.Value(asked).(*requests)
	r.mu.Lock()
	defer r.mu.Unlock()
	late := false
	timer := time.AfterFunc(30*time.Second, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		late = true
		r.more.Broadcast()
	})
	defer timer.Stop()
	for !pattern.MatchString(r.text.String()) {
		if late {
			ts.Fatalf("no request matches %s:\n%s", pattern, r.text.String())
		}
		r.more.Wait()
	}
}

// setAgent FILE sets AGENT to the first agent's id in a file, and PULL to the
// number of the first pull request.
func setAgent(ts *testscript.TestScript, _ bool, args []string) {
	id := regexp.MustCompile(`bc-[0-9a-f-]{36}`).FindString(ts.ReadFile(args[0]))
	if id == "" {
		ts.Fatalf("no agent's id in %s", args[0])
	}
	ts.Setenv("AGENT", id)
	if pull := regexp.MustCompile(`/pull/([0-9]+)`).FindStringSubmatch(ts.ReadFile(args[0])); pull != nil {
		ts.Setenv("PULL", pull[1])
	}
}

func TestASimulatorEndsOnASignalAndPrintsOneLine(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe()
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan int, 1)
	go func() {
		program := cli.Program{Stdout: writer, Stderr: io.Discard, Version: "1.2.3"}
		ended <- program.Run(ctx, []string{"cursor-agent-action", "simulate", "-listen", "127.0.0.1:0"})
		_ = writer.Close()
	}()
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "listening http://127.0.0.1:") {
		t.Fatalf("first line %q, error %v", line, err)
	}
	cancel(errors.New(syscall.SIGINT.String()))
	rest, err := io.ReadAll(lines)
	if status := <-ended; status != 0 || len(rest) > 0 || err != nil {
		t.Errorf("exit status %d, more output %q, error %v", status, rest, err)
	}
}
