//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// docker runs the docker client and returns what it printed.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := dockerWith(t.Context(), "docker", nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// dockerLater is docker for clean-up, when the test's context is over.
func dockerLater(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	if _, err := dockerWith(ctx, "docker", nil, args...); err != nil {
		t.Error(err)
	}
}

func dockerWith(ctx context.Context, client string, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, client, args...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("docker %s: %w\n%s%s", strings.Join(args, " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return strings.TrimSpace(stdout.String()), nil
}

// buildKitClient returns a docker client on PATH that builds with BuildKit:
// clients since 23.0 need a plugin for it that Debian's engine package, whose own
// client needs none, doesn't bring.
func buildKitClient(t *testing.T) string {
	t.Helper()
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "Dockerfile"), []byte("FROM scratch\nLABEL probe=1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var failures []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		client, err := exec.LookPath(filepath.Join(dir, "docker"))
		if err != nil {
			continue
		}
		probe, err := dockerWith(t.Context(), client, []string{"DOCKER_BUILDKIT=1"}, "build", "--quiet", empty)
		if err == nil {
			docker(t, "image", "rm", "--force", probe)
			return client
		}
		failures = append(failures, err.Error())
	}
	t.Fatalf("no docker client on PATH builds with BuildKit: install docker-buildx\n%s", strings.Join(failures, "\n"))
	return ""
}

// removeContainer removes a container that may be gone already.
func removeContainer(t *testing.T, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	_, err := dockerWith(ctx, "docker", nil, "rm", "--force", name)
	if err != nil && !strings.Contains(err.Error(), "No such container") && !strings.Contains(err.Error(), "already in progress") {
		t.Error(err)
	}
}

// awaitEnd waits until a container has ended, and returns its exit code.
func awaitEnd(t *testing.T, container string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code, err := dockerWith(ctx, "docker", nil, "wait", container)
	if err != nil {
		t.Fatalf("container %s has not ended: %v", container, err)
	}
	return code
}
