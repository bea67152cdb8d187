//go:build ignore

// Mutants breaks the program on purpose, one bug at a time, and demands that the
// tests notice: tests that can't fail prove nothing.
//
//	go run .ci/mutants.go [-v] [MUTANT...]
//
// A mutant is a patch in internal/campaign/testdata/mutants. Above the patch
// stand the words for a reader, and a line for each test that must fail:
//
//	test: PACKAGE NAME [FLAG...]
//
// The patch is applied to copies that only the compiler is shown (go test
// -overlay), so the checkout stays as it is. Without arguments all mutants are
// tried; an argument is a mutant's name, or its number.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const folder = "internal/campaign/testdata/mutants"

// atOnce is how many mutants are tried at a time: the compiler and the campaign
// use several cores by themselves.
const atOnce = 2

func main() {
	verbose := flag.Bool("v", false, "show what is broken, and what the failing tests say")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := check(ctx, flag.Args(), *verbose)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, names []string, verbose bool) error {
	if _, err := exec.LookPath("git"); err != nil {
		return errors.New("git, which applies the patches, is not on PATH: install it")
	}
	mutants, err := readMutants(names)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := healthy(ctx, mutants); err != nil {
		return err
	}
	fmt.Printf("without a bug all of these tests pass (%s)\n\n", since(begun))
	scratch, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	slots := make(chan struct{}, atOnce)
	var tries sync.WaitGroup
	var told sync.Mutex
	killed := 0
	for _, m := range mutants {
		slots <- struct{}{}
		tries.Go(func() {
			defer func() { <-slots }()
			begun := time.Now()
			verdict, report := m.try(ctx, filepath.Join(scratch, m.name), verbose)
			if ctx.Err() != nil {
				return
			}
			told.Lock()
			defer told.Unlock()
			fmt.Printf("%-35s  %-6s  %6s\n%s", m.name, verdict, since(begun), report)
			if verdict == "killed" {
				killed++
			}
		})
	}
	tries.Wait()
	fmt.Printf("\n%d of %d mutants were killed (%s)\n", killed, len(mutants), since(begun))
	if killed < len(mutants) {
		return errors.New("what to do about the others stands with each")
	}
	return nil
}

// mutant is one bug.
type mutant struct {
	name  string
	text  string // of the patch, with what stands above it
	words string
	files []string // that it changes
	tests []test
}

// test is one that must fail.
type test struct {
	command string // its package, and flags
	name    string
}

