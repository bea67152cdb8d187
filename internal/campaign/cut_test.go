package campaign_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPiecesEndWhereTheRunnerEndsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file, content string
		want                []string // the pieces
	}{
		{"nothing", "GITHUB_OUTPUT", "", nil},
		{"values", "GITHUB_OUTPUT", "a<<end\n1\nend\nb<<stop\n\nend\nstop\n", []string{"a<<end\n1\nend\n", "b<<stop\n\nend\nstop\n"}},
		{"a value that is being written", "GITHUB_STATE", "a<<end\n1\nend\nb<<stop\n1", []string{"a<<end\n1\nend\n"}},
		{"a summary", "GITHUB_STEP_SUMMARY", "# Title\na<<end\n", []string{"# Title\na<<end\n"}},
		{"no summary", "GITHUB_STEP_SUMMARY", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			from := 0
			for _, end := range pieceEnds(test.file, test.content) {
				got, from = append(got, test.content[from:end]), end
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("pieces (-want +got):\n%s", diff)
			}
		})
	}
}

// A process that is killed at its n-th piece leaves n, and one that is not
// killed leaves all, in the same order.
func TestAKillAtAPieceLeavesSoManyPieces(t *testing.T) {
	t.Parallel()
	p := drawLaunch(1)
	p.inputs = map[string]string{}
	p.scenario.Faults, p.scenario.Streams, p.outages, p.visits = nil, nil, nil, nil
	pieces := func(n int) (left []string, killed bool) {
		p.attempts = []attempt{{blows: []blow{{kind: sigkill, at: moment{kind: atPiece, n: n}}}}}
		main := play(t, p).processes[0]
		for _, name := range runnerFiles() {
			from := 0
			for _, end := range pieceEnds(name, main.files[name]) {
				left = append(left, fmt.Sprint(name, " ", strings.SplitN(main.files[name][from:end], "<<", 2)[0]))
				from = end
			}
			if from != len(main.files[name]) {
				t.Errorf("at piece %d the file %s ends with %q", n, name, main.files[name][from:])
			}
		}
		return left, main.killed
	}
	whole, killed := pieces(1000)
	if killed || len(whole) < 10 {
		t.Fatalf("a process that no blow struck was killed: %t, and left %q", killed, whole)
	}
	for n := 1; n <= len(whole); n++ {
		left, killed := pieces(n)
		if !killed || len(left) != n {
			t.Errorf("struck at piece %d it was killed: %t, and left %d: %q", n, killed, len(left), left)
		}
	}
}
