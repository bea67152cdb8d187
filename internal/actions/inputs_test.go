package actions_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/actions"
)

// given returns the inputs of a step where name has this value.
func given(name, value string) *actions.Inputs {
	r, _ := start(env{"INPUT_" + strings.ToUpper(name): value})
	return r.Inputs()
}

// inputCase is one input, what a method makes of it, and the error in the end.
type inputCase[T any] struct {
	name, value string
	want        T
	problem     string
}

// check runs cases for an input named x.
func check[T any](t *testing.T, cases []inputCase[T], ask func(in *actions.Inputs) T) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := given("x", tt.value)
			if diff := cmp.Diff(tt.want, ask(in)); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			if tt.problem != "" {
				tt.problem = "input x: " + tt.problem
			}
			if diff := cmp.Diff(tt.problem, text(in.Err())); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInputsAreFoundUnderTheNamesThatTheRunnerGivesThem(t *testing.T) {
	t.Parallel()
	r, _ := start(env{"INPUT_API-KEY": "\n key ", "INPUT_TWO_WORDS": "w", "INPUT_BLANK": " \n"})
	in := r.Inputs()
	for name, want := range map[string]string{"api-key": "key", "API-KEY": "key", "two words": "w", "blank": "", "other": ""} {
		if got := in.Text(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if got := in.Set(name); got != (want != "") {
			t.Errorf("Set(%s): got %t", name, got)
		}
	}
	if got, want := in.Raw("api-key"), "\n key "; got != want {
		t.Errorf("Raw: got %q, want %q", got, want)
	}
	if got, want := in.Raw("two words"), "w"; got != want {
		t.Errorf("Raw with a space in the name: got %q, want %q", got, want)
	}
}

func TestBoolTakesWhatYAMLCallsTrueAndFalse(t *testing.T) {
	t.Parallel()
	check(t, []inputCase[bool]{
		{"blank is the default", " ", true, ""},
		{"true", "true", true, ""}, {"True", "True", true, ""}, {"TRUE", " TRUE\n", true, ""},
		{"false", "false", false, ""}, {"False", "False", false, ""}, {"FALSE", "FALSE", false, ""},
		{"yes", "yes", true, `"yes" is neither true nor false: write true or false`},
		{"mixed case", "tRue", true, `"tRue" is neither true nor false: write true or false`},
		{"long and hostile", "\x1b[31m" + strings.Repeat("y", 99) + "\n::error::", true,
			`"` + strings.Repeat("y", 59) + `…" is neither true nor false: write true or false`},
	}, func(in *actions.Inputs) bool { return in.Bool("x", true) })
}

func TestDurationNeedsAUnitAndABound(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const odd = " is not a length of time: write one such as 90s, 30m, 1h30m or 2d"
	check(t, []inputCase[time.Duration]{
		{"blank is the default", "", time.Hour, ""},
		{"seconds", "10s", 10 * time.Second, ""},
		{"mixed", "1h30m", 90 * time.Minute, ""},
		{"fraction", "1.5h", 90 * time.Minute, ""},
		{"days", "2d", 2 * day, ""},
		{"days and hours", "1d12h", 36 * time.Hour, ""},
		{"the longest", "72h", 72 * time.Hour, ""},
		{"no unit", "10", time.Hour, `"10" has no unit: write 10s, 10m or 10h`},
		{"a fraction without unit", "1.5", time.Hour, `"1.5" has no unit: write 1.5s, 1.5m or 1.5h`},
		{"zero", "0", time.Hour, `"0" is too short: write 10s or more`},
		{"too short", "9s", time.Hour, `"9s" is too short: write 10s or more`},
		{"too long", "3d1s", time.Hour, `"3d1s" is too long: write 72h or less`},
		{"negative", "-5m", time.Hour, `"-5m" is negative: write a length of time such as 30m`},
		{"a word", "soon", time.Hour, `"soon"` + odd},
		{"a unit that nobody knows", "5 minutes", time.Hour, `"5 minutes"` + odd},
		{"only a unit", "d", time.Hour, `"d"` + odd},
		{"half days", "1.5d", time.Hour, `"1.5d"` + odd},
		{"negative hours", "1d-1h", time.Hour, `"1d-1h"` + odd},
		{"more than there is", "65535d2562047h", time.Hour, `"65535d2562047h"` + odd},
		{"far more than there is", "99999999999d", time.Hour, `"99999999999d"` + odd},
		{"infinite", "Inf", time.Hour, `"Inf"` + odd},
	}, func(in *actions.Inputs) time.Duration {
		return in.Duration("x", time.Hour, 10*time.Second, 72*time.Hour)
	})

	in := given("x", "65535d")
	if got, want := in.Duration("x", 0, 0, 0), 65535*day; got != want || in.Err() != nil {
		t.Errorf("without a limit: got %v and %v, want %v", got, in.Err(), want)
	}
	for low, want := range map[time.Duration]string{
		90 * time.Minute: "1h30m", 2 * time.Minute: "2m", 30 * time.Hour: "30h", 61 * time.Second: "1m1s", 20 * time.Second: "20s", time.Hour + time.Second: "1h0m1s",
	} {
		in := given("x", "1s")
		in.Duration("x", 0, low, 0)
		if want := `input x: "1s" is too short: write ` + want + " or more"; text(in.Err()) != want {
			t.Errorf("got %q, want %q", text(in.Err()), want)
		}
	}
}

func TestIntIsAWholeNumberWithinBounds(t *testing.T) {
	t.Parallel()
	const odd = " is not a whole number from 1 to 20: write one"
	check(t, []inputCase[int]{
		{"blank is the default", "", 5, ""}, {"low", "1", 1, ""}, {"high", "20", 20, ""},
		{"too low", "0", 5, `"0"` + odd}, {"too high", "21", 5, `"21"` + odd}, {"a fraction", "1.5", 5, `"1.5"` + odd},
		{"a word", "many", 5, `"many"` + odd}, {"more than there is", "99999999999999999999", 5, `"99999999999999999999"` + odd},
	}, func(in *actions.Inputs) int { return in.Int("x", 5, 1, 20) })
}

func TestEnumSaysWhatWasMeant(t *testing.T) {
	t.Parallel()
	check(t, []inputCase[string]{
		{"blank is the default", "", "full", ""}, {"allowed", "tools", "tools", ""},
		{"misspelt", "ful", "full", `unknown value "ful": did you mean "full"? (full, tools, quiet)`},
		{"swapped", "quite", "full", `unknown value "quite": did you mean "quiet"? (full, tools, quiet)`},
		{"letter case", "Quiet", "full", `unknown value "Quiet": did you mean "quiet"? (full, tools, quiet)`},
		{"something else", "everything", "full", `unknown value "everything": use one of full, tools, quiet`},
	}, func(in *actions.Inputs) string { return in.Enum("x", "full", "full", "tools", "quiet") })
}

func TestListsAreDividedAndTrimmed(t *testing.T) {
	t.Parallel()
	in := given("x", " a, b c ,,\r\n d\n\n,")
	if diff := cmp.Diff([]string{"a", "b c", "d"}, in.List("x")); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a, b c ,,", "d", ","}, in.Lines("x")); diff != "" {
		t.Errorf("Lines (-want +got):\n%s", diff)
	}
	if got := append(in.List("y"), in.Lines("y")...); got != nil {
		t.Errorf("blank: got %q, want nothing", got)
	}
}

