package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

func TestUsageInWords(t *testing.T) {
	t.Parallel()
	charged := func(raw, charged *float64) *cursor.Usage {
		return &cursor.Usage{Total: cursor.TokenUsage{TotalTokens: 1}, Cost: &cursor.Cost{RawCents: raw, ChargedCents: charged}}
	}
	tests := []struct {
		name  string
		usage *cursor.Usage
		err   error
		want  string
	}{
		{"charged", charged(new(10.0), new(123456.0)), nil, "| **Cost** | $1,234.56 |"},
		{"less than a cent", charged(nil, new(0.2)), nil, "| **Cost** | less than $0.01 |"},
		{"nothing", charged(new(0.0), new(0.0)), nil, "| **Cost** | $0.00 |"},
		{"given back", charged(nil, new(-150.0)), nil, "| **Cost** | -$1.50 |"},
		{"included", charged(new(7.0), new(0.0)), nil, "| **Cost** | included in the plan, worth $0.07 |"},
		{"not said", charged(new(7.0), nil), nil, "| **Cost** | not available: the API does not say |"},
		{"no cost at all", &cursor.Usage{}, nil, "| **Cost** | not available: the API does not say |"},
		{"not counted", &cursor.Usage{}, nil, "| **Tokens** | not counted yet |"},
		{"our run before all", &cursor.Usage{
			Total: cursor.TokenUsage{TotalTokens: 9}, Cost: &cursor.Cost{RawCents: new(900.0), ChargedCents: new(0.0)},
			Runs: []cursor.RunUsage{{ID: "x"}, {ID: runID, Usage: cursor.TokenUsage{InputTokens: 1, OutputTokens: 1, TotalTokens: 2}, Cost: &cursor.Cost{RawCents: new(5.0), ChargedCents: new(0.0)}}},
		}, nil, "| **Tokens** | 2: 1 in, 1 out, 0 read from cache, 0 written to cache |\n| **Cost** | included in the plan, worth $0.05 |"},
		{"another problem", nil, errors.New("get usage: 500 | oops @octocat"), "| **Tokens and cost** | not available: get usage: 500 &#124; oops @&#8203;octocat |"},
		{"nobody asked", nil, nil, "at most 1 h |\n\n<sub>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := happy()
			s.Result.Usage, s.Result.UsageProblem = test.usage, test.err
			if got := s.Markdown(); !strings.Contains(got, test.want) {
				t.Errorf("the summary lacks %q:\n%s", test.want, got)
			}
		})
	}
}

func TestDurationsAndNumbersAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		worked time.Duration
		want   string
	}{
		{time.Millisecond, "1 ms"}, {time.Second, "1 s"}, {59_400 * time.Millisecond, "59 s"}, {59_999 * time.Millisecond, "1 m"}, {time.Minute, "1 m"},
		{192 * time.Second, "3 m 12 s"}, {time.Hour, "1 h"}, {time.Hour + 5*time.Second, "1 h 0 m 5 s"},
		{24 * time.Hour, "1 d"}, {51*time.Hour + 59*time.Second, "2 d 3 h 1 m"}, {51*time.Hour + 29*time.Second, "2 d 3 h"}, {24*time.Hour + 60*time.Second, "1 d 0 h 1 m"},
	} {
		s := happy()
		s.Result.Run.Duration, s.Waited = test.worked, 0
		if want, got := "| **Time** | "+test.want+" at work |", s.Markdown(); !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	for _, test := range []struct {
		size int64
		want string
	}{{-1, "0 B"}, {999, "999 B"}, {1000, "1.0 kB"}, {999_949, "999.9 kB"}, {999_950, "1.0 MB"}, {3_450_000_000, "3.5 GB"}, {1 << 60, "1152921.5 TB"}} {
		got := report.Summary{Artifacts: []report.Artifact{{Path: "x", Size: test.size}}}.Markdown()
		if want := "- `x`, " + test.want + "\n"; !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	for generation, want := range map[int]string{1: "2nd", 2: "3rd", 3: "4th", 10: "11th", 12: "13th", 20: "21st"} {
		s := happy()
		s.Result.Generation = generation
		if want, got := "| **Agent** | the "+want+" for this work", s.Markdown(); !strings.Contains(got, want) {
			t.Errorf("the summary lacks %q:\n%s", want, got)
		}
	}
	s := happy()
	s.Result.Usage.Total = cursor.TokenUsage{TotalTokens: 999, InputTokens: 1000, OutputTokens: -1234567}
	if want, got := "999: 1,000 in, -1,234,567 out", s.Markdown(); !strings.Contains(got, want) {
		t.Errorf("the summary lacks %q:\n%s", want, got)
	}
}
