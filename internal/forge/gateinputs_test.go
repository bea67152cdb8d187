package forge_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cursor-agent-action/internal/forge"
)

// TestThe300CommentsOfOurOwnStartNothing replays what the action's own comments
// cause: created, edited and edited again, under the workflow's bot, under an
// app, and under a person's token.
func TestThe300CommentsOfOurOwnStartNothing(t *testing.T) {
	t.Parallel()
	hub := gateHub(t)
	events := 0
	for i := range 300 {
		author := []string{"github-actions[bot]", "acme-agents[bot]", "wri", "adm"}[i%4]
		marker := []string{"%s v=1 key=%d -->\n", "\n\n%s {\"key\": %d} -->", "> @cursor fix\n\n%s%d-->", "%s%d"}[i/4%4]
		h := happening{
			event: "issue_comment", action: []string{"created", "edited", "deleted"}[i%3], sender: author, number: []int{7, 9, 30}[i/3%3],
			body: "@cursor I am at work.\n" + fmt.Sprintf(marker, forge.Marker, i),
		}
		for _, gate := range []forge.Gate{
			{}, {TriggerPhrase: "@cursor"}, {RequiredPermission: "none", AllowBots: []string{"github-actions", "acme-agents"}, TriggerPhrase: "@cursor"},
		} {
			events++
			got, err := gate.Decide(t.Context(), askHub(t, hub), h.read(), true)
			if err != nil || got.Launch || got.Reason != forge.SkipOwnComment || got.Prompt != "" {
				t.Fatalf("event %d: %+v, %v", i, got, err)
			}
		}
	}
	if events != 900 || len(hub.Requests()) != 0 {
		t.Errorf("%d events asked %d questions", events, len(hub.Requests()))
	}
}

func TestInputsThatMakeNoGateAreNamed(t *testing.T) {
	t.Parallel()
	const target = "required-permission has to be set for pull_request_target, which gives the repository's secrets to what anybody sends: write required-permission: write, or set trigger-label"
	const star = "allow-bots is * in a repository that is public, or that the event says nothing of: anybody's bot could start agents there. Name the bots, for example renovate[bot]"
	for _, test := range []struct {
		name  string
		gate  forge.Gate
		event forge.Event
		want  []string
	}{
		{"nothing", forge.Gate{}, forge.Event{Name: "push"}, nil},
		{"an unknown word", forge.Gate{RequiredPermission: "owner"}, forge.Event{}, []string{`required-permission is wrong: "owner" is not a permission: write none, read, triage, write, maintain or admin`}},
		{"in capitals", forge.Gate{RequiredPermission: "Write"}, forge.Event{}, []string{`required-permission is wrong: "Write" is not a permission: write none, read, triage, write, maintain or admin`}},
		{"all bots where nobody knows", forge.Gate{AllowBots: []string{"*"}}, forge.Event{}, []string{star}},
		{"all bots in public", forge.Gate{AllowBots: []string{"x", "*"}}, forge.ReadEvent("push", []byte(`{"repository": {"private": false}}`), ""), []string{star}},
		{"all bots in private", forge.Gate{AllowBots: []string{"*"}}, forge.ReadEvent("push", []byte(`{"repository": {"private": true}}`), ""), nil},
		{"a bot that is none", forge.Gate{AllowBots: []string{"octo cat", "renovate[bot]", "x[bot][bot]"}}, forge.Event{}, []string{`allow-bots names "octo cat", which is no login: write for example renovate[bot]`, `allow-bots names "x[bot][bot]", which is no login: write for example renovate[bot]`}},
		{"a phrase", forge.Gate{TriggerPhrase: "> go"}, forge.Event{}, []string{"trigger-phrase holds Markdown (one of ` < > [ ] \\, or two spaces), which is not read as written: write one word, for example @cursor"}},
		{"a label", forge.Gate{TriggerLabel: " agent\n"}, forge.Event{}, []string{`trigger-label is " agent\n", and no label is called that: write the label's name`}},
		{"a target", forge.Gate{}, forge.Event{Name: "pull_request_target"}, []string{target}},
		{"a target for all", forge.Gate{RequiredPermission: "none"}, forge.Event{Name: "pull_request_target"}, []string{target}},
		{"a target with a permission", forge.Gate{RequiredPermission: "triage"}, forge.Event{Name: "pull_request_target"}, nil},
		{"a target with a label", forge.Gate{TriggerLabel: "agent"}, forge.Event{Name: "pull_request_target"}, nil},
		{"a target with a phrase, which says nothing there", forge.Gate{TriggerPhrase: "@cursor"}, forge.Event{Name: "pull_request_target"}, []string{target}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, one := range test.gate.Check(test.event) {
				got = append(got, one.Error())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			_, err := test.gate.Decide(t.Context(), nil, test.event, true)
			if wrong, ok := errors.AsType[*forge.InputError](err); ok != (test.want != nil) || ok && wrong.Error() != test.want[0] {
				t.Errorf("deciding gives the error %v", err)
			}
		})
	}
}

// TestAllBotsMayInPrivate is apart from the tables, whose repository is public.
func TestAllBotsMayInPrivate(t *testing.T) {
	t.Parallel()
	event := forge.ReadEvent("issues", []byte(`{"action": "opened", "issue": {"number": 7}, "repository": {"full_name": "acme/shop", "private": true}, "sender": {"login": "x[bot]", "type": "Bot"}}`), "")
	got, err := forge.Gate{AllowBots: []string{"*"}}.Decide(t.Context(), askHub(t, gateHub(t)), event, true)
	if err != nil || !got.Launch {
		t.Errorf("%+v, %v", got, err)
	}
}