var (
	testLine = regexp.MustCompile(`(?m)^test: (\S+) (\S+)(.*)\n`)
	fileLine = regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)$`)
)

// readMutants reads the mutants with these names or numbers, all when there are
// none.
func readMutants(names []string) ([]mutant, error) {
	paths, _ := filepath.Glob(folder + "/*.patch") // fails for a bad pattern only
	var mutants []mutant
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".patch")
		number, title, _ := strings.Cut(name, "-")
		called := func(asked string) bool { return asked == name || asked == number || asked == title }
		if len(names) > 0 && !slices.ContainsFunc(names, called) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		head, patch, _ := strings.Cut(string(text), "\n--- ")
		m := mutant{name: name, text: string(text), words: strings.TrimSpace(testLine.ReplaceAllString(head, ""))}
		for _, line := range testLine.FindAllStringSubmatch(head, -1) {
			m.tests = append(m.tests, test{command: line[1] + line[3], name: line[2]})
		}
		for _, line := range fileLine.FindAllStringSubmatch(patch, -1) {
			m.files = append(m.files, line[1])
		}
		if m.words == "" || len(m.tests) == 0 || len(m.files) == 0 {
			return nil, fmt.Errorf("%s lacks its words, its tests or its patch: say what is broken, then test: PACKAGE NAME, then what git diff -U1 prints", path)
		}
		mutants = append(mutants, m)
	}
	if len(mutants) == 0 || len(mutants) < len(names) {
		return nil, fmt.Errorf("%s holds %d patches of the names %q: run this in the repository's own folder, with names or numbers of patches", folder, len(mutants), names)
	}
	return mutants, nil
}

// healthy runs every test that a mutant names on the program as it is: a broken
// program would pass for a killed mutant, and so would a test that is not there.
func healthy(ctx context.Context, mutants []mutant) error {
	named := map[string][]string{} // by command
	for _, m := range mutants {
		for _, t := range m.tests {
			named[t.command] = append(named[t.command], t.name)
		}
	}
	for command, names := range named {
		ran, err := run(ctx, "", command, names...)
		if err != nil {
			return err
		}
		if ran.failed != "" {
			return fmt.Errorf("%s fails without any bug: mend that first\n%s", ran.failed, ran.said)
		}
		for _, name := range names {
			if !ran.passed[name] {
				return fmt.Errorf("%s has no test %s, or skips it: name another one in the mutants that do", command, name)
			}
		}
	}
	return nil
}

// try makes the mutant in the folder home and runs its tests. The verdict is
// killed, LIVES, or NO BUG when it can't be tried; the report gives the reasons.
func (m mutant) try(ctx context.Context, home string, verbose bool) (verdict, report string) {
	verdict = "killed"
	say := func(text string) {
		report += "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
	}
	if verbose {
		say(m.words)
	}
	overlay, err := m.mutate(ctx, home)
	for _, t := range m.tests {
		if err != nil {
			break
		}
		begun := time.Now()
		var ran outcome
		switch ran, err = run(ctx, overlay, t.command, t.name); {
		case err != nil:
		case ran.failed == "":
			verdict = "LIVES"
			say(fmt.Sprintf("%s %s passes with it: give that a case that fails, or name a test that does in its patch", t.command, t.name))
		default:
			say(fmt.Sprintf("by %s (%s)", ran.failed, since(begun)))
			if verbose {
				say(ran.said)
			}
		}
	}
	if err != nil {
		verdict = "NO BUG"
		say(fmt.Sprintf("%s\nmake the bug again in the program as it is now, and put what git diff -U1 prints below the words of its patch", err))
	}
	return verdict, report
}

// mutate applies the patch to copies of the files that it changes, and returns
// the list that shows the compiler the copies in their place.
func (m mutant) mutate(ctx context.Context, home string) (overlay string, _ error) {
	replace := map[string]string{}
	for _, file := range m.files {
		text, err := os.ReadFile(file)
		copied := filepath.Join(home, file)
		if err = errors.Join(err, os.MkdirAll(filepath.Dir(copied), 0o755), os.WriteFile(copied, text, 0o644)); err != nil {
			return "", err
		}
		replace[file] = copied
	}
	git := exec.CommandContext(ctx, "git", "apply")
	git.Dir, git.Stdin = home, strings.NewReader(m.text)
	// Inside of a repository git apply skips what is not of the folder it is in.
	git.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") }),
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(home))
	if said, err := git.CombinedOutput(); err != nil {
		return "", fmt.Errorf("git apply: %w\n%s", err, bytes.TrimSpace(said))
	}
	list, _ := json.Marshal(map[string]any{"Replace": replace}) // strings always encode
	overlay = filepath.Join(home, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o644)
}

// outcome is what became of one run of tests.
type outcome struct {
	passed map[string]bool
	failed string // the part of a test that failed first, with its package; "" when none did
	said   string // by that one
}

// run runs tests of one package. A program that does not compile is an error,
// and no test that fails.
func run(ctx context.Context, overlay, command string, names ...string) (outcome, error) {
	fields := strings.Fields(command)
	args := []string{"test", "-json", "-vet=off", "-count=1", "-failfast", "-overlay=" + overlay,
		"-timeout=3m", "-run=^(" + strings.Join(names, "|") + ")$"} // a mutant may make a test hang
	tests := exec.CommandContext(ctx, "go", append(args, fields...)...)
	var stdout, stderr bytes.Buffer
	tests.Stdout, tests.Stderr = &stdout, &stderr
	// The go command does not hand a signal on to the tests that it runs.
	tests.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tests.Cancel = func() error { return syscall.Kill(-tests.Process.Pid, syscall.SIGKILL) }
	err := tests.Run()
	ran, said := outcome{passed: map[string]bool{}}, map[string]string{}
	for line := range bytes.Lines(stdout.Bytes()) {
		var event struct{ Action, Test, Output string }
		if json.Unmarshal(line, &event) != nil {
			continue
		}
		switch event.Action {
		case "build-output":
			stderr.WriteString(event.Output)
		case "build-fail":
			return ran, fmt.Errorf("%s does not compile\n%s", fields[0], bytes.TrimSpace(stderr.Bytes()))
		case "output":
			if !strings.HasPrefix(event.Output, "=== ") { // which test goes on
				said[event.Test] += event.Output
			}
		case "pass":
			ran.passed[event.Test] = true
		case "fail":
			// A test's parts fail before the test, and all before the package,
			// which fails alone when a time-out ended the process.
			if ran.failed == "" {
				ran.failed = fields[0] + " " + cmp.Or(event.Test, strings.Join(names, "|"))
				ran.said = said[cmp.Or(event.Test, names[0])]
			}
		}
	}
	if err != nil && ran.failed == "" {
		return ran, fmt.Errorf("%s: %w\n%s", strings.Join(tests.Args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return ran, nil
}

func since(begun time.Time) string { return fmt.Sprintf("%.1fs", time.Since(begun).Seconds()) }