func TestEnumListTakesEachAllowedValueOnce(t *testing.T) {
	t.Parallel()
	check(t, []inputCase[[]string]{
		{"blank is the default", " , ", []string{"a"}, ""},
		{"once each", "beta\nalpha, beta", []string{"beta", "alpha"}, ""},
		{"every unknown one is told", "alpa, beta, zzz", []string{"beta"},
			`unknown value "alpa": did you mean "alpha"? (alpha, beta); unknown value "zzz": use one of alpha, beta`},
	}, func(in *actions.Inputs) []string { return in.EnumList("x", []string{"a"}, "alpha", "beta") })
}

func TestPairsNameTheLineAndNeverShowIt(t *testing.T) {
	t.Parallel()
	check(t, []inputCase[[]actions.Pair]{
		{"blank", " \n", nil, ""},
		{"values stay as they are", "A=1\r\nB_2= x=y \n\n # C=3\n _d =\"q\"\nE=", []actions.Pair{
			{Name: "A", Value: "1"}, {Name: "B_2", Value: " x=y "}, {Name: "_d", Value: `"q"`}, {Name: "E", Value: ""}}, ""},
		{"what is wrong with which line", "A=1\nhunter2\n=hunter3\nhunter-4=x\n2X=hunter5\nA=hunter6\nB=2", []actions.Pair{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}},
			`line 2 has no "=": write NAME=value; ` +
				`line 3 has no name before its "=": write NAME=value; ` +
				`line 4 has a name that is not made of letters, digits and "_": write NAME=value; ` +
				`line 5 has a name that is not made of letters, digits and "_": write NAME=value; ` +
				`line 6 has the same name as line 1: remove one`},
	}, func(in *actions.Inputs) []actions.Pair { return in.Pairs("x") })
}

