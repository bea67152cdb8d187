package cli_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"cursor-agent-action/internal/simulator"
)

// built is the program as the image holds it, built once for a benchmark.
func built(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "cursor-agent-action")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "cursor-agent-action")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// serveLoopback serves an API on a socket of this machine and notes when the
// first request of each process arrives.
func serveLoopback(b *testing.B, api http.Handler) (url string, first *atomic.Int64) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	first = new(atomic.Int64)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.CompareAndSwap(0, time.Now().UnixNano())
		api.ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), first
}

// BenchmarkProcess measures what a workflow waits for beside the agent's own
// work: from the start of the process to its first request, and from the end
// of the run at the server to the end of the process. Between the two the run
// lasts 100 ms; ns/op is the whole.
func BenchmarkProcess(b *testing.B) {
	binary := built(b)
	api := simulator.New(simulator.Config{Scenario: simulator.Scenario{
		CreateDelay: 50 * time.Millisecond,
		Steps:       []simulator.Step{{Text: "Done.", Takes: 50 * time.Millisecond}},
		Branch:      "auto",
		Usage:       simulator.Usage{Input: 1, Output: 1},
	}})
	defer api.Close()
	url, first := serveLoopback(b, api)
	dir := b.TempDir()
	env := []string{
		"INPUT_API-KEY=" + key, "INPUT_API-URL=" + url, "INPUT_PROMPT=Fix it.",
		"GITHUB_REPOSITORY=acme/shop", "GITHUB_REF=refs/heads/main", "GITHUB_RUN_ID=1", "GITHUB_JOB=fix", "GITHUB_WORKSPACE=" + dir,
		"GITHUB_OUTPUT=" + dir + "/output", "GITHUB_STATE=" + dir + "/state", "GITHUB_STEP_SUMMARY=" + dir + "/summary",
	}
	var toFirst, toExit time.Duration
	for b.Loop() {
		for _, name := range []string{"output", "state", "summary"} {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				b.Fatal(err)
			}
		}
		first.Store(0)
		process := exec.CommandContext(context.Background(), binary, "action")
		process.Env = append(env, "INPUT_IDEMPOTENCY-KEY="+time.Now().String())
		began := time.Now()
		if err := process.Run(); err != nil {
			b.Fatal(err)
		}
		ended := time.Now()
		agents := api.Agents()
		toFirst += time.Unix(0, first.Load()).Sub(began)
		toExit += ended.Sub(agents[len(agents)-1].Runs[0].EndedAt)
	}
	b.ReportMetric(float64(toFirst.Microseconds())/1000/float64(b.N), "ms-to-first-request")
	b.ReportMetric(float64(toExit.Microseconds())/1000/float64(b.N), "ms-from-end-to-exit")
}
