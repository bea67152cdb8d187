package simulator

import (
	"net/http"
	"time"
)

type v1Key struct {
	APIKeyName    string `json:"apiKeyName"`
	CreatedAt     string `json:"createdAt"`
	UserID        int    `json:"userId"`
	UserEmail     string `json:"userEmail"`
	UserFirstName string `json:"userFirstName"`
	UserLastName  string `json:"userLastName"`
}

type v1Repository struct {
	URL string `json:"url"`
}

// v1Me answers the same for every key: a key says nothing here.
func (s *Server) v1Me(*exchange) answer { return reply(http.StatusOK, s.keyInfo()) }

func (s *Server) keyInfo() v1Key {
	return v1Key{
		APIKeyName:    "Key of the embedded Cursor API",
		CreatedAt:     s.stamp(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)),
		UserID:        1,
		UserEmail:     "developer@example.com",
		UserFirstName: "Alex",
		UserLastName:  "Rivera",
	}
}

func (s *Server) v1Models(*exchange) answer {
	return reply(http.StatusOK, v1List[Model]{Items: s.config.Models})
}

func (s *Server) v1Repositories(*exchange) answer {
	list := v1List[v1Repository]{Items: []v1Repository{}}
	for _, url := range s.config.Repositories {
		list.Items = append(list.Items, v1Repository{url})
	}
	return reply(http.StatusOK, list)
}
