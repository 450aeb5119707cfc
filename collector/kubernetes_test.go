package collector_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func TestKubernetesRoles(t *testing.T) {
	host, port := split(t, serve(t, textFormat, "of_the_pod 1\n"))
	k := newCluster(t, "sesame")
	k.set("nodes", object{
		"metadata": object{"name": "node-a", "labels": object{"zone": "eu-1"}},
		"status": object{
			"addresses":       []object{{"type": "InternalIP", "address": host}, {"type": "Hostname", "address": "node-a"}},
			"daemonEndpoints": object{"kubeletEndpoint": object{"Port": port}},
		},
	})
	k.set("pods", pod("payment-1", host, port))
	k.set("services", object{
		"metadata": object{"name": "payment", "namespace": "shop", "labels": object{"app": "payment"}},
		"spec":     object{"type": "ClusterIP", "clusterIP": "10.0.0.1", "ports": []object{{"name": "metrics", "port": port, "protocol": "TCP"}}},
	})
	k.set("endpoints", object{
		"metadata": object{"name": "payment", "namespace": "shop"},
		"subsets": []object{{
			"addresses": []object{{"ip": host, "nodeName": "node-a", "targetRef": object{"kind": "Pod", "name": "payment-1", "namespace": "shop"}}},
			"ports":     []object{{"name": "metrics", "port": port, "protocol": "TCP"}},
		}},
	})
	k.set("endpointslices", object{
		"metadata":    object{"name": "payment-abc", "namespace": "shop", "labels": object{"kubernetes.io/service-name": "payment"}},
		"addressType": "IPv4",
		"endpoints":   []object{{"addresses": []string{host}, "conditions": object{"ready": true}, "targetRef": object{"kind": "Pod", "name": "payment-1", "namespace": "shop"}}},
		"ports":       []object{{"name": "metrics", "port": port, "protocol": "TCP"}},
	})
	k.set("ingresses", object{
		"metadata": object{"name": "front", "namespace": "shop"},
		"spec": object{"rules": []object{{
			"host": "shop.example", "http": object{"paths": []object{{"path": "/pay", "pathType": "Prefix", "backend": object{"service": object{"name": "payment", "port": object{"number": port}}}}}},
		}}},
	})

	roles := map[string]string{ // the meta label that names what was found, and its value
		"node":          "node_name: node-a",
		"pod":           "pod_name: payment-1",
		"service":       "service_name: payment",
		"endpoints":     "pod_name: payment-1",
		"endpointslice": "endpointslice_name: payment-abc",
		"ingress":       "ingress_name: front",
	}
	var jobs strings.Builder
	for role, meta := range roles {
		label, _, _ := strings.Cut(meta, ":")
		fmt.Fprintf(&jobs, `
	- job_name: %[1]s
	  kubernetes_sd_configs: [{role: %[1]s, api_server: %[2]q, authorization: {credentials: sesame}}]
	  relabel_configs:
	  - {source_labels: [__meta_kubernetes_%[3]s], target_label: found}
	  - {source_labels: [__address__], regex: '(payment\.shop\.svc|shop\.example).*', target_label: __address__, replacement: '%[4]s:%[5]d'}
	  - {target_label: __metrics_path__, replacement: /metrics}`, role, k.url, label, host, port)
	}
	r := start(t, config(t, "scrape_configs:%s", jobs.String()), nil)
	for role, meta := range roles {
		_, want, _ := strings.Cut(meta, ": ")
		got := r.target(t, role, "up")
		if got.Labels.Get("found") != want {
			t.Errorf("%s: labels %v, want found=%q", role, got.Labels, want)
		}
	}
	if k.strangers() {
		t.Error("a request came without the credentials")
	}
}

func TestKubernetesPodsComeAndGo(t *testing.T) {
	host, port := split(t, serve(t, textFormat, "of_the_pod 1\n"))
	k := newCluster(t, "")
	k.set("pods", pod("payment-1", host, port))
	r := start(t, config(t, `scrape_configs:
	- job_name: pods
	  kubernetes_sd_configs: [{role: pod, api_server: %q, namespaces: {names: [shop]}}]
	  relabel_configs:
	  - {source_labels: [__meta_kubernetes_pod_annotation_scrape], regex: 'true', action: keep}
	  - {source_labels: [__meta_kubernetes_namespace, __meta_kubernetes_pod_label_app, __meta_kubernetes_pod_name], separator: /, target_label: pod}`, k.url), nil)
	pods := func() []string {
		var names []string
		for _, target := range r.TargetsActive()["pods"] {
			names = append(names, target.GetValue("pod"))
		}
		slices.Sort(names)
		return names
	}
	waitFor(t, "the first pod", func() bool { return slices.Equal(pods(), []string{"shop/payment/payment-1"}) })

	k.set("pods", pod("payment-2", host, port))
	other := pod("other-1", host, port)
	other["metadata"].(object)["namespace"] = "elsewhere"
	k.set("pods", other)
	waitFor(t, "the second pod", func() bool {
		return slices.Equal(pods(), []string{"shop/payment/payment-1", "shop/payment/payment-2"})
	})
	waitFor(t, "its samples", func() bool { _, ok := r.last(t, "of_the_pod", "pod", "shop/payment/payment-2"); return ok })

	k.remove("pods", "shop", "payment-1")
	waitFor(t, "the first pod to go", func() bool { return slices.Equal(pods(), []string{"shop/payment/payment-2"}) })
	waitFor(t, "its stale marker", func() bool {
		p, ok := r.last(t, "of_the_pod", "pod", "shop/payment/payment-1")
		return ok && p.stale()
	})
}

