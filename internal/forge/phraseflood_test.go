package forge_test

import (
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/forge"
)

// GitHub takes comments of 65,536 characters from everybody, and each of them is
// looked through before anybody is asked who wrote it.
func TestNoCommentKeepsTheGateBusy(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	fill := func(before, with string) string {
		return before + strings.Repeat(with, (most-len(before))/len(with))
	}
	for name, comment := range map[string]string{
		"comments that nothing ends":      fill("a ", "<!--"),
		"instructions that nothing ends":  fill("a ", "<?"),
		"data that nothing ends":          fill("a ", "<![CDATA["),
		"comments, and an end of others":  fill("a ", "<!-- ?> ]]> >"),
		"quotations in quotations":        fill("", ">"),
		"quotations with gaps":            fill("", "> "),
		"items in items":                  fill("", "- ") + "x",
		"numbered items in items":         fill("", "1. ") + "x",
		"items in items, and blank lines": fill(strings.Repeat("- ", most/4)+"a", "\n"),
		"quotations that go on lazily":    fill(strings.Repeat("> ", most/4)+"a", "\nb"),
		"code that nothing ends":          fill("", "` `` "),
		"links that nothing ends":         fill("", "]("),
		"images that nothing ends":        fill("", "!["),
		"definitions":                     fill("", "[a]: /b\n"),
		"names":                           fill("", "@cursorx "),
	} {
		began := time.Now()
		if rest, found := forge.FindPhrase(comment+" @cursorx", "@cursor"); found {
			t.Errorf("%s: found, rest %.80q", name, rest)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: it took %s", name, took)
		}
	}
}

// What stands too deep in quotations and lists to be followed is not obeyed; what
// was said before it is.
func TestThePhraseIsNotLookedForInDeepLists(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]bool{1: true, 32: true, 33: false, 1000: false} {
		if _, found := forge.FindPhrase(strings.Repeat("- ", depth)+"@cursor fix", "@cursor"); found != want {
			t.Errorf("%d items in each other: found %t", depth, found)
		}
	}
	if rest, found := forge.FindPhrase("@cursor fix\n\n"+strings.Repeat("> ", 33)+"a", "@cursor"); !found || !strings.HasPrefix(rest, "fix\n\n>") {
		t.Errorf("found %t, rest %q", found, rest)
	}
}
