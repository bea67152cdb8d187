package actions_test

import "testing"

func TestAFullDiskIsAnErrorAndNoPanic(t *testing.T) {
	t.Parallel()
	const full = "/dev/full" // Every write to it says that the disk is full.
	const next = ": check that the runner's file is mounted into the container and that its disk is neither full nor read-only"
	r, _ := start(env{"GITHUB_OUTPUT": full, "GITHUB_STATE": full, "GITHUB_STEP_SUMMARY": full})
	for _, tt := range []struct{ got, want string }{
		{text(r.SetOutput("agent-id", "x")),
			"write output agent-id: GITHUB_OUTPUT /dev/full is not writable: no space left on device, so later steps would not see any output" + next},
		{text(r.SaveState("agent-id", "x")),
			"save state agent-id: GITHUB_STATE /dev/full is not writable: no space left on device, so the clean-up stage will not see what this step saves for it" + next},
		{text(r.AddSummary("x")),
			"write summary: GITHUB_STEP_SUMMARY /dev/full is not writable: no space left on device, so the workflow run will show no summary" + next},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
