package forge

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// gateCase is one event before the gate. What is found out on the way is put
// into the decision.
type gateCase struct {
	Gate
	Decision
	hub      *GitHub
	event    Event
	key      bool
	labelled bool // the trigger label started it
	known    map[string]Permission
}

// skip is why an event starts nothing.
type skip struct {
	reason SkipReason
	text   string
}

func skipped(reason SkipReason, format string, args ...any) *skip {
	return &skip{reason, fmt.Sprintf(format, args...)}
}

// label is the one to take off although nothing was started: on another head it
// would say what nobody meant.
func (c *gateCase) label(why *skip) string {
	if why.reason == SkipHeadMoved {
		return c.Label
	}
	return ""
}

// readable refuses events of strangers whose payload can't be relied upon: also
// where everybody may start something, neither a phrase nor a fork is known.
func (c *gateCase) readable(context.Context) *skip {
	if c.event.Problem == "" || c.required(c.event) == PermissionNone && (c.event.Name == "" || slices.Contains(memberEvents, c.event.Name)) {
		return nil
	}
	return skipped(SkipUnreadable, "the event %s can't be relied upon, since %s: run the workflow again by a new event", bound(c.event.Name), c.event.Problem)
}

// notOurs refuses what the action wrote and what the agent pushed, as far as
// the payload tells: otherwise they would answer themselves for ever.
func (c *gateCase) notOurs(context.Context) *skip {
	if what, text := c.event.written(); isOurs(text) {
		return skipped(SkipOwnComment, "this action wrote the %s, and what it writes starts nothing: write one of your own", what)
	}
	push := c.event.Push
	agent := push != nil && push.HeadCommit != nil && push.HeadCommit.ByCursor()
	if (push != nil || c.event.isSynchronize()) && (agent || c.event.Sender.isCursor()) {
		return skipOwnCommit()
	}
	return nil
}

func skipOwnCommit() *skip {
	return skipped(SkipOwnCommit, "Cursor's agent made the newest commit, and its commits start nothing: push a commit of your own, or start the workflow by hand")
}

// isSynchronize reports whether commits were pushed to a pull request.
func (e Event) isSynchronize() bool {
	return e.Action == "synchronize" && (e.Name == "pull_request" || e.Name == "pull_request_target")
}

// commitNotOurs asks who made the commits that a pull request got: the payload
// does not say.
func (c *gateCase) commitNotOurs(ctx context.Context) *skip {
	if !c.event.isSynchronize() {
		return nil
	}
	head := c.event.PullRequest.HeadSHA
	if c.hub == nil {
		return skipped(SkipSubjectUnknown, "whether Cursor's agent made the newest commit of pull request %d is not known, since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}", c.event.PullRequest.Number)
	}
	commit, _, err := c.hub.Commit(ctx, c.event.Repository.Path, head)
	if err != nil {
		return unread(err, "contents: read", "whether Cursor's agent made the newest commit of pull request %d is not known", c.event.PullRequest.Number)
	}
	if commit.ByCursor() {
		return skipOwnCommit()
	}
	return nil
}

// written is the text that the event is about, and what it is; "" for events
// that are about none.
func (e Event) written() (what, text string) {
	switch {
	case e.Comment != nil:
		return "comment", e.Comment.Body
	case e.Review != nil:
		return "review", e.Review.Body
	case e.Issue != nil:
		return "issue", e.Issue.Body
	case e.Discussion != nil:
		return "discussion", e.Discussion.Body
	}
	return "", ""
}

// triggered looks for the phrase and the label.
func (c *gateCase) triggered(context.Context) *skip {
	labels := c.TriggerLabel != "" && (c.event.Name == "issues" || c.event.Name == "pull_request" || c.event.Name == "pull_request_target")
	if labels && c.event.Action == "labeled" {
		if !strings.EqualFold(c.event.Label, c.TriggerLabel) {
			return skipped(SkipOtherLabel, "the label %q was put on, and %q starts an agent: put that one on", bound(c.event.Label), c.TriggerLabel)
		}
		c.labelled, c.Label = true, c.event.Label
		return nil
	}
	if what, text := c.event.written(); c.TriggerPhrase != "" && what != "" {
		return c.said(what, text)
	}
	if labels {
		return skipped(SkipNoLabel, "the event is %s, and putting the label %q on starts an agent: put it on", bound(c.event.Action), c.TriggerLabel)
	}
	return nil
}

