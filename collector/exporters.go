package collector

import (
	"bufio"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/host"
)

// exporterKind is a program whose metrics we know when we see them.
type exporterKind struct {
	name  string // also the job
	title string
	ports []int    // where it usually listens
	signs []string // metrics of which each alone tells that it is this one
	// keepLabels is for those that pass on what others measured: job and
	// instance of a series are then its own.
	keepLabels bool
}

// exporterKinds are the exporters that are found, with the ports of the
// default port allocations of Prometheus's wiki. Those that pass on other
// programs' metrics come first: what they carry must not name them.
func exporterKinds() []exporterKind {
	return []exporterKind{
		{name: "pushgateway", title: "Pushgateway", ports: []int{9091}, signs: []string{"pushgateway_build_info"}, keepLabels: true},
		{name: "statsd", title: "StatsD exporter", ports: []int{9102}, signs: []string{"statsd_exporter_build_info"}},
		{name: "otelcol", title: "OpenTelemetry Collector", ports: []int{8888}, signs: []string{"otelcol_process_uptime", "otelcol_process_uptime_seconds_total"}},
		{name: nodeKind, title: "Node exporter", ports: []int{9100}, signs: []string{"node_exporter_build_info"}},
		{name: "windows", title: "Windows exporter", ports: []int{9182}, signs: []string{"windows_exporter_build_info"}},
		{name: "process", title: "Process exporter", ports: []int{9256}, signs: []string{"namedprocess_namegroup_num_procs"}},
		{name: "systemd", title: "systemd exporter", ports: []int{9558}, signs: []string{"systemd_exporter_build_info"}},
		{name: "cadvisor", title: "cAdvisor", ports: []int{8080}, signs: []string{"cadvisor_version_info"}},
		{name: "docker", title: "Docker", ports: []int{9323}, signs: []string{"engine_daemon_engine_info"}},
		{name: "mysqld", title: "MySQL / MariaDB", ports: []int{9104}, signs: []string{"mysql_up", "mysqld_exporter_build_info"}},
		{name: "postgres", title: "PostgreSQL", ports: []int{9187}, signs: []string{"pg_up", "postgres_exporter_build_info"}},
		{name: "pgbouncer", title: "PgBouncer", ports: []int{9127}, signs: []string{"pgbouncer_up"}},
		{name: "mongodb", title: "MongoDB", ports: []int{9216}, signs: []string{"mongodb_up", "mongodb_exporter_build_info"}},
		{name: "redis", title: "Redis / Valkey", ports: []int{9121}, signs: []string{"redis_up", "redis_exporter_build_info"}},
		{name: "memcached", title: "Memcached", ports: []int{9150}, signs: []string{"memcached_up", "memcached_exporter_build_info"}},
		{name: "elasticsearch", title: "Elasticsearch", ports: []int{9114}, signs: []string{"elasticsearch_exporter_build_info", "elasticsearch_cluster_health_up"}},
		{name: "clickhouse", title: "ClickHouse", ports: []int{9363}, signs: []string{"ClickHouseProfileEvents_Query"}},
		{name: "rabbitmq", title: "RabbitMQ", ports: []int{15692, 9419}, signs: []string{"rabbitmq_build_info", "rabbitmq_up"}},
		{name: "kafka", title: "Kafka", ports: []int{9308}, signs: []string{"kafka_exporter_build_info", "kafka_brokers"}},
		{name: "nginx", title: "nginx", ports: []int{9113}, signs: []string{"nginx_up", "nginxexporter_build_info", "nginx_exporter_build_info"}},
		{name: "apache", title: "Apache httpd", ports: []int{9117}, signs: []string{"apache_up", "apache_exporter_build_info"}},
		{name: "haproxy", title: "HAProxy", ports: []int{9101, 8404}, signs: []string{"haproxy_exporter_build_info", "haproxy_process_nbproc", "haproxy_up"}},
		{name: "traefik", title: "Traefik", ports: []int{8080, 8082}, signs: []string{"traefik_config_reloads_total"}},
		{name: "caddy", title: "Caddy", ports: []int{2019}, signs: []string{"caddy_admin_http_requests_total", "caddy_config_last_reload_successful"}},
		{name: "varnish", title: "Varnish", ports: []int{9131}, signs: []string{"varnish_up"}},
		{name: "php-fpm", title: "PHP-FPM", ports: []int{9253}, signs: []string{"phpfpm_up"}},
		{name: "coredns", title: "CoreDNS", ports: []int{9153}, signs: []string{"coredns_build_info"}},
		{name: "bind", title: "BIND", ports: []int{9119}, signs: []string{"bind_up", "bind_exporter_build_info"}},
		{name: "unbound", title: "Unbound", ports: []int{9167}, signs: []string{"unbound_up"}},
		{name: "etcd", title: "etcd", ports: []int{2379, 2381}, signs: []string{"etcd_server_has_leader"}},
		{name: "consul", title: "Consul", ports: []int{9107}, signs: []string{"consul_up", "consul_exporter_build_info"}},
		{name: "blackbox", title: "Blackbox exporter", ports: []int{9115}, signs: []string{"blackbox_exporter_build_info"}},
		{name: "snmp", title: "SNMP exporter", ports: []int{9116}, signs: []string{"snmp_exporter_build_info"}},
		{name: "smartctl", title: "S.M.A.R.T. of disks", ports: []int{9633}, signs: []string{"smartctl_version", "smartctl_exporter_build_info"}},
		{name: "dcgm", title: "NVIDIA GPUs (DCGM)", ports: []int{9400}, signs: []string{"DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_SM_CLOCK"}},
		{name: "nvidia", title: "NVIDIA GPUs", ports: []int{9835}, signs: []string{"nvidia_gpu_exporter_build_info", "nvidia_smi_gpu_info"}},
		{name: "postfix", title: "Postfix", ports: []int{9154}, signs: []string{"postfix_up"}},
		{name: "grafana", title: "Grafana", ports: []int{3000}, signs: []string{"grafana_build_info"}},
		{name: "loki", title: "Loki", ports: []int{3100}, signs: []string{"loki_build_info"}},
		{name: "prometheus", title: "Prometheus", ports: []int{9090}, signs: []string{"prometheus_build_info"}},
		{name: "alertmanager", title: "Alertmanager", ports: []int{9093}, signs: []string{"alertmanager_build_info"}},
		{name: "victoriametrics", title: "VictoriaMetrics", ports: []int{8428}, signs: []string{"vm_app_version"}},
	}
}

