package main

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	promconfig "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/kubernetes"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

// checkFlags fails the test unless Daymark takes args.
func checkFlags(t *testing.T, args []string) *options {
	t.Helper()
	o, err := parseFlags(args, io.Discard)
	if err != nil {
		t.Fatalf("daymark %s: %v", strings.Join(args, " "), err)
	}
	return o
}

func TestDockerfileMakesAnImageOfTheProgramAlone(t *testing.T) {
	content, err := os.ReadFile("deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("line %v: %s", w.Location, w.Short)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	final := stages[len(stages)-1]
	if final.BaseName != "scratch" {
		t.Errorf("the image is made from %s, want scratch", final.BaseName)
	}
	var user, entry, volume []string
	for _, command := range final.Commands {
		switch c := command.(type) {
		case *instructions.UserCommand:
			user = strings.Split(c.User, ":")
		case *instructions.EntrypointCommand:
			entry = c.CmdLine
		case *instructions.VolumeCommand:
			volume = c.Volumes
		case *instructions.CopyCommand:
			for _, source := range c.SourcePaths {
				if c.From != stages[0].Name {
					t.Errorf("%s comes from %q, not from the build", source, c.From)
				}
			}
		}
	}
	if len(user) == 0 || user[0] == "0" || user[0] == "root" {
		t.Errorf("it runs as %v", user)
	}
	if len(entry) == 0 || entry[0] != "/daymark" {
		t.Fatalf("it starts %v", entry)
	}
	o := checkFlags(t, entry[1:])
	if len(volume) != 1 || o.storagePath != volume[0] {
		t.Errorf("it stores in %s, and the volumes are %v", o.storagePath, volume)
	}
	goVersion, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	// "1.26.8-bookworm" serves "go 1.26.7".
	release, _, _ := strings.Cut(strings.TrimPrefix(stages[0].BaseName, "golang:"), "-")
	if minor := release[:strings.LastIndex(release, ".")]; !strings.Contains(string(goVersion), "\ngo "+minor+".") {
		t.Errorf("%s cannot build what go.mod asks for", stages[0].BaseName)
	}
}

func TestUnitFileHoldsTogether(t *testing.T) {
	const path = "deploy/daymark.service"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := unit.DeserializeOptions(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string) string {
		i := slices.IndexFunc(lines, func(l *unit.UnitOption) bool { return l.Section == "Service" && l.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s=", name)
		}
		return lines[i].Value
	}
	start := strings.Fields(value("ExecStart"))
	o := checkFlags(t, start[1:])
	if want := "/var/lib/" + value("StateDirectory"); o.storagePath != want {
		t.Errorf("it stores in %s, and may write to %s alone", o.storagePath, want)
	}
	if got := strings.Fields(value("ExecReload")); got[1] != "check" || got[2] != o.configFile {
		t.Errorf("a reload runs %v", got)
	}
	for name, want := range map[string]string{
		"DynamicUser": "yes", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "",
		"PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "StateDirectoryMode": "0700",
	} {
		if got := value(name); got != want {
			t.Errorf("%s=%s, want %q", name, got, want)
		}
	}

	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not here: the unit file was parsed, not verified")
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	placed := filepath.Join(t.TempDir(), "daymark.service")
	if err := os.WriteFile(placed, bytes.ReplaceAll(content, []byte(start[0]+" "), []byte(program+" ")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", placed).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold=25", "--no-pager", placed).CombinedOutput()
	if err != nil {
		t.Errorf("it is more exposed than 2.5: %v\n%s", err, out)
	}
}

// manifests decodes every document of deploy/kubernetes into its API type.
// What the type does not know is an error.
func manifests(t *testing.T) []runtime.Object {
	t.Helper()
	files, err := filepath.Glob("deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var out []runtime.Object
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content))); ; {
			document, err := documents.Read()
			if err == io.EOF { //nolint:errorlint // the reader returns it bare
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			object, _, err := decoder.Decode(document, nil, nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", file, err, document)
			}
			out = append(out, object)
		}
	}
	return out
}

// one is the manifest of type T.
func one[T runtime.Object](t *testing.T, list []runtime.Object) T {
	t.Helper()
	i := slices.IndexFunc(list, func(o runtime.Object) bool { _, ok := o.(T); return ok })
	if i < 0 {
		var none T
		t.Fatalf("there is no %T", none)
	}
	return list[i].(T) //nolint:forcetypeassert // just found
}

func TestManifestsDescribeADaymarkThatStarts(t *testing.T) {
	all := manifests(t)
	set, config := one[*appsv1.StatefulSet](t, all), one[*corev1.ConfigMap](t, all)
	service, policy := one[*corev1.Service](t, all), one[*networkingv1.NetworkPolicy](t, all)
	pod := set.Spec.Template
	container := pod.Spec.Containers[0]

	// The image's own arguments come first.
	content, err := os.ReadFile("deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, inImage := range []string{"--storage.path=/data", "--web.listen-address=0.0.0.0:5470"} {
		if !bytes.Contains(content, []byte(`"`+inImage+`"`)) {
			t.Fatalf("the image no longer starts with %s", inImage)
		}
	}
	o := checkFlags(t, append([]string{"--storage.path=/data", "--web.listen-address=0.0.0.0:5470"}, container.Args...))
	mounted := map[string]string{}
	for _, m := range container.VolumeMounts {
		mounted[m.Name] = m.MountPath
	}
	if mounted["data"] != o.storagePath || set.Spec.VolumeClaimTemplates[0].Name != "data" {
		t.Errorf("it stores in %s, and mounts are %v", o.storagePath, mounted)
	}
	if filepath.Dir(o.configFile) != mounted["config"] || pod.Spec.Volumes[0].ConfigMap.Name != config.Name {
		t.Errorf("it reads %s, and mounts are %v", o.configFile, mounted)
	}

	dir := t.TempDir()
	for name, text := range config.Data {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := readFile(filepath.Join(dir, filepath.Base(o.configFile)), "", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("its configuration: %v", err)
	}
	for _, host := range []string{service.Name, service.Name + "." + service.Namespace, service.Name + "." + service.Namespace + ".svc"} {
		if want := host + ":5470"; !slices.Contains(f.own.Web.AllowedHosts, want) {
			t.Errorf("the server would not answer to the service's name %s", want)
		}
	}

	for name, got := range map[string]map[string]string{"service": service.Spec.Selector, "set": set.Spec.Selector.MatchLabels, "policy": policy.Spec.PodSelector.MatchLabels} {
		for key, want := range got {
			if pod.Labels[key] != want {
				t.Errorf("the %s looks for %s=%s, and the pod has %q", name, key, want, pod.Labels[key])
			}
		}
	}
	ports := map[string]bool{}
	for _, p := range container.Ports {
		ports[p.Name] = true
	}
	probes := []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe}
	for _, probe := range probes {
		if path := probe.HTTPGet.Path; !ports[probe.HTTPGet.Port.StrVal] || path != "/-/healthy" && path != "/-/ready" {
			t.Errorf("a probe asks %s at %s", path, probe.HTTPGet.Port.StrVal)
		}
	}
	if p := service.Spec.Ports[0].TargetPort.StrVal; !ports[p] {
		t.Errorf("the service leads to port %q", p)
	}

	secured := container.SecurityContext
	if !*secured.ReadOnlyRootFilesystem || *secured.AllowPrivilegeEscalation || !slices.Contains(secured.Capabilities.Drop, "ALL") ||
		!*pod.Spec.SecurityContext.RunAsNonRoot || pod.Spec.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("the pod may do more than it needs: %v, %v", pod.Spec.SecurityContext, secured)
	}
	checkDiscoveryRights(t, f.prometheus, one[*rbacv1.ClusterRole](t, all))
	account, binding := one[*corev1.ServiceAccount](t, all), one[*rbacv1.ClusterRoleBinding](t, all)
	if pod.Spec.ServiceAccountName != account.Name || binding.Subjects[0].Name != account.Name || binding.Subjects[0].Namespace != account.Namespace || binding.RoleRef.Name != "daymark" {
		t.Errorf("the role does not reach the pod: account %q, binding %v", pod.Spec.ServiceAccountName, binding)
	}
}

