package part_test

import (
	"testing"

	"cursor-agent-action/internal/part"

	"github.com/google/go-cmp/cmp"
)

func TestAPartIsReplacedAndTheRestStays(t *testing.T) {
	t.Parallel()
	document := "# Title\n<!-- a -->\nold\n<!-- /a -->\nmiddle\n<!-- b.c -->\n<!-- /b.c -->\nend\n"
	got, err := part.Replace([]byte(document), "a", "new $1\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, err = part.Replace(got, "b.c", "more\n"); err != nil {
		t.Fatal(err)
	}
	want := "# Title\n<!-- a -->\nnew $1\n<!-- /a -->\nmiddle\n<!-- b.c -->\nmore\n<!-- /b.c -->\nend\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestAPartThatIsNotThereOnceIsAnError(t *testing.T) {
	t.Parallel()
	const once = "<!-- a -->\n<!-- /a -->\n"
	for name, document := range map[string]string{
		"none": "text", "twice": once + once, "without an end": "<!-- a -->\n", "in the wrong order": "<!-- /a -->\n<!-- a -->\n", "another": "<!-- ab -->\n<!-- /ab -->\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := part.Replace([]byte(document), "a", "x")
			const want = "it needs <!-- a --> and <!-- /a --> once, in this order"
			if err == nil || err.Error() != want || got != nil {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}
