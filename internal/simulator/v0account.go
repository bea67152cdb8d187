package simulator

import (
	"net/http"
	"strings"
)

type v0Key struct {
	APIKeyName string `json:"apiKeyName"`
	CreatedAt  string `json:"createdAt"`
	UserEmail  string `json:"userEmail"`
}

type v0Models struct {
	Models []string `json:"models"`
}

type v0Repositories struct {
	Repositories []v0Repository `json:"repositories"`
}

type v0Repository struct {
	Owner      string `json:"owner"`
	Name       string `json:"name"`
	Repository string `json:"repository"`
}

func (s *Server) v0Me(*exchange) answer {
	known := s.keyInfo()
	return reply(http.StatusOK, v0Key{known.APIKeyName, known.CreatedAt, known.UserEmail})
}

func (s *Server) v0ListModels(*exchange) answer {
	list := v0Models{Models: []string{}}
	for _, model := range s.config.Models {
		list.Models = append(list.Models, model.ID)
	}
	return reply(http.StatusOK, list)
}

func (s *Server) v0ListRepositories(*exchange) answer {
	list := v0Repositories{Repositories: []v0Repository{}}
	for _, url := range s.config.Repositories {
		segments := strings.Split(repoPath(url), "/")
		list.Repositories = append(list.Repositories, v0Repository{
			Owner:      strings.Join(segments[1:len(segments)-1], "/"),
			Name:       segments[len(segments)-1],
			Repository: url,
		})
	}
	return reply(http.StatusOK, list)
}
