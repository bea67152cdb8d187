package forgetest

import (
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// logsPath is where the host of logs has them.
const logsPath = "/actions-results/"

// How long the address of a log is good.
const logsLast = time.Minute

// logsAddress is a signed address on another host: behind a socket the same
// port by its other name, because names have to resolve there.
func (x *exchange) logsAddress(job int64) string {
	host := "results." + x.r.Host
	if name, port, err := net.SplitHostPort(x.r.Host); err == nil {
		switch name {
		case "127.0.0.1":
			host = net.JoinHostPort("localhost", port)
		case "localhost":
			host = net.JoinHostPort("127.0.0.1", port)
		}
	}
	base := schemeOf(x.r) + "://" + host
	if x.hub.config.LogsURL != "" {
		base = strings.TrimSuffix(x.hub.config.LogsURL, "/")
	}
	query := url.Values{"se": {strconv.FormatInt(time.Now().Add(logsLast).Unix(), 10)}, "sig": {SHA("log " + itoa(job))}}
	return base + logsPath + itoa(job) + ".txt?" + query.Encode()
}

// serveLogs is the host that logs are on. It takes no token beside the
// signature, as the real one does, and knows ranges that say where they begin.
// https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
func (h *Hub) serveLogs(x *exchange) answer {
	query := x.r.URL.Query()
	ends, _ := strconv.ParseInt(query.Get("se"), 10, 64)
	id, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(x.r.URL.Path, logsPath), ".txt"), 10, 64)
	job := h.job(id)
	switch {
	case x.r.Header.Get("Authorization") != "":
		return storageProblem(http.StatusBadRequest, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Check the value of Authorization header.")
	case time.Now().Unix() > ends || query.Get("sig") != SHA("log "+itoa(id)):
		return storageProblem(http.StatusForbidden, "AuthenticationFailed", "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.")
	case job == nil || job.LogGone:
		return storageProblem(http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
	}
	a := answer{contentType: "text/plain", raw: []byte(job.Log)}
	a.set("Accept-Ranges", "bytes")
	first, last, asked := byteRange(x.r.Header.Get("Range"))
	switch {
	case !asked:
	case first >= len(a.raw):
		return storageProblem(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The range specified is invalid for the current size of the resource.")
	default:
		end := min(last+1, len(a.raw))
		a.status = http.StatusPartialContent
		a.set("Content-Range", "bytes "+strconv.Itoa(first)+"-"+strconv.Itoa(end-1)+"/"+strconv.Itoa(len(a.raw)))
		a.raw = a.raw[first:end]
	}
	return a
}

// byteRange reads "bytes=first-" and "bytes=first-last"; everything else, a
// range from the end too, is as good as none.
func byteRange(header string) (first, last int, asked bool) {
	text, isBytes := strings.CutPrefix(header, "bytes=")
	from, to, found := strings.Cut(text, "-")
	first, err := strconv.Atoi(from)
	if !isBytes || !found || err != nil {
		return 0, 0, false
	}
	if to == "" {
		return first, 1<<62 - 1, true
	}
	last, err = strconv.Atoi(to)
	return first, last, err == nil && last >= first
}

func storageProblem(status int, code, message string) answer {
	return answer{status: status, contentType: "application/xml", raw: []byte(
		`<?xml version="1.0" encoding="utf-8"?><Error><Code>` + code + `</Code><Message>` + message + `</Message></Error>`)}
}

// job finds a job of any repository.
func (h *Hub) job(id int64) *Job {
	for _, r := range h.repos {
		for _, run := range r.WorkflowRuns {
			for _, job := range run.Jobs {
				if job.ID == id {
					return job
				}
			}
		}
	}
	return nil
}
