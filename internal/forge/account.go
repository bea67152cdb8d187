package forge

import (
	"strings"

	"github.com/google/go-github/v62/github"
)

// Account is one who acts on GitHub: a person, or an app's bot.
type Account struct {
	Login string
	ID    int64
	// Bot is true for an app's account, whose login ends in [bot], and for
	// what GitHub itself calls a bot.
	Bot bool
}

// IsZero reports whether nobody is named.
func (a Account) IsZero() bool { return a.Login == "" }

func accountOf(user *github.User) Account {
	return Account{
		Login: user.GetLogin(), ID: user.GetID(),
		Bot: user.GetType() == "Bot" || strings.HasSuffix(strings.ToLower(user.GetLogin()), botSuffix),
	}
}

// botSuffix ends the login of an app's account.
// https://docs.github.com/apps/creating-github-apps/about-creating-github-apps/deciding-when-to-build-a-github-app
const botSuffix = "[bot]"

// isCursor reports whether it is the account that Cursor's agents push with.
func (a Account) isCursor() bool {
	return strings.EqualFold(strings.TrimSuffix(strings.ToLower(a.Login), botSuffix), "cursor")
}

// Signature is who a commit says made it. Anybody can write anything there.
type Signature struct {
	Name  string
	Email string
	Login string // of the account that GitHub found for the address; "" for none
}

// isCursor reports whether Cursor's agent signed.
func (s Signature) isCursor() bool {
	return strings.EqualFold(s.Email, "cursoragent@cursor.com") || strings.EqualFold(s.Name, "Cursor Agent") ||
		Account{Login: s.Login}.isCursor()
}

func signatureOf(author *github.CommitAuthor) Signature {
	return Signature{Name: author.GetName(), Email: author.GetEmail(), Login: author.GetLogin()}
}