// said looks for the phrase in a text that is new.
func (c *gateCase) said(what, text string) *skip {
	fresh := map[string]string{"comment": "created", "review": "submitted", "issue": "opened", "discussion": "created"}[what]
	switch c.event.Action {
	case fresh:
	case "edited", "deleted":
		return skipped(SkipEdited, "the %s was %s, and only a new one starts an agent: say %s in a new comment", what, c.event.Action, c.TriggerPhrase)
	default:
		return skipped(SkipNoPhrase, "the event is %s, and only a new text that says %s starts an agent: say it in a new comment", bound(c.event.Action), c.TriggerPhrase)
	}
	rest, found := FindPhrase(text, c.TriggerPhrase)
	if !found {
		return skipped(SkipNoPhrase, "the %s does not say %s as a word of its own, outside code and quotations: say it in a new comment to start an agent", what, c.TriggerPhrase)
	}
	c.Prompt = rest
	return nil
}

// botsAreNamed refuses bots that nobody named.
func (c *gateCase) botsAreNamed(context.Context) *skip {
	for _, actor := range c.event.Actors() {
		if actor.Bot && !c.allows(actor) {
			return skipped(SkipBot, "%s is a bot: name it in allow-bots if it may start agents", bound(actor.Login))
		}
	}
	return nil
}

func (c *gateCase) allows(bot Account) bool {
	bare := func(login string) string { return strings.TrimSuffix(strings.ToLower(login), botSuffix) }
	for _, named := range c.AllowBots {
		if named == "*" || bare(named) == bare(bot.Login) {
			return true
		}
	}
	return false
}

// actorsMay asks what those who caused the event may do.
func (c *gateCase) actorsMay(ctx context.Context) *skip {
	required := c.required(c.event)
	actors := c.event.Actors()
	if required == PermissionNone || len(actors) == 0 && c.event.Name == "schedule" {
		return nil
	}
	if len(actors) == 0 {
		return skipped(SkipPermissionUnknown, "the event %s does not say who caused it, and the permission %s is needed: start the workflow by hand", bound(c.event.Name), required)
	}
	for _, actor := range actors {
		if actor.Bot {
			continue // named
		}
		has, unknown := c.permission(ctx, actor)
		if unknown != nil {
			return unknown
		}
		if has < required {
			return skipped(SkipNoPermission, "%s has the permission %s in %s, and %s is needed: let somebody start it who has that, or set required-permission lower", bound(actor.Login), has, c.event.Repository.Path, required)
		}
	}
	return nil
}

// permission asks what a person may do in the event's repository.
func (c *gateCase) permission(ctx context.Context, actor Account) (Permission, *skip) {
	unknown := fmt.Sprintf("what %s may do in %s is not known", bound(actor.Login), c.event.Repository.Path)
	switch {
	case c.event.Repository.IsZero():
		return 0, skipped(SkipUnreadable, "the event %s names no repository: run the workflow again by a new event", bound(c.event.Name))
	case !login.MatchString(actor.Login):
		return 0, skipped(SkipPermissionUnknown, "%s: no account of GitHub has such a name: let somebody else start it", unknown)
	case c.hub == nil:
		return 0, skipped(SkipPermissionUnknown, "%s, since there is no token to ask GitHub with: leave github-token at its default, ${{ github.token }}", unknown)
	}
	if has, asked := c.known[actor.Login]; asked {
		return has, nil
	}
	has, err := c.hub.Permission(ctx, c.event.Repository.Path, actor.Login)
	if err != nil {
		skip := unread(err, "", "%s", unknown)
		skip.reason = SkipPermissionUnknown
		return 0, skip
	}
	c.known[actor.Login] = has
	return has, nil
}

// Request is what a new text asks for beside the trigger phrase, as the decision
// would have it; "" where nothing is asked for. It asks nobody.
func (g Gate) Request(event Event) string {
	c := gateCase{Gate: g, event: event}
	if c.triggered(context.Background()) != nil {
		return ""
	}
	return c.Prompt
}
