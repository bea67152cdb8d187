package report_test

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/agent"
	"cursor-agent-action/internal/cursor"
	"cursor-agent-action/internal/report"
)

// wait is time that passes between two updates.
type wait struct {
	agent.Update
	time.Duration
}

// after is an update some time after the one before it.
func after(d time.Duration, update agent.Update) agent.Update { return wait{update, d} }

func started(status cursor.RunStatus) agent.Update {
	return agent.Started{Handle: agent.Handle{Status: status}}
}

func became(status cursor.RunStatus) agent.Update { return agent.StatusChanged{Status: status} }

func toolStarted(id, name, subject string) agent.Update {
	return agent.ToolStarted{CallID: id, Name: name, Subject: subject}
}

func toolEnded(id, name, subject string, took time.Duration) agent.Update {
	return agent.ToolEnded{CallID: id, Name: name, Subject: subject, Duration: took}
}

// chart is the Mermaid text of updates on fake time.
func chart(t *testing.T, updates ...agent.Update) string {
	t.Helper()
	var got string
	synctest.Test(t, func(t *testing.T) {
		timeline := report.NewTimeline()
		for _, update := range updates {
			if w, ok := update.(wait); ok {
				time.Sleep(w.Duration)
				update = w.Update
			}
			timeline.Observe(update)
		}
		time.Sleep(time.Hour) // What comes after the last update is not in it.
		got = timeline.Mermaid()
	})
	return got
}

