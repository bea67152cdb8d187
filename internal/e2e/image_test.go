//go:build e2e

package e2e_test

import (
	"debug/elf"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// largestBinary is what the binary may weigh, in bytes.
const largestBinary = 12 << 20

// TestImage builds the image for arm64 on whatever machine this is, with BuildKit,
// and so without emulation; TestAction builds it for this machine, with the
// classic builder.
func TestImage(t *testing.T) {
	const image = "cursor-agent-action-e2e:arm64"
	client := buildKitClient(t)
	_, err := dockerWith(t.Context(), client, []string{"DOCKER_BUILDKIT=1"}, "build",
		"--platform", "linux/arm64", "--build-arg", "VERSION=1.2.3-e2e", "--tag", image, newWorkspace(t, root).dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dockerLater(t, "image", "rm", "--force", image) })

	t.Run("it is set up as the workflow runner needs it", func(t *testing.T) {
		var config struct {
			User, WorkingDir string
			Entrypoint, Cmd  []string
			Labels           map[string]string
		}
		if err := json.Unmarshal([]byte(docker(t, "image", "inspect", "--format", "{{json .Config}}", image)), &config); err != nil {
			t.Fatal(err)
		}
		if config.User != "" {
			t.Errorf("it runs as user %q, want the default, root", config.User)
		}
		if config.WorkingDir != "" && config.WorkingDir != "/" {
			t.Errorf("it has the working folder %q, want none", config.WorkingDir)
		}
		if diff := cmp.Diff([]string{"/cursor-agent-action"}, config.Entrypoint); diff != "" {
			t.Errorf("entrypoint (-want +got):\n%s", diff)
		}
		if got := config.Labels["org.opencontainers.image.version"]; got != "1.2.3-e2e" {
			t.Errorf("its version label is %q, want 1.2.3-e2e", got)
		}
		platform := docker(t, "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", image)
		if platform != "linux/arm64" {
			t.Errorf("it is for %s, want linux/arm64", platform)
		}
	})

	t.Run("it holds one static binary, its second name and the certificates", func(t *testing.T) {
		tree := t.TempDir()
		copyOut(t, image, "/.", tree)
		var files []string
		err := filepath.WalkDir(tree, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				name, _ := filepath.Rel(tree, path)
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"cleanup", "cursor-agent-action", "etc/ssl/certs/ca-certificates.crt"}
		if diff := cmp.Diff(want, withoutEngineFiles(files)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		if target, err := os.Readlink(filepath.Join(tree, "cleanup")); err != nil || target != "cursor-agent-action" {
			t.Errorf("cleanup points at %q (%v), want cursor-agent-action", target, err)
		}
		certificates, err := os.ReadFile(filepath.Join(tree, "etc/ssl/certs/ca-certificates.crt"))
		if err != nil || strings.Count(string(certificates), "BEGIN CERTIFICATE") < 50 {
			t.Errorf("it holds %d bytes of certificates (%v), want those of the public authorities", len(certificates), err)
		}

		binary := filepath.Join(tree, "cursor-agent-action")
		info, err := os.Stat(binary)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the binary has %d KiB", info.Size()>>10)
		if info.Size() > largestBinary {
			t.Errorf("the binary has %d bytes, want at most %d", info.Size(), largestBinary)
		}
		file, err := elf.Open(binary)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if file.Machine != elf.EM_AARCH64 {
			t.Errorf("the binary is for %v, want %v", file.Machine, elf.EM_AARCH64)
		}
		for _, program := range file.Progs {
			if program.Type == elf.PT_INTERP {
				t.Error("the binary asks for a loader, which the image doesn't have")
			}
		}
		for _, section := range []string{".symtab", ".debug_info", ".zdebug_info"} {
			if file.Section(section) != nil {
				t.Errorf("the binary has the section %s, so it isn't stripped", section)
			}
		}
	})
}

// withoutEngineFiles drops the files that the engine puts into every container.
func withoutEngineFiles(names []string) []string {
	var kept []string
	for _, name := range names {
		switch dir, _, _ := strings.Cut(name, "/"); {
		case name == ".dockerenv", dir == "dev", dir == "proc", dir == "sys",
			name == "etc/hosts", name == "etc/hostname", name == "etc/resolv.conf", name == "etc/mtab":
		default:
			kept = append(kept, name)
		}
	}
	return kept
}
