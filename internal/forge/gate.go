package forge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Gate decides whether an event may start something. The zero value is the
// default: people need the permission write where others than members can cause
// the event, and bots start nothing.
type Gate struct {
	// RequiredPermission is one of GitHub's words, which counts for every event
	// that somebody causes. "" is write for events that others than members can
	// cause, and none for the rest.
	RequiredPermission string
	// AllowBots are the logins of bots that may cause events, with or without
	// [bot]; nothing more is asked of them. "*" is all, where the event says that
	// the repository is private.
	AllowBots []string
	// TriggerPhrase has to stand in what was written, for events that carry a
	// text: comments, reviews, issues and discussions. "" asks for none.
	TriggerPhrase string
	// TriggerLabel has to be the label that was put on, for events of issues and
	// pull requests. "" asks for none. With a phrase as well, either is enough.
	TriggerLabel string
}

// Decision is what the gate says.
type Decision struct {
	// Launch is true when the event may start something. Otherwise Reason says
	// why not and Text, in one line, what to do next.
	Launch bool
	Reason SkipReason
	Text   string
	// Prompt is what was written beside the trigger phrase.
	Prompt string
	// Label is the trigger label as it was put on, to be taken off after use.
	Label string
	// PullRequest is the one that the event is about, as new as it was needed.
	PullRequest *PullRequest
	// HeadSHA is the commit that was decided about, "" where there is none.
	HeadSHA string
	// Bound is true where somebody vouched for that commit and for no other.
	Bound bool

	path   string // of the repository
	number int    // of the pull request that has the head
}

// InputError is an input that the gate can't work with.
type InputError struct {
	Input   string // its name, for example "allow-bots"
	Problem string // what is wrong, and what to write
}

// Error is one line.
func (e *InputError) Error() string { return e.Input + " " + e.Problem }

// memberEvents can be caused by those only who may write anyway.
var memberEvents = []string{"push", "schedule", "workflow_dispatch", "repository_dispatch", "merge_group"}

// required is the permission that the event's actors need.
func (g Gate) required(event Event) Permission {
	if g.RequiredPermission != "" {
		permission, _ := ParsePermission(g.RequiredPermission) // Check has read it
		return permission
	}
	if event.Name == "" || slices.Contains(memberEvents, event.Name) {
		return PermissionNone // Without an event no runner has started this.
	}
	return PermissionWrite
}

// Free reports whether GitHub is asked nothing about the event, which passes or
// not by its payload alone.
func (g Gate) Free(event Event) bool {
	return g.required(event) == PermissionNone && event.PullRequest == nil && event.Issue == nil
}

// vouching is the permission of those who can vouch for a fork's head. Where
// anybody may start something, not anybody may vouch for what it works on.
func (g Gate) vouching(event Event) Permission {
	if required := g.required(event); required >= PermissionTriage {
		return required
	}
	return PermissionWrite
}

// Renewing is the permission of those whose acts begin limits against loops anew:
// of whoever may start something. Where members alone cause the event, it is what
// they have anyway, since others talk on a pull request too.
func (g Gate) Renewing() Permission {
	if g.RequiredPermission == "" {
		return PermissionWrite
	}
	return g.required(Event{})
}

// Check says what is wrong with the inputs, for this event; nil for nothing. It
// asks nobody.
func (g Gate) Check(event Event) []*InputError {
	var wrong []*InputError
	problem := func(input, format string, args ...any) {
		wrong = append(wrong, &InputError{input, fmt.Sprintf(format, args...)})
	}
	if g.RequiredPermission != "" {
		if _, err := ParsePermission(g.RequiredPermission); err != nil {
			problem("required-permission", "is wrong: %v", err)
		}
	}
	for _, bot := range g.AllowBots {
		switch {
		case bot == "*" && !event.Private:
			problem("allow-bots", "is * in a repository that is public, or that the event says nothing of: anybody's bot could start agents there. Name the bots, for example renovate[bot]")
		case bot != "*" && !login.MatchString(bot):
			problem("allow-bots", "names %q, which is no login: write for example renovate[bot]", bot)
		}
	}
	if g.TriggerPhrase != "" {
		if err := CheckPhrase(g.TriggerPhrase); err != nil {
			problem("trigger-phrase", "%v", err)
		}
	}
	if strings.ContainsFunc(g.TriggerLabel, unicode.IsControl) || strings.TrimSpace(g.TriggerLabel) != g.TriggerLabel {
		problem("trigger-label", "is %q, and no label is called that: write the label's name", g.TriggerLabel)
	}
	if event.Name == "pull_request_target" && g.TriggerLabel == "" && (g.RequiredPermission == "" || g.RequiredPermission == PermissionNone.String()) {
		problem("required-permission", "has to be set for pull_request_target, which gives the repository's secrets to what anybody sends: write required-permission: write, or set trigger-label")
	}
	return wrong
}

// Decide decides about the event. hub is asked what the payload doesn't say; nil
// is no token, and then what would have to be asked is not believed. keyPresent
// says whether there is a key to start something with, which workflows of forks
// don't get. ctx bounds the questions.
//
// The error is that of wrong inputs; everything else is a decision.
func (g Gate) Decide(ctx context.Context, hub *GitHub, event Event, keyPresent bool) (Decision, error) {
	if wrong := g.Check(event); len(wrong) > 0 {
		errs := make([]error, len(wrong))
		for i, one := range wrong {
			errs[i] = one
		}
		return Decision{}, errors.Join(errs...)
	}
	c := gateCase{Gate: g, hub: hub, event: event, key: keyPresent, known: map[string]Permission{}}
	for _, step := range []func(context.Context) *skip{
		c.readable, c.notOurs, c.triggered, c.forkHasKey, c.botsAreNamed, c.actorsMay, c.commitNotOurs, c.subjectStands,
	} {
		if skip := step(ctx); skip != nil {
			return Decision{Reason: skip.reason, Text: skip.text, Label: c.label(skip), PullRequest: c.PullRequest, HeadSHA: c.HeadSHA}, nil
		}
	}
	c.Launch = true
	return c.Decision, nil
}

// Recheck is the decision as it is right before the launch: a pull request that
// has another head than the one that was decided about starts nothing.
func (d Decision) Recheck(ctx context.Context, hub *GitHub) Decision {
	if !d.Launch || hub == nil || d.number == 0 || d.HeadSHA == "" {
		return d
	}
	again := d
	again.Launch, again.Prompt = false, ""
	unchanged, now, err := hub.HeadUnchanged(ctx, d.path, d.number, d.HeadSHA)
	if err != nil {
		skip := pullUnread(d.path, d.number, err)
		if skip.reason == SkipSubjectUnknown && !d.Bound {
			return d // nobody vouched for this head alone
		}
		again.Reason, again.Text = skip.reason, skip.text
		return again
	}
	if unchanged {
		return d
	}
	again.Reason, again.Text = SkipHeadMoved, movedText(d.number, d.HeadSHA, now)
	return again
}
