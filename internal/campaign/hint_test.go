package campaign_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// retryAfter is how long an answer's header asks to wait, in the forms that
// https://www.rfc-editor.org/rfc/rfc9110#field.retry-after gives it. A date is
// one of the server's clock.
func retryAfter(header http.Header) time.Duration {
	said := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(said); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(said)
	served, servedErr := http.ParseTime(header.Get("Date"))
	if err != nil || servedErr != nil {
		return 0
	}
	return at.Sub(served)
}

// retryAfterInside is how long the body of a Connect error asks to wait.
func retryAfterInside(body []byte) time.Duration {
	var fault struct {
		Details []struct {
			Debug struct {
				Details struct {
					AdditionalInfo struct {
						RetryAfter string `json:"retryAfter"`
					} `json:"additionalInfo"`
				} `json:"details"`
			} `json:"debug"`
		} `json:"details"`
	}
	if json.Unmarshal(body, &fault) != nil {
		return 0
	}
	for _, detail := range fault.Details {
		if seconds, err := strconv.Atoi(detail.Debug.Details.AdditionalInfo.RetryAfter); err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
