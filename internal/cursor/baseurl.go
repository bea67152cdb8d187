package cursor

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// parseBaseURL checks what Config.BaseURL promises. Its errors show the scheme and the host only, because
// what stands elsewhere in a wrong URL may be a secret.
func parseBaseURL(raw string) (*url.URL, error) {
	if raw == "" {
		raw = DefaultBaseURL
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		// The text of err repeats the URL.
		return nil, errors.New("the API URL is not a valid URL; it should look like " + DefaultBaseURL)
	case u.Hostname() == "":
		return nil, errors.New("the API URL names no host; it should look like " + DefaultBaseURL)
	case u.User != nil:
		return nil, fmt.Errorf("the API URL for %s holds a user name or password; remove it, the key is sent as a header", u.Host)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("the API URL for %s holds a query or fragment; remove it", u.Host)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("the API URL for %s has the scheme %q; use https", u.Host, u.Scheme)
	case !isSafe(u):
		return nil, fmt.Errorf("the API URL for %s is http, which would show the key to the network; use https (http is for loopback hosts only)", u.Host)
	}
	if u.Path == "" {
		u.Path = "/" // or paths would be joined to a relative one
	}
	return u, nil
}

// isSafe reports whether what is sent to u stays unread on its way: https, or
// http that never leaves the machine.
func isSafe(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