const (
	nodeKind    = "node"
	daymarkSign = "daymark_build_info" // another Daymark is no exporter
)

// page is what is read of the metrics that a port shows.
type page struct {
	names    map[string]bool
	nodename string  // of node_uname_info, "" without one
	bootTime float64 // of node_boot_time_seconds, 0 without one
}

// readPage reads the names in metrics in Prometheus's text format, as far as
// they can be read.
func readPage(r io.Reader) page {
	p := page{names: map[string]bool{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4<<10), 64<<10)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		end := strings.IndexAny(line, "{ \t")
		if end <= 0 {
			continue
		}
		name := line[:end]
		if !p.names[name] {
			p.names[strings.Clone(name)] = true
		}
		switch name {
		case "node_uname_info":
			_, after, _ := strings.Cut(line, `nodename="`)
			nodename, _, _ := strings.Cut(after, `"`)
			p.nodename = strings.Clone(nodename)
		case "node_boot_time_seconds":
			p.bootTime, _ = strconv.ParseFloat(strings.TrimSpace(line[end:]), 64) // 0 where it is none
		}
	}
	return p
}

// kind recognises what p shows, nil if it is none that we know.
func (p page) kind(known []exporterKind) *exporterKind {
	if p.names[daymarkSign] {
		return nil
	}
	for i := range known {
		for _, sign := range known[i].signs {
			if p.names[sign] {
				return &known[i]
			}
		}
	}
	return nil
}

// ofThisMachine says whether p, the metrics of a node_exporter, are about the
// machine that we run on. A port on loopback may lead to another one, through
// ssh or kubectl.
func (p page) ofThisMachine() bool {
	const exact, roughly = 2.0, 60.0 // seconds: clocks are set while a machine runs
	name, err := os.Hostname()
	sameName := err == nil && name == p.nodename
	booted, err := host.BootTime()
	apart := math.Abs(float64(booted) - p.bootTime)
	switch {
	case p.bootTime == 0 || err != nil:
		return sameName
	case p.nodename == "":
		return apart <= exact
	default:
		return sameName && apart <= roughly
	}
}
