package forge

// SkipReason says why an event starts nothing. It is the output skip-reason:
// the words stay as they are.
type SkipReason string

// The reasons of the gate.
const (
	// SkipUnreadable: the event's payload can't be relied upon, and others than
	// members may have caused it.
	SkipUnreadable SkipReason = "event-unreadable"
	// SkipOwnComment: the action itself wrote what the event is about.
	SkipOwnComment SkipReason = "own-comment"
	// SkipOwnCommit: Cursor's agent pushed.
	SkipOwnCommit SkipReason = "own-commit"
	// SkipNoPhrase: what was written does not say the trigger phrase.
	SkipNoPhrase SkipReason = "no-trigger-phrase"
	// SkipEdited: a comment was edited or deleted, and only new ones count.
	SkipEdited SkipReason = "edited"
	// SkipNoLabel: nothing was labelled.
	SkipNoLabel SkipReason = "no-trigger-label"
	// SkipOtherLabel: another label than the trigger label was put on.
	SkipOtherLabel SkipReason = "other-label"
	// SkipBot: a bot caused it that allow-bots does not name.
	SkipBot SkipReason = "bot"
	// SkipNoPermission: who caused it may not do enough in the repository.
	SkipNoPermission SkipReason = "no-permission"
	// SkipPermissionUnknown: GitHub did not say what they may do.
	SkipPermissionUnknown SkipReason = "permission-unknown"
	// SkipForkWithoutKey: it comes from a fork, whose workflows get no secrets.
	SkipForkWithoutKey SkipReason = "fork-without-key"
	// SkipForkNotApproved: nobody with enough permission approved the fork's head.
	SkipForkNotApproved SkipReason = "fork-not-approved"
	// SkipHeadMoved: the pull request has another head than the event's.
	SkipHeadMoved SkipReason = "head-moved"
	// SkipSubjectGone: the issue or pull request is not there any more.
	SkipSubjectGone SkipReason = "subject-gone"
	// SkipSubjectUnknown: GitHub did not say what has to be known of it.
	SkipSubjectUnknown SkipReason = "subject-unknown"
)

// SkipReasons are all of them.
func SkipReasons() []SkipReason {
	return []SkipReason{
		SkipUnreadable, SkipOwnComment, SkipOwnCommit, SkipNoPhrase, SkipEdited, SkipNoLabel, SkipOtherLabel, SkipBot,
		SkipNoPermission, SkipPermissionUnknown, SkipForkWithoutKey, SkipForkNotApproved, SkipHeadMoved, SkipSubjectGone, SkipSubjectUnknown,
	}
}
