package forge_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// paged is a list of n comments, of which those that heavy names are 1 MiB long,
// by the rules of GitHub's pages. It counts its answers by the size of the page.
func paged(n int, heavy func(i int) bool, answers map[int]int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		answers[size]++
		last := (n + size - 1) / size
		if page < last {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next", <http://%s%s?page=%d>; rel="last"`, r.Host, r.URL.Path, page+1, r.Host, r.URL.Path, last))
		}
		var items []string
		for i := (page-1)*size + 1; i <= min(n, page*size); i++ {
			body := fmt.Sprintf("comment %d", i)
			if heavy(i) {
				body += strings.Repeat("!", 1<<20)
			}
			items = append(items, object{"id": i, "user": object{"login": "bob"}, "body": body, "created_at": "2026-03-01T12:00:00Z"}.String())
		}
		fmt.Fprintf(w, "[%s]", strings.Join(items, ","))
	}
}

// Comments may be so long that an answer with a hundred of them is longer than
// what is read of one.
func TestAPageThatIsTooLongIsReadInSmallerOnes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		comments int
		heavy    func(i int) bool
		answers  map[int]int
	}{
		{"light", 230, func(int) bool { return false }, map[int]int{100: 3}},
		{"heavy at the end", 230, func(i int) bool { return i > 220 }, map[int]int{100: 3, 20: 2, 4: 3, 1: 8}},
		{"heavy in the middle", 230, func(i int) bool { return i > 115 && i <= 121 }, map[int]int{100: 3, 20: 5, 4: 5, 1: 4}},
		{"heavy at the begin", 103, func(i int) bool { return i <= 4 }, map[int]int{100: 2, 20: 5, 4: 5, 1: 4}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answers := map[int]int{}
			client := scripted(t, map[string]http.HandlerFunc{
				"issues/7":          says(200, `{"number": 7, "title": "The shop is closed", "body": "At noon."}`),
				"issues/7/comments": paged(test.comments, test.heavy, answers),
			})
			parts, notes := client.Context(t.Context(), aboutIssue7(nil), forge.ContextCaps{Pages: 100, Part: 100})
			if len(parts) != test.comments+1 || notes != nil {
				t.Fatalf("%d parts, notes %q", len(parts), notes)
			}
			for i, part := range parts[1:] {
				if got := strings.TrimRight(part.Text, "!"); got != fmt.Sprintf("comment %d", i+1) {
					t.Fatalf("comment %d is %q", i+1, got)
				}
			}
			if diff := cmp.Diff(test.answers, answers); diff != "" {
				t.Errorf("answers by size (-want +got):\n%s", diff)
			}
		})
	}
}

// What is asked for apart from the context meets the same comments.
func TestWhateverReadsCommentsReadsThemWhenTheyAreLong(t *testing.T) {
	t.Parallel()
	head := strings.Repeat("a", 40)
	client := scripted(t, map[string]http.HandlerFunc{
		"pulls/7":           says(200, `{"number": 7, "base": {"repo": {"full_name": "acme/shop"}}, "head": {"sha": "`+head+`"}}`),
		"commits/" + head:   says(200, `{"sha": "`+head+`", "commit": {"committer": {"name": "Cursor Agent"}}}`),
		"pulls/7/comments":  paged(230, func(i int) bool { return i > 220 }, map[int]int{}),
		"pulls/7/reviews":   paged(230, func(i int) bool { return i > 120 && i <= 130 }, map[int]int{}),
		"issues/7/comments": paged(230, func(i int) bool { return i > 220 }, map[int]int{}),
		"commits/main/check-runs": func(w http.ResponseWriter, r *http.Request) {
			var checks strings.Builder
			paged(230, func(i int) bool { return i > 120 && i <= 130 }, map[int]int{})(recorded{w, &checks}, r)
			fmt.Fprintf(w, `{"check_runs": %s}`, strings.ReplaceAll(checks.String(), `"id":230`, `"id":230,"external_id":"k"`))
		},
	})
	if found, err := client.FindComment(t.Context(), "acme/shop", 7, "comment 150", "bob"); found.ID != 150 || err != nil {
		t.Errorf("the comment is %d, error %v", found.ID, err)
	}
	if mark, err := client.LastMark(t.Context(), "acme/shop", 7, "bob", ofAnAgent); mark != "" || err != nil {
		t.Errorf("the mark is %q, error %v", mark, err)
	}
	if id, err := client.FindCheck(t.Context(), "acme/shop", "main", "c", "k"); id != 230 || err != nil {
		t.Errorf("the check is %d, error %v", id, err)
	}
	acts, err := client.HumanActs(t.Context(), "acme/shop", 7, time.Time{})
	if want := (forge.HumanAct{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), What: "comment", Login: "bob"}); len(acts) == 0 || acts[0] != want || err != nil {
		t.Errorf("the acts are %+v, error %v", acts, err)
	}
	reviews := 0
	for _, err := range client.Reviews(t.Context(), "acme/shop", 7) {
		if err != nil {
			t.Fatal(err)
		}
		reviews++
	}
	if reviews != 230 {
		t.Errorf("%d reviews", reviews)
	}
}