func pod(name, host string, port int) object {
	return object{
		"metadata": object{"name": name, "namespace": "shop", "uid": name, "labels": object{"app": "payment"}, "annotations": object{"scrape": "true"}},
		"spec":     object{"nodeName": "node-a", "containers": []object{{"name": "main", "image": "payment:1", "ports": []object{{"name": "metrics", "containerPort": port, "protocol": "TCP"}}}}},
		"status":   object{"phase": "Running", "podIP": host, "hostIP": host, "conditions": []object{{"type": "Ready", "status": "True"}}},
	}
}

func split(t *testing.T, address string) (host string, port int) {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if port, err = strconv.Atoi(text); err != nil {
		t.Fatal(err)
	}
	return host, port
}

type object map[string]any

func (o object) meta(name string) string {
	s, _ := o["metadata"].(object)[name].(string)
	return s
}

// cluster speaks the list and watch part of Kubernetes's API.
type cluster struct {
	url   string
	token string

	mu       sync.Mutex
	version  int
	objects  map[string]map[string]object // resource → namespace/name
	watchers map[chan change]string       // to the resource that it watches
	stranger bool
}

type change struct {
	Type   string `json:"type"`
	Object object `json:"object"`
}

func newCluster(t *testing.T, token string) *cluster {
	k := &cluster{token: token, objects: map[string]map[string]object{}, watchers: map[chan change]string{}}
	s := httptest.NewServer(k)
	t.Cleanup(func() {
		s.CloseClientConnections() // a watch never ends by itself
		s.Close()
	})
	k.url = s.URL
	return k
}

// apiVersion is the group that a resource belongs to, and its kind.
func apiVersion(resource string) (group, kind string) {
	switch resource {
	case "endpointslices":
		return "discovery.k8s.io/v1", "EndpointSlice"
	case "ingresses":
		return "networking.k8s.io/v1", "Ingress"
	case "endpoints":
		return "v1", "Endpoints"
	}
	return "v1", strings.ToUpper(resource[:1]) + strings.TrimSuffix(resource[1:], "s")
}

// set adds or changes an object, and tells the watchers.
func (k *cluster) set(resource string, o object) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.version++
	o["apiVersion"], o["kind"] = apiVersion(resource)
	o["metadata"].(object)["resourceVersion"] = strconv.Itoa(k.version)
	key, event := o.meta("namespace")+"/"+o.meta("name"), "ADDED"
	if k.objects[resource] == nil {
		k.objects[resource] = map[string]object{}
	}
	if k.objects[resource][key] != nil {
		event = "MODIFIED"
	}
	k.objects[resource][key] = o
	k.tell(resource, change{event, o})
}

func (k *cluster) remove(resource, namespace, name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.version++
	o := k.objects[resource][namespace+"/"+name]
	delete(k.objects[resource], namespace+"/"+name)
	k.tell(resource, change{"DELETED", o})
}

func (k *cluster) tell(resource string, c change) {
	for ch, watched := range k.watchers {
		if watched == resource {
			ch <- c
		}
	}
}

func (k *cluster) strangers() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stranger
}

// ServeHTTP answers /api/v1/[namespaces/NS/]RESOURCE and the same below
// /apis/GROUP/VERSION.
func (k *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	if k.token != "" && r.Header.Get("Authorization") != "Bearer "+k.token {
		k.stranger = true
		k.mu.Unlock()
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	resource, namespace := parts[len(parts)-1], ""
	if i := slices.Index(parts, "namespaces"); i >= 0 && i+1 < len(parts)-1 {
		namespace = parts[i+1]
	}
	mine := func(o object) bool { return namespace == "" || o.meta("namespace") == namespace }
	list := []object{}
	for _, key := range slices.Sorted(maps.Keys(k.objects[resource])) {
		if o := k.objects[resource][key]; mine(o) {
			list = append(list, o)
		}
	}
	group, kind := apiVersion(resource)
	version := strconv.Itoa(k.version)
	w.Header().Set("Content-Type", "application/json")
	query := r.URL.Query()
	if query.Get("watch") != "true" && query.Get("watch") != "1" {
		k.mu.Unlock()
		_ = json.NewEncoder(w).Encode(object{"apiVersion": group, "kind": kind + "List", "metadata": object{"resourceVersion": version}, "items": list})
		return
	}

	changes := make(chan change, 100)
	k.watchers[changes] = resource
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		delete(k.watchers, changes)
		k.mu.Unlock()
	}()
	send := func(c change) {
		_ = json.NewEncoder(w).Encode(c)
		_ = http.NewResponseController(w).Flush()
	}
	_ = http.NewResponseController(w).Flush()
	if query.Get("sendInitialEvents") == "true" {
		for _, o := range list {
			send(change{"ADDED", o})
		}
		send(change{"BOOKMARK", object{"apiVersion": group, "kind": kind, "metadata": object{
			"resourceVersion": version, "annotations": object{"k8s.io/initial-events-end": "true"},
		}}})
	}
	for {
		select {
		case c := <-changes:
			if mine(c.Object) {
				send(c)
			}
		case <-r.Context().Done():
			return
		}
	}
}
