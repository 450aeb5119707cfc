package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// Entry is a dashboard of the library and where it comes from.
type Entry struct {
	*Dashboard
	BuiltIn bool
	File    string // builtin:machine.json
}

// Library is every dashboard there is, by title. It does not change.
type Library struct {
	entries []Entry
}

// NewLibrary reads the dashboards that the binary carries: *.json of files,
// none where files is nil. A document that is not valid, or two with one uid,
// are an error.
func NewLibrary(files fs.FS) (*Library, error) {
	if files == nil {
		return &Library{}, nil
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the built-in dashboards: %w", err)
	}
	promql := parser.NewParser(parser.Options{})
	library := &Library{}
	places := map[string]string{}
	for _, name := range names {
		document, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("built-in dashboard %s: %w", name, err)
		}
		d, err := Parse(document, promql)
		if err != nil {
			return nil, fmt.Errorf("built-in dashboard %s: %w", name, err)
		}
		if other, taken := places[d.UID]; taken {
			return nil, fmt.Errorf("built-in dashboard %s: the uid %q is that of %s", name, d.UID, other)
		}
		places[d.UID] = name
		library.entries = append(library.entries, Entry{Dashboard: d, BuiltIn: true, File: "builtin:" + name})
	}
	slices.SortFunc(library.entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)), cmp.Compare(a.UID, b.UID))
	})
	return library, nil
}

// All returns every dashboard, sorted by title.
func (l *Library) All() []Entry { return slices.Clone(l.entries) }

// Get returns the dashboard with this uid.
func (l *Library) Get(uid string) (Entry, bool) {
	at := slices.IndexFunc(l.entries, func(e Entry) bool { return e.UID == uid })
	if at < 0 {
		return Entry{}, false
	}
	return l.entries[at], true
}

// WithConstants returns d with values in the places of its constants of these
// names: what only the running program knows, such as the job under which
// this machine is scraped. d itself stays as it is.
func (d *Dashboard) WithConstants(values map[string]string) *Dashboard {
	filled := *d
	filled.Templating.List = slices.Clone(d.Templating.List)
	for i := range filled.Templating.List {
		v := &filled.Templating.List[i]
		value, known := values[v.Name]
		if !known || value == "" || v.Type != "constant" {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil { // a text always can be written
			continue
		}
		v.Query = text
		v.Current = Choice{Text: text, Value: text}
	}
	return &filled
}