func TestAllProblemsAreToldInOneLine(t *testing.T) {
	t.Parallel()
	in := given("timeout", "10")
	if err := in.Err(); err != nil {
		t.Fatalf("before anything is asked: got %v", err)
	}
	in.Problem("prompt", "is empty: write what the agent should do")
	in.Duration("timeout", 0, 0, 0)
	in.Duration("timeout", 0, 0, 0)
	in.Problem("prompt", "and has no file")
	err := in.Err()
	want := `2 inputs are wrong: prompt: is empty: write what the agent should do; and has no file; timeout: "10" has no unit: write 10s, 10m or 10h`
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	wrong, ok := errors.AsType[*actions.InputError](fmt.Errorf("read inputs: %w", err))
	if !ok {
		t.Fatalf("%T is no *InputError", err)
	}
	if diff := cmp.Diff([]actions.Problem{
		{Input: "prompt", Text: "is empty: write what the agent should do"},
		{Input: "timeout", Text: `"10" has no unit: write 10s, 10m or 10h`},
		{Input: "prompt", Text: "and has no file"},
	}, wrong.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestNamesAreAllThatWasAskedFor(t *testing.T) {
	t.Parallel()
	in := given("x", "")
	in.Text("text")
	in.Raw("raw")
	in.Bool("bool", false)
	in.Int("int", 0, 0, 1)
	in.Duration("duration", 0, 0, 0)
	in.Enum("enum", "a", "a")
	in.List("list")
	in.EnumList("enum-list", nil, "a")
	in.Lines("lines")
	in.Pairs("pairs")
	in.Set("set")
	in.Text("text")
	want := []string{"bool", "duration", "enum", "enum-list", "int", "lines", "list", "pairs", "raw", "set", "text"}
	if diff := cmp.Diff(want, in.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// FuzzInputs holds that what a user writes never breaks the reader: a duration
// is within its bounds or the default with a problem, pairs are lines of the
// input, and no problem shows a line.
func FuzzInputs(f *testing.F) {
	for _, seed := range []string{"10", "1h30m", "2d", "-1s", "9223372036854775807ns", "106751d", "106751d24h", "A=1\nB=2", "=x", "A\n#c\nA==", "a\rb=1", "\xff=\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		in := given("x", value)
		d := in.Duration("x", time.Minute, time.Second, 48*time.Hour)
		switch problem := text(in.Err()); {
		case d < time.Second || d > 48*time.Hour:
			t.Errorf("%q is %v, out of bounds", value, d)
		case problem != "" && d != time.Minute:
			t.Errorf("%q is %v and also a problem: %s", value, d, problem)
		case problem == "" && in.Set("x"):
			if again := given("x", d.String()).Duration("x", 0, 0, 0); again != d {
				t.Errorf("%q is %v, and that is %v", value, d, again)
			}
		case strings.ContainsFunc(problem, func(r rune) bool { return r < ' ' }):
			t.Errorf("problem %q is not one line", problem)
		}

		in = given("x", "secret-"+strings.ReplaceAll(value, "\n", "\nsecret-"))
		if got := in.Pairs("x"); got != nil {
			t.Errorf("names with a hyphen are pairs: %+v", got)
		}
		if strings.Contains(text(in.Err()), "secret") {
			t.Errorf("%v shows a line", in.Err())
		}

		in = given("x", value)
		names := make(map[string]bool)
		for _, pair := range in.Pairs("x") {
			if names[pair.Name] || !plainName(pair.Name) || !strings.Contains(value, "="+pair.Value) {
				t.Errorf("%q gives %+v", value, pair)
			}
			names[pair.Name] = true
		}
		if in.Err() == nil && len(names) == 0 {
			for line := range strings.Lines(value) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					t.Errorf("line %q was dropped without a word", line)
				}
			}
		}
	})
}
