package cursor

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// downloadIdle is the longest silence of a storage host.
const downloadIdle = time.Minute

// Download writes what rawURL holds to w and returns the number of bytes
// written, limit at most: a longer file is an error. rawURL is the URL of a
// Download, https or loopback http.
//
// It goes to a storage host and not to the API, so it carries neither the key
// nor cookies, and an error does not show the URL's query, which is a
// credential. Faults are repeated as for any call until the first byte has been
// written.
func (c *Client) Download(ctx context.Context, rawURL string, w io.Writer, limit int64) (int64, error) {
	const op = "download artifact"
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return 0, errors.New(op + ": the URL can't be read") // the text of err repeats it
	case u.Host == "":
		return 0, errors.New(op + ": the URL names no host")
	case !isSafe(u):
		return 0, fmt.Errorf("%s: %s://%s is not https", op, u.Scheme, u.Host)
	}
	k := call{
		op: op, method: http.MethodGet, safe: true,
		path:    u.Scheme + "://" + u.Host + u.EscapedPath(),
		secrets: credentials(u),
	}
	sink := &sink{w: w}
	err = c.repeat(ctx, k, func(ctx context.Context, number int) *Error {
		begun := time.Now()
		status, id, failure := c.download(ctx, k, u, sink, limit)
		if failure != nil {
			failure.RequestID = id
		}
		c.observe(k, number, begun, status, id, failure)
		return failure
	})
	return sink.written, err
}

// credentials lists the parts of a presigned URL that give access.
func credentials(u *url.URL) []string {
	var values []string
	for _, list := range u.Query() {
		for _, v := range list {
			if len(v) >= longSecret {
				values = append(values, v, url.QueryEscape(v))
			}
		}
	}
	if u.User != nil {
		values = append(values, u.User.String())
	}
	return values
}

// download makes one attempt, and returns the status of the answer and the
// storage host's name for the exchange.
func (c *Client) download(ctx context.Context, k call, u *url.URL, out *sink, limit int64) (status int, id string, _ *Error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(downloadIdle, func() { cancel(&timeout{after: downloadIdle}) })
	defer silence.Stop()

	request := (&http.Request{Method: k.method, URL: u, Header: http.Header{}}).WithContext(ctx)
	request.Header.Set("User-Agent", c.userAgent)
	request.Header.Set("Accept-Encoding", "identity") // the file as it is stored
	answer, failure := c.open(k, c.storage, request)
	if failure != nil {
		return 0, "", failure
	}
	defer answer.Body.Close()
	status, id = answer.StatusCode, c.storageID(answer)
	switch {
	case status != http.StatusOK:
		return status, id, c.refusedByStorage(k, answer)
	case answer.ContentLength > limit:
		return status, id, k.tooLong(limit)
	}
	body := &patient{source: answer.Body, silence: silence, limit: downloadIdle}
	_, err := io.Copy(out, io.LimitReader(body, max(limit, 0)))
	if err == nil && out.written == max(limit, 0) {
		if n, _ := io.ReadFull(body, make([]byte, 1)); n > 0 {
			return status, id, k.tooLong(limit)
		}
	}
	switch {
	case out.err != nil:
		e := k.lost(status)
		e.Class, e.Err, e.Message = Final, out.err, "write: "+c.line(k, out.err.Error())
		return status, id, e
	case err != nil:
		e := c.broken(ctx, k, status, err)
		if out.written > 0 { // w can't take the first bytes back
			e.Class = Final
		}
		return status, id, e
	}
	return status, id, nil
}

// storageID is what the storage host calls the exchange: X-Amz-Request-Id is
// the name of https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html
func (c *Client) storageID(answer *http.Response) string {
	if id := answer.Header.Get("X-Amz-Request-Id"); id != "" {
		return c.redactor.line(id, maxWord)
	}
	return c.requestID(answer)
}

func (k call) tooLong(limit int64) *Error {
	e := k.lost(http.StatusOK)
	e.Class = Final
	e.Message = fmt.Sprintf("the file is longer than the %d bytes allowed", max(limit, 0))
	return e
}

// refusedByStorage is the error of a storage host's answer. Its XML repeats
// parts of the request, so only the code and the sentence are read.
func (c *Client) refusedByStorage(k call, answer *http.Response) *Error {
	e := k.verdict(answer.StatusCode, "")
	e.RetryAfter = retryAfter(answer.Header, "", time.Now())
	if answer.StatusCode/100 == 3 {
		e.Message = redirectMessage(answer, isSafe)
		return e
	}
	var said struct {
		Code    string
		Message string
	}
	if xml.NewDecoder(io.LimitReader(answer.Body, maxErrorBody)).Decode(&said) == nil {
		e.Code, e.Message = Code(c.redactor.with(k.secrets).line(said.Code, maxWord)), c.line(k, said.Message)
	}
	return e
}

// sink counts what is written to w and keeps its error apart from those of the
// network.
type sink struct {
	w       io.Writer
	written int64
	err     error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.written += int64(n)
	s.err = err
	return n, err
}
