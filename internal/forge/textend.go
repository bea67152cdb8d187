package forge

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// mostRead is how many bytes of a text are read in search of its end, where the
// host hands out no parts.
const mostRead = 256 << 20

// fetchEnd reads the last most bytes of the text at address, and learns the size
// in bytes of all of it. The first question brings a short text whole, and of a
// long one the size; the second its end. Parts that are counted from the end are
// nothing that the storage which GitHub uses knows of.
// https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
func fetchEnd(ctx context.Context, client *http.Client, address *url.URL, most int) (end []byte, size int, _ error) {
	end, from, size, err := fetchPart(ctx, client, address, 0, most)
	if err == nil && from+len(end) < size {
		end, _, size, err = fetchPart(ctx, client, address, size-most, most)
	}
	return end, size, err
}

// fetchPart reads most bytes of the text at address, from the one at from on; at
// is where the part begins indeed. A host that gives the whole text instead is
// read until its end, and the part is that end.
func fetchPart(ctx context.Context, client *http.Client, address *url.URL, from, most int) (part []byte, at, size int, _ error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, 0, 0, err
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+most-1))
	answer, err := client.Do(request)
	if err != nil {
		return nil, 0, 0, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		part, size, err := readEnd(answer.Body, most)
		return part, size - len(part), size, err
	case http.StatusRequestedRangeNotSatisfiable:
		return nil, 0, 0, nil // Nothing stands there: even the first byte is behind the end.
	case http.StatusPartialContent:
		var last int
		stands := answer.Header.Get("Content-Range")
		if _, err := fmt.Sscanf(stands, "bytes %d-%d/%d", &at, &last, &size); err != nil || at != from || last < at || last >= size {
			return nil, 0, 0, &GitHubError{Status: answer.StatusCode, Message: bound(fmt.Sprintf("asked for the bytes from %d on, the host gives %q", from, stands))}
		}
		part, err := io.ReadAll(io.LimitReader(answer.Body, int64(most)))
		return part, at, size, err
	}
	return nil, 0, 0, &GitHubError{Status: answer.StatusCode, Message: http.StatusText(answer.StatusCode)}
}

// readEnd reads all, and keeps the last most bytes; it holds no more than twice
// of that.
func readEnd(from io.Reader, most int) (end []byte, size int, _ error) {
	buffer := make([]byte, 0, 2*most)
	for {
		if len(buffer) == cap(buffer) {
			buffer = buffer[:copy(buffer, buffer[len(buffer)-most:])]
		}
		n, err := from.Read(buffer[len(buffer):cap(buffer)])
		buffer, size = buffer[:len(buffer)+n], size+n
		switch {
		case err == io.EOF:
			return buffer[max(0, len(buffer)-most):], size, nil
		case err != nil:
			return nil, 0, err
		case size > mostRead:
			return nil, 0, &GitHubError{Message: fmt.Sprintf("it is longer than %d MiB, and its host hands out no parts", mostRead>>20)}
		}
	}
}