func TestTimelineOfARun(t *testing.T) {
	t.Parallel()
	const s = time.Second
	tests := []struct {
		name    string
		updates []agent.Update
		want    []string // without the frame around; nil for no chart
	}{
		{"nothing", nil, nil},
		{"one moment", []agent.Update{agent.Planned{}, started(cursor.RunCreating), became(cursor.RunFinished)}, nil},
		{"one bar", []agent.Update{agent.Planned{}, after(5*s, agent.Quiet{})}, nil},
		{"less than a second", []agent.Update{agent.Planned{}, after(s/4, started(cursor.RunRunning)), after(s/2, became(cursor.RunFinished))}, nil},
		{"the whole way", []agent.Update{
			agent.Planned{}, after(850*time.Millisecond, started(cursor.RunCreating)), after(4150*time.Millisecond, became(cursor.RunRunning)),
			after(2*s, agent.Thought{}), toolStarted("1", "read", "main.go"), after(s, toolEnded("1", "read", "main.go", s)),
			toolStarted("2", "shell", "npm test"), toolStarted("3", "edit", "a.go"), after(60*s, agent.ToolEnded{CallID: "2", Name: "shell", Subject: "npm test", Duration: 60 * s, Failed: true}),
			after(s, toolEnded("3", "edit", "a.go", 61*s)), agent.Said{}, after(s, became(cursor.RunFinished)),
			after(s, agent.AwaitingPullRequest{}), after(2*s, agent.AwaitingPullRequest{}),
		}, []string{
			"section Phases",
			"Launching, 850 ms :done, 2001-01-01 00:00:00.000, 850ms",
			"Starting, 4 s :done, 2001-01-01 00:00:00.850, 4150ms",
			"Working, 1 m 5 s :done, 2001-01-01 00:00:05.000, 65000ms",
			"Waiting for the pull request, 3 s :done, 2001-01-01 00:01:10.000, 3000ms",
			"section Tool calls",
			"› read main.go, 1 s :2001-01-01 00:00:07.000, 1000ms",
			"› shell npm test, 1 m :crit, 2001-01-01 00:00:08.000, 60000ms",
			"› edit a.go, 1 m 1 s :2001-01-01 00:00:08.000, 61000ms",
		}},
		{"given up while it was at work", []agent.Update{
			agent.Planned{}, after(s, started(cursor.RunCreating)), after(s, agent.Said{}), toolStarted("1", "shell", ""),
			after(8*s, toolStarted("1", "shell", "sleep 1000")), after(30*s, agent.LookFailed{Err: errors.New("x")}),
		}, []string{
			"section Phases",
			"Launching, 1 s :done, 2001-01-01 00:00:00.000, 1000ms",
			"Starting, 1 s :done, 2001-01-01 00:00:01.000, 1000ms",
			"Working, 38 s :active, 2001-01-01 00:00:02.000, 38000ms",
			"section Tool calls",
			"› shell sleep 1000, 38 s :active, 2001-01-01 00:00:02.000, 38000ms",
		}},
		{"given up before it was at work", []agent.Update{agent.Planned{}, after(s, started(cursor.RunCreating)), after(9*s, agent.Quiet{})}, []string{
			"section Phases",
			"Launching, 1 s :done, 2001-01-01 00:00:00.000, 1000ms",
			"Starting, 9 s :active, 2001-01-01 00:00:01.000, 9000ms",
		}},
		{"an open call is none once the run has ended", []agent.Update{
			agent.Planned{}, after(s, started(cursor.RunRunning)), toolStarted("1", "shell", "x"), after(s, became(cursor.RunCancelled)),
		}, []string{
			"section Phases",
			"Launching, 1 s :done, 2001-01-01 00:00:00.000, 1000ms",
			"Working, 1 s :done, 2001-01-01 00:00:01.000, 1000ms",
		}},
		{"attached to a run that had ended", []agent.Update{
			agent.Found{}, after(s, started(cursor.RunFinished)), after(s, agent.AwaitingPullRequest{}),
		}, []string{
			"section Phases",
			"Launching, 1 s :done, 2001-01-01 00:00:00.000, 1000ms",
			"Waiting for the pull request, 1 s :done, 2001-01-01 00:00:01.000, 1000ms",
		}},
		{"a pull request is waited for though no end was seen", []agent.Update{
			started(cursor.RunRunning), after(s, agent.AwaitingPullRequest{}), after(s, toolEnded("1", "shell", "", 0)),
		}, []string{
			"section Phases",
			"Waiting for the pull request, 1 s :done, 2001-01-01 00:00:00.000, 1000ms",
			"section Tool calls",
			"› shell, 0 s :2001-01-01 00:00:02.000, 10ms",
		}},
		{"a call that began before we listened", []agent.Update{
			started(cursor.RunRunning), after(2*s, toolEnded("1", "shell", "", 10*s)), toolEnded("2", "", "", -s),
		}, []string{
			"section Phases",
			"Working, 2 s :active, 2001-01-01 00:00:00.000, 2000ms",
			"section Tool calls",
			"› shell, 2 s :2001-01-01 00:00:00.000, 2000ms",
			"› tool, 0 s :2001-01-01 00:00:02.000, 10ms",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := ""
			if test.want != nil {
				want = "```mermaid\ngantt\n    dateFormat YYYY-MM-DD HH:mm:ss.SSS\n    axisFormat %M:%S\n    todayMarker off\n    " +
					strings.Join(test.want, "\n    ") + "\n```"
			}
			if diff := cmp.Diff(want, chart(t, test.updates...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheAxisFitsTheLength(t *testing.T) {
	t.Parallel()
	for length, want := range map[time.Duration]string{
		time.Hour - time.Second: "%M:%S", time.Hour: "%H:%M:%S", 24*time.Hour - time.Second: "%H:%M:%S", 24 * time.Hour: "day %-d, %H:%M",
	} {
		got := chart(t, agent.Planned{}, after(time.Second, started(cursor.RunRunning)), after(length-time.Second, agent.Quiet{}))
		if !strings.Contains(got, "\n    axisFormat "+want+"\n") {
			t.Errorf("%v: the axis is not %q:\n%s", length, want, got)
		}
		if strings.Contains(want, "day") && !strings.Contains(got, "Working, 23 h 59 m 59 s :active, 2001-01-01 00:00:01.000, 86399000ms") {
			t.Errorf("%v: the times are wrong:\n%s", length, got)
		}
	}
}

func TestManyToolCallsMakeASmallChart(t *testing.T) {
	// Not parallel: it measures the memory of the process.
	synctest.Test(t, func(t *testing.T) {
		timeline := report.NewTimeline()
		timeline.Observe(agent.Planned{})
		timeline.Observe(agent.Started{})
		observe := func(n int) {
			for i := range n {
				id := strconv.Itoa(i)
				timeline.Observe(agent.ToolStarted{CallID: id, Name: "shell", Subject: "call " + id})
				time.Sleep(time.Second)
				if i%3 != 0 { // The ends of some never come.
					timeline.Observe(agent.ToolEnded{CallID: id, Name: "shell", Subject: "call " + id, Duration: time.Second, Failed: i == 500})
				}
			}
		}
		observe(1000)
		got := timeline.Mermaid()
		if bars := strings.Count(got, " :"); bars != 1+14+1+13+8 {
			t.Errorf("the chart has %d bars, want 37:\n%s", bars, got)
		}
		for _, want := range []string{
			"› shell call 20, 1 s :2001-01-01 00:00:20.000, 4995ms\n    › … 639 more, 15 m 58 s :crit, 2001-01-01 00:00:22.000, 958000ms\n    › shell call 980, 1 s :",
			"› shell call 998, 1 s :2001-01-01 00:16:38.000, 4995ms\n    › shell call 978, 21 s :active, 2001-01-01 00:16:18.000, 21000ms\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the chart lacks %q:\n%s", want, got)
			}
		}
		before := heap()
		observe(100_000)
		if grown := heap() - before; grown > 1<<20 {
			t.Errorf("the timeline grew by %d bytes", grown)
		}
		if bars := strings.Count(timeline.Mermaid(), " :"); bars != 37 {
			t.Errorf("the chart has %d bars after many calls, want 37", bars)
		}
	})
}

// heap is what is in use, in bytes.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestOneMoreCallThanFitIsShownAsItself(t *testing.T) {
	t.Parallel()
	updates := []agent.Update{started(cursor.RunRunning)}
	for i := range 28 {
		updates = append(updates, after(time.Second, toolEnded(strconv.Itoa(i), "shell", strconv.Itoa(i), 0)))
	}
	got := chart(t, updates...)
	for i := range 28 {
		if want := fmt.Sprintf("    › shell %d, 0 s :", i); !strings.Contains(got, want) {
			t.Errorf("the chart lacks %q:\n%s", want, got)
		}
	}
	// One that began before the others between, and as many as follow it.
	updates = append(updates, after(time.Second, toolEnded("long", "shell", "", 20*time.Second)))
	for i := range 13 {
		updates = append(updates, toolEnded("late"+strconv.Itoa(i), "shell", "", 0))
	}
	if got, want := chart(t, updates...), "    › … 15 more, 20 s :2001-01-01 00:00:09.000, 20000ms\n"; !strings.Contains(got, want) {
		t.Errorf("the chart lacks %q:\n%s", want, got)
	}
}

// taskLine is what Mermaid reads as a bar that looks like ours, and nothing
// else: no statement, comment, directive, escape or click, and one line. See
// https://github.com/mermaid-js/mermaid/blob/mermaid%4011.4.0/packages/mermaid/src/diagrams/gantt/parser/gantt.jison
var taskLine = regexp.MustCompile(`^    › [\pL\p{Nd}\pM ._/\-+*=()!?@,…]+, [0-9a-z ]+ :(crit, |active, )?2001-01-01 00:00:0\d\.\d{3}, \d+ms$`)

func FuzzMermaid(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, text)
	}
	for _, text := range []string{
		"a:b;c#d", "click x href \"javascript:alert(1)\"", "section x", "%%{init: {\"theme\":\"dark\"}}%%", "%% comment", "```\n</pre>", "---\ntitle: x\n---",
		"\n    section x\n", "#quot;", "title", "dateFormat X", "gantt", "\\n", "$$x$$", "<b>", "`md`", "\u2028", "", " ", "done", "crit, x",
	} {
		f.Add(text, "")
		f.Add("", text)
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, name, subject string) {
		got := chart(t, started(cursor.RunRunning),
			toolStarted("open", name, subject),
			after(time.Second, toolEnded("1", name, subject, time.Second)),
			after(time.Second, agent.ToolEnded{CallID: "2", Name: name, Subject: subject, Failed: true}),
		)
		lines := strings.Split(got, "\n")
		if len(lines) != 12 || lines[0] != "```mermaid" || lines[7] != "    section Tool calls" || lines[11] != "```" {
			t.Fatalf("%q, %q changes the chart:\n%s", name, subject, got)
		}
		for _, line := range lines[8:11] {
			if !taskLine.MatchString(line) {
				t.Errorf("%q, %q gives the line %q", name, subject, line)
			}
		}
	})
}