// recorded takes in what is written.
type recorded struct {
	http.ResponseWriter
	text *strings.Builder
}

func (r recorded) Write(p []byte) (int, error) { return r.text.Write(p) }

func TestAListThatGrowsOrShrinksWhileItIsReadIsReadOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		counts []int // comments there are at each answer; a shorter list has lost its first ones
		want   int   // comments read; those are missed that move to a page which was read before
	}{
		{"it grows by a page", []int{150, 250, 250, 250}, 250},
		{"its first ones go away", []int{250, 250, 240, 240}, 240},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked, most := 0, 0
			for _, count := range test.counts {
				most = max(most, count)
			}
			client := scripted(t, map[string]http.HandlerFunc{
				"issues/7": says(200, `{"number": 7, "title": "The shop is closed", "body": "At noon."}`),
				"issues/7/comments": func(w http.ResponseWriter, r *http.Request) {
					page, _ := strconv.Atoi(r.URL.Query().Get("page"))
					count := test.counts[min(asked, len(test.counts)-1)]
					asked++
					lost := 0
					if count < most && asked > 2 {
						lost = most - count
					}
					if last := (count + 99) / 100; page < last {
						w.Header().Set("Link", fmt.Sprintf(`<http://x/?page=%d>; rel="next", <http://x/?page=%d>; rel="last"`, page+1, last))
					}
					var items []string
					for i := (page-1)*100 + 1; i <= min(count, page*100); i++ {
						items = append(items, object{"id": lost + i, "body": fmt.Sprintf("comment %d", lost+i)}.String())
					}
					fmt.Fprintf(w, "[%s]", strings.Join(items, ","))
				},
			})
			parts, notes := client.Context(t.Context(), aboutIssue7(nil), forge.ContextCaps{})
			seen := map[string]bool{}
			for _, text := range texts(parts[1:]) {
				if seen[text] {
					t.Errorf("%s came twice", text)
				}
				seen[text] = true
			}
			if len(seen) != test.want || notes != nil || parts[1].Text != "comment 1" || parts[len(parts)-1].Text != "comment 250" {
				t.Errorf("%d comments from %q to %q, notes %q", len(seen), parts[1].Text, parts[len(parts)-1].Text, notes)
			}
		})
	}
}

func TestARepositoryWithoutANameIsAskedForNothing(t *testing.T) {
	t.Parallel()
	client := scripted(t, nil)
	for _, path := range []string{"", "shop", "group/team/shop"} {
		for _, test := range []struct {
			event forge.Event
			want  []string
		}{
			{forge.Event{Issue: &forge.Issue{Number: 7}}, []string{"read issue 7 of " + path, "read the comments on 7 of " + path}},
			{forge.Event{Check: &forge.Check{Kind: forge.CheckRun, ID: 1}}, []string{"read check run 1 of " + path}},
			{forge.Event{WorkflowRun: &forge.UpstreamRun{ID: 5, Event: "pull_request", HeadRepository: "a/b", HeadBranch: "x"}},
				[]string{"read the jobs of workflow run 5 of " + path, "look for pull requests of the branch x into " + path}},
			{forge.Event{PullRequest: &forge.PullRequest{Number: 9, Repository: forge.Repository{Path: path}}},
				[]string{"read pull request 9 of " + path, "read the comments on 9 of " + path, "read the reviews of pull request 9 of " + path,
					"read the review comments on pull request 9 of " + path, "read the changed files of pull request 9 of " + path}},
		} {
			test.event.Repository.Path = path
			_, notes := client.Context(t.Context(), test.event, forge.ContextCaps{})
			var want []string
			for _, op := range test.want {
				want = append(want, strings.TrimSpace(op)+": GitHub's repositories are called owner/name: the context goes without it; run the job again when GitHub answers")
			}
			for i, note := range notes {
				notes[i] = strings.Replace(note, " : ", ": ", 1)
			}
			if diff := cmp.Diff(want, notes); diff != "" {
				t.Errorf("%q: notes (-want +got):\n%s", path, diff)
			}
		}
	}
}