// checkDiscoveryRights fails the test unless role lets Daymark list and watch
// what the discoveries of file ask for, and change nothing.
func checkDiscoveryRights(t *testing.T, file *promconfig.Config, role *rbacv1.ClusterRole) {
	t.Helper()
	may := map[string][]string{}
	for _, rule := range role.Rules {
		for _, resource := range rule.Resources {
			may[resource] = append(may[resource], rule.Verbs...)
		}
		for _, verb := range rule.Verbs {
			if !slices.Contains([]string{"get", "list", "watch"}, verb) {
				t.Errorf("the role may %s %v", verb, rule.Resources)
			}
		}
	}
	// What each role of kubernetes_sd_configs lists: discovery/kubernetes.
	asks := map[kubernetes.Role][]string{
		kubernetes.RolePod: {"pods"}, kubernetes.RoleNode: {"nodes"}, kubernetes.RoleService: {"services"},
		kubernetes.RoleEndpoint: {"endpoints", "services", "pods"}, kubernetes.RoleEndpointSlice: {"endpointslices", "services", "pods"},
		kubernetes.RoleIngress: {"ingresses"},
	}
	found := 0
	for _, job := range file.ScrapeConfigs {
		for _, sd := range job.ServiceDiscoveryConfigs {
			k, ok := sd.(*kubernetes.SDConfig)
			if !ok {
				continue
			}
			found++
			for _, resource := range asks[k.Role] {
				for _, verb := range []string{"list", "watch"} {
					if !slices.Contains(may[resource], verb) {
						t.Errorf("job %s: role %s needs to %s %s", job.JobName, k.Role, verb, resource)
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("the configuration discovers nothing")
	}
}
