package server

import (
	"errors"
	"net/http"

	"daymark/alerts/ruler"
)

// packsDocument is the body of GET /api/daymark/v1/packs.
type packsDocument struct {
	Asked bool        `json:"asked"` // the configuration asks for packs; without, none runs
	Packs []packEntry `json:"packs"`
}

// packEntry is one rule pack; also the answer to PUT /api/daymark/v1/packs/{name}.
type packEntry struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Enabled     bool     `json:"enabled"` // not switched off by hand
	State       string   `json:"state"`   // on, waiting or off
	Needs       []string `json:"needs"`   // metrics of which one must exist
	Found       []string `json:"found"`   // those that do
	Rules       int      `json:"rules"`
	Groups      int      `json:"groups"`
	File        string   `json:"file"` // as /api/v1/rules names it
}

// switchRequest is the body of PUT /api/daymark/v1/packs/{name}.
type switchRequest struct {
	Enabled *bool `json:"enabled"`
}

func packEntryOf(p ruler.Pack) packEntry {
	return packEntry{
		Name: p.Name, Title: p.Title, Description: p.Description, Enabled: p.Enabled, State: string(p.State),
		Needs: p.Needs, Found: p.Found, Rules: p.Rules, Groups: p.Groups, File: p.File,
	}
}

func (s *Server) packs(w http.ResponseWriter, r *http.Request) {
	list, asked := s.deps.Rules.Packs()
	d := packsDocument{Asked: asked, Packs: []packEntry{}}
	for _, p := range list {
		d.Packs = append(d.Packs, packEntryOf(p))
	}
	writeJSON(w, r, d)
}

func (s *Server) switchPack(w http.ResponseWriter, r *http.Request) {
	var asked switchRequest
	err := readJSON(r, &asked)
	if err == nil && asked.Enabled == nil {
		err = &requestError{kind: kindBadData, message: `the body of the request must be {"enabled": true} or {"enabled": false}`}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	pack, err := s.deps.Rules.SwitchPack(r.Context(), r.PathValue("name"), *asked.Enabled)
	if errors.Is(err, ruler.ErrNoPack) {
		err = &requestError{kind: kindNotFound, message: err.Error()}
	}
	if err != nil {
		writeError(w, r, err)
		return
	}
	writeJSON(w, r, packEntryOf(pack))
}
