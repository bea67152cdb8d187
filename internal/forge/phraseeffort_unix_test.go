//go:build unix

package forge_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"cursor-agent-action/internal/forge"
)

// Everybody may comment, and the phrase is looked for before anything is asked
// about who did.
func TestTheLongestCommentIsReadAtOnce(t *testing.T) {
	// Not parallel: the processor time is that of the whole process.
	used := func() time.Duration {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			t.Fatal(err)
		}
		return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	for _, part := range []string{
		"<!--", "a <!-- \n", "<?", "a <?", "<![CDATA[", "a<!A", "<a b='", "<a ", "</b", "<b>", "<", "<pre>\n", "](", "[a](", "![", "[a]:", "`", "a`b``",
		"> ", "- ", "* *\n", "1. ", "1. a\n", " - a\n", "a\n", "\t", "\\", "_", "@curso", "\"@cursor", "@cursor.",
	} {
		comment := "a " + strings.Repeat(part, 1<<16/len(part))
		before := used()
		forge.FindPhrase(comment, "@cursor")
		// It takes a hundredth of that, and far more with the square of the length.
		if took := used() - before; took > 2*time.Second {
			t.Errorf("many %q take %v", part, took)
		}
	}
}
