package yamlerr

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"scrape_interval", "scrape_timeout", "receiver", "routes", "name"}
	tests := map[string]struct{ key, want string }{
		"a letter missing":            {"scrape_intervl", "scrape_interval"},
		"two letters swapped":         {"reciever", "receiver"},
		"the wrong case":              {"Receiver", "receiver"},
		"a plural":                    {"route", "routes"},
		"nothing like it":             {"kubernetes", ""},
		"short words need to be near": {"time", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Nearest(tc.key, known); got != tc.want {
				t.Errorf("Nearest(%q) = %q, want %q", tc.key, got, tc.want)
			}
		})
	}
}
