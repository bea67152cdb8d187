package forge

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// gitConfig is a git configuration file, in its order.
type gitConfig []gitSetting

type gitSetting struct {
	section, subsection, name string // section and name in lower case
	value                     string
}

// parseGitConfig reads what git writes, and passes over what it would refuse.
// https://git-scm.com/docs/git-config#_syntax
func parseGitConfig(text string) gitConfig {
	var config gitConfig
	var section, subsection string
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "["); ok {
			section, subsection, line = parseGitSection(rest)
		}
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		name, raw, _ := strings.Cut(line, "=")
		var value string
		value, text = parseGitValue(raw, text)
		config = append(config, gitSetting{section, subsection, strings.ToLower(strings.TrimSpace(name)), value})
	}
	return config
}

// parseGitSection reads what stands behind the bracket of [section] or
// [section "subsection"], and returns what follows it on the line.
func parseGitSection(text string) (section, subsection, rest string) {
	end := strings.IndexAny(text, "]\"")
	if end < 0 {
		return strings.ToLower(strings.TrimSpace(text)), "", ""
	}
	section = strings.ToLower(strings.TrimSpace(text[:end]))
	if text[end] == ']' {
		return section, "", strings.TrimSpace(text[end+1:])
	}
	var name strings.Builder
	for i := end + 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			_, rest, _ = strings.Cut(text[i:], "]")
			return section, name.String(), strings.TrimSpace(rest)
		case '\\':
			i++
		}
		if i < len(text) {
			name.WriteByte(text[i])
		}
	}
	return section, name.String(), ""
}

// parseGitValue reads a value: quotes are taken off, escapes resolved, comments
// left out, and a line that ends with a backslash goes on with the next.
func parseGitValue(raw, following string) (value, rest string) {
	var b strings.Builder
	quoted, kept := false, 0 // kept is the length without blanks at the end
	raw = strings.TrimLeft(raw, " \t")
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\\' && i+1 == len(raw):
			var next string
			next, following, _ = strings.Cut(following, "\n")
			raw, i = next, -1
			continue
		case c == '\\':
			i++
			c = raw[i]
			if at := strings.IndexByte("ntb", c); at >= 0 {
				c = "\n\t\b"[at]
			}
		case c == '"':
			quoted = !quoted
			kept = b.Len()
			continue
		case !quoted && (c == '#' || c == ';'):
			return b.String()[:kept], following
		}
		b.WriteByte(c)
		if quoted || c != ' ' && c != '\t' {
			kept = b.Len()
		}
	}
	return b.String()[:kept], following
}

// value is the last value of a setting, "" when it has none.
func (c gitConfig) value(section, subsection, name string) string {
	for _, setting := range slices.Backward(c) {
		if setting.section == section && setting.subsection == subsection && setting.name == name {
			return setting.value
		}
	}
	return ""
}

// remoteOf is the remote that a branch is pushed to: its own, else origin, else
// the only one there is; "" when nothing decides.
func (c gitConfig) remoteOf(branch string) string {
	var remotes []string
	for _, setting := range c {
		if setting.section == "remote" && setting.name == "url" && !slices.Contains(remotes, setting.subsection) {
			remotes = append(remotes, setting.subsection)
		}
	}
	for _, remote := range []string{
		c.value("branch", branch, "pushremote"), c.value("remote", "", "pushdefault"), c.value("branch", branch, "remote"), "origin",
	} {
		if slices.Contains(remotes, remote) {
			return remote
		}
	}
	if len(remotes) == 1 {
		return remotes[0]
	}
	return ""
}

// tracked is the branch of remote that the local one tracks, "" for none.
func (c gitConfig) tracked(branch, remote string) string {
	if c.value("branch", branch, "remote") != remote {
		return ""
	}
	return strings.TrimPrefix(c.value("branch", branch, "merge"), "refs/heads/")
}

// repository is the repository that a remote names.
func (c gitConfig) repository(remote string) (Repository, error) {
	if remote == "" {
		return Repository{}, errors.New("the checkout has no remote, or several and none named origin")
	}
	i := slices.IndexFunc(c, func(s gitSetting) bool {
		return s.section == "remote" && s.subsection == remote && s.name == "url"
	})
	repository, err := ParseRemote(c.rewritten(c[i].value)) // Of several, the first is fetched from.
	if err != nil {
		return Repository{}, fmt.Errorf("the remote %s of the checkout: %w", remote, err)
	}
	return repository, nil
}

// rewritten is an address as url.BASE.insteadOf has it: the longest match
// counts.
func (c gitConfig) rewritten(address string) string {
	var best gitSetting
	for _, s := range c {
		if s.section == "url" && s.name == "insteadof" && strings.HasPrefix(address, s.value) && len(s.value) > len(best.value) {
			best = s
		}
	}
	return best.subsection + strings.TrimPrefix(address, best.value)
}

// sshHosts are hosts that speak ssh on another port, for networks that block it.
var sshHosts = map[string]string{
	"ssh.github.com":       "github.com",
	"altssh.gitlab.com":    "gitlab.com",
	"altssh.bitbucket.org": "bitbucket.org",
}

// ParseRemote reads the address of a git remote, https or ssh in both of its
// forms, as the repository that it names. User names, passwords and tokens are
// left out, and stand in no error.
func ParseRemote(address string) (Repository, error) {
	address = strings.TrimSpace(address)
	shown := redactUserinfo(address)
	if !strings.Contains(address, "://") {
		shown = address[strings.LastIndex(address, "@")+1:]
		// host:path, as scp has it; anything with a slash before the colon is a
		// path.
		host, path, ok := strings.Cut(address, ":")
		if !ok || strings.Contains(host, "/") || len(host) < 2 {
			return Repository{}, fmt.Errorf("%q is a folder and no address of a code host", shown)
		}
		address = "ssh://" + host + "/" + strings.TrimPrefix(path, "/")
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return Repository{}, fmt.Errorf("%q can't be read as an address", shown)
	}
	host := parsed.Host
	switch parsed.Scheme {
	case "https", "http":
	case "ssh", "git+ssh", "ssh+git", "git":
		host = parsed.Hostname()
		if known, ok := sshHosts[strings.ToLower(host)]; ok {
			host = known
		}
		if !strings.Contains(host, ".") && net.ParseIP(host) == nil {
			return Repository{}, fmt.Errorf("%q names the host %q, which only this machine's ssh configuration knows", shown, host)
		}
	default:
		return Repository{}, fmt.Errorf("%q is not an https or ssh address", shown)
	}
	repository, err := ParseRepository("https://"+host+strings.TrimSuffix(parsed.EscapedPath(), "/"), "")
	if err != nil {
		return Repository{}, fmt.Errorf("%q names no repository", shown)
	}
	return repository, nil
}
