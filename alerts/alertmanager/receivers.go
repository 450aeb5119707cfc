package alertmanager

import (
	"net/url"
	"reflect"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
)

// Receiver is one receiver of the configuration in use, without its secrets.
type Receiver struct {
	Name         string
	Integrations []Integration
	Routes       int // how many routes lead to it; nothing is sent to one without
}

// Integration is one way in which a receiver is told.
type Integration struct {
	Name         string // webhook, email, pagerduty, …; "ui" for the built-in route
	Index        int    // among those of the same name
	SendResolved bool
	Target       string // host or address, as far as the configuration itself says it
}

// Receivers lists the receivers of the configuration in use, in its order.
func (a *Alertmanager) Receivers() []Receiver {
	c := a.current.Load()
	routes := map[string]int{}
	c.routes.Walk(func(r *dispatch.Route) { routes[r.RouteOpts.Receiver]++ })
	list := make([]Receiver, 0, len(c.conf.Receivers))
	for i := range c.conf.Receivers {
		r := Receiver{Name: c.conf.Receivers[i].Name, Routes: routes[c.conf.Receivers[i].Name], Integrations: []Integration{}}
		eachIntegration(&c.conf.Receivers[i], func(name string, index int, settings reflect.Value) {
			r.Integrations = append(r.Integrations, Integration{
				Name: name, Index: index, SendResolved: sendsResolved(settings), Target: targetOf(name, settings.Elem()),
			})
		})
		if c.builtIn {
			r.Integrations = append(r.Integrations, Integration{Name: BuiltInIntegration, SendResolved: true, Target: "these pages"})
		}
		list = append(list, r)
	}
	return list
}

// eachIntegration calls visit with each …_configs entry of a receiver;
// settings points to the entry. The library builds them by the same names.
func eachIntegration(r *amconfig.Receiver, visit func(name string, index int, settings reflect.Value)) {
	for field, value := range reflect.ValueOf(r).Elem().Fields() {
		name, ok := strings.CutSuffix(field.Name, "Configs")
		if !ok || value.Kind() != reflect.Slice {
			continue
		}
		for i := range value.Len() {
			visit(strings.ToLower(name), i, value.Index(i))
		}
	}
}

func sendsResolved(settings reflect.Value) bool {
	s, ok := reflect.TypeAssert[interface{ SendResolved() bool }](settings)
	return ok && s.SendResolved()
}

// targetOf is the host that an integration talks to, or the address for e-mail.
// Paths and parameters are where services have their secrets.
func targetOf(name string, settings reflect.Value) string {
	switch name {
	case "email":
		return settings.FieldByName("To").String()
	case "pushover":
		return "api.pushover.net" // the library's constant
	}
	for _, field := range []string{"WebhookURL", "APIURL", "APIUrl", "URL"} {
		value := settings.FieldByName(field)
		if !value.IsValid() || value.IsZero() {
			continue
		}
		if value.Kind() == reflect.String {
			u, err := url.Parse(value.String())
			if err != nil {
				return "" // a template
			}
			return u.Host
		}
		if u, ok := reflect.TypeAssert[*url.URL](reflect.Indirect(value).FieldByName("URL")); ok && u != nil {
			return u.Host
		}
	}
	return ""
}
