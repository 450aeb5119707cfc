package server

import (
	"net/http"
	"net/http/pprof"
)

// debugRoutes are the profiles of the running process, served only where the
// operator has asked for them.
func (s *Server) debugRoutes(p policy) []route {
	const root = "/debug/pprof/"
	strip := func(f http.HandlerFunc) http.Handler { return http.StripPrefix(s.cfg.RoutePrefix, f) }
	return []route{
		{"GET", root, p, strip(pprof.Index)},
		{"GET", root + "cmdline", p, strip(pprof.Cmdline)},
		{"GET", root + "profile", p, strip(pprof.Profile)},
		{"GET POST", root + "symbol", p, strip(pprof.Symbol)},
		{"GET", root + "trace", p, strip(pprof.Trace)},
	}
}
