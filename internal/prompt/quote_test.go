package prompt_test

import (
	"fmt"
	"strings"
	"testing"

	"cursor-agent-action/internal/prompt"
)

func TestATextThatIsTooLongIsCutBetweenCharactersAndSaysSo(t *testing.T) {
	t.Parallel()
	long := "first " + strings.Repeat("é", 50_000) + " last"
	tests := []struct {
		name      string
		part      prompt.Part
		text, cut string
	}{
		{"the beginning", prompt.Part{Text: long, Max: 9}, "first é", "only the first 8 of 100011 bytes"},
		{"the end", prompt.Part{Text: long, Max: 8, Tail: true}, "é last", "only the last 7 of 100011 bytes"},
		{"the end of code", prompt.Part{Text: long, Max: 8, Tail: true, Code: true}, "é last", "only the last 7 of 100011 bytes"},
		{"to nothing but a character", prompt.Part{Text: "aéé", Max: 3, Tail: true}, "é", "only the last 2 of 5 bytes"},
		{"a long hidden text is hidden as a whole", prompt.Part{Text: "ab<img alt=\"" + strings.Repeat("x", 100_000) + "evil\">", Max: 8}, "ab<img>", ""},
		{"what was hidden makes no cut", prompt.Part{Text: "ab" + strings.Repeat("\u200b", 9000) + "<!-- x -->", Max: 100}, "ab ", ""},
		{"no cut", prompt.Part{Text: "abc", Max: 3}, "abc", ""},
		{"a negative bound is none", prompt.Part{Text: "abc", Max: -1}, "abc", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := prompt.Assemble([]prompt.Part{test.part}, fixed())
			if err != nil {
				t.Fatal(err)
			}
			h, err := hear(got.Text, "")
			if err != nil {
				t.Fatal(err)
			}
			if len(h.quotes) != 1 || h.quotes[0].text != test.text || test.cut != "" && !strings.Contains(h.quotes[0].heading, `cut="`+test.cut+`"`) || test.cut == "" && strings.Contains(h.quotes[0].heading, "cut") {
				t.Errorf("%+v, want %q, cut %q", h.quotes, test.text, test.cut)
			}
			if from := got.Origins[0]; from.Cut != (test.cut != "") || from.Used != len(test.text) || from.Fetched != len(test.part.Text) || from.SHA256 != hash(test.part.Text) {
				t.Errorf("the origin is %+v", from)
			}
		})
	}
	t.Run("by the bound for all parts", func(t *testing.T) {
		t.Parallel()
		o := fixed()
		o.MaxPart = 5
		got, err := prompt.Assemble([]prompt.Part{{Text: long}, {Text: long, Max: 7}}, o)
		if err != nil {
			t.Fatal(err)
		}
		if got.Origins[0].Used != 5 || got.Origins[1].Used != 6 {
			t.Errorf("%d and %d bytes are used, want 5 and 6", got.Origins[0].Used, got.Origins[1].Used)
		}
	})
	t.Run("by the usual bound", func(t *testing.T) {
		t.Parallel()
		got, err := prompt.Assemble([]prompt.Part{{Text: strings.Repeat("a", prompt.DefaultMaxPart+1)}}, fixed())
		if err != nil || got.Origins[0].Used != prompt.DefaultMaxPart {
			t.Errorf("%+v, %v", got.Origins, err)
		}
	})
}

func TestAHugeTextTakesNobodysRoom(t *testing.T) {
	t.Parallel()
	o := fixed()
	o.MaxBytes = 8 << 10
	got, err := prompt.Assemble([]prompt.Part{
		{Source: "diff", Text: strings.Repeat("d", 50_000), Code: true},
		{Source: "comment", Text: strings.Repeat("c", 500)},
		{Source: "log", Text: strings.Repeat("l", 50_000), Tail: true},
		{Source: "title", Text: "t"},
		{Text: "Task", Trusted: true},
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Text) > o.MaxBytes || len(got.Text) < o.MaxBytes-1000 {
		t.Errorf("the prompt has %d bytes of %d", len(got.Text), o.MaxBytes)
	}
	used := map[string]int{}
	for _, from := range got.Origins {
		used[from.Source] = from.Used
		if want := from.Source == "diff" || from.Source == "log"; from.Cut != want {
			t.Errorf("%s is cut: %v, want %v", from.Source, from.Cut, want)
		}
	}
	if used["comment"] != 500 || used["title"] != 1 || used["diff"] < 2500 || used["diff"] != used["log"] {
		t.Errorf("the parts have %v bytes", used)
	}
}

func TestWhatHasNoRoomIsLeftOutFromTheEndAndSaid(t *testing.T) {
	t.Parallel()
	var parts []prompt.Part
	for i := range 100 {
		parts = append(parts, prompt.Part{Source: fmt.Sprintf("comment %d", i), Text: strings.Repeat("x", 100)})
	}
	o := fixed()
	o.MaxBytes = 3000
	got, err := prompt.Assemble(parts, o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hear(got.Text, "")
	if err != nil {
		t.Fatal(err)
	}
	shown := len(h.quotes)
	if shown < 5 || shown > 20 || len(got.Text) > o.MaxBytes {
		t.Fatalf("%d texts in %d bytes", shown, len(got.Text))
	}
	if want := fmt.Sprintf("%s There was no room for %d more of them.", reminder, 100-shown); !strings.HasSuffix(got.Text, want) {
		t.Errorf("the prompt ends %q, want %q", got.Text[len(got.Text)-200:], want)
	}
	for i, from := range got.Origins {
		if left := i >= shown; from.Source != fmt.Sprintf("comment %d", i) || left != (from.Used == 0) || left && !from.Cut {
			t.Errorf("origin %d of %d shown is %+v", i, shown, from)
		}
	}
	o = fixed()
	o.MaxBytes = 100
	if got, err := prompt.Assemble(append(parts, prompt.Part{Text: "Task", Trusted: true}), o); err != nil || got.Text != "Task" {
		t.Errorf("where there is no room at all the prompt is %q, %v", got.Text, err)
	}
}
