package collector

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/disk"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
	"github.com/shirou/gopsutil/v4/net"
)

// portableSources read this machine through gopsutil, for the systems where
// node_exporter's collectors need cgo or do not exist. The metrics bear the
// names that node_exporter has on Linux, so that the same dashboards work.
//
// The file has no build constraint: on Linux the tests compare its metrics
// with those of node_exporter.
func portableSources() []*source {
	return []*source{
		{name: "cpu", update: portableCPU()},
		{name: "meminfo", update: portableMemory()},
		{name: "loadavg", update: portableLoad()},
		{name: "filesystem", update: portableFilesystems(), pace: 5 * time.Second},
		{name: "diskstats", update: portableDisks()},
		{name: "netdev", update: portableNetwork()},
		{name: "uname", update: portableUname(), pace: time.Minute},
		{name: "stat", update: portableBoot(), pace: time.Minute},
		{name: "time", update: portableTime()},
	}
}

// family is one metric name.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("node_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("node_"+name, help, labels, nil), prometheus.CounterValue}
}

func (f family) send(ch chan<- prometheus.Metric, value float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
}

func portableCPU() func(chan<- prometheus.Metric) error {
	seconds := counter("cpu_seconds_total", "Seconds the CPUs spent in each mode.", "cpu", "mode")
	return func(ch chan<- prometheus.Metric) error {
		all, err := cpu.Times(true)
		if err != nil {
			return err
		}
		for i, t := range all {
			for mode, v := range map[string]float64{
				"user": t.User, "nice": t.Nice, "system": t.System, "idle": t.Idle,
				"iowait": t.Iowait, "irq": t.Irq, "softirq": t.Softirq, "steal": t.Steal,
			} {
				seconds.send(ch, v, strconv.Itoa(i), mode)
			}
		}
		return nil
	}
}

func portableMemory() func(chan<- prometheus.Metric) error {
	field := func(name string) family {
		return gauge("memory_"+name+"_bytes", "Memory information field "+name+"_bytes.")
	}
	var (
		total, free, available = field("MemTotal"), field("MemFree"), field("MemAvailable")
		buffers, cached        = field("Buffers"), field("Cached")
		active, inactive       = field("Active"), field("Inactive")
		swapTotal, swapFree    = field("SwapTotal"), field("SwapFree")
	)
	return func(ch chan<- prometheus.Metric) error {
		m, errMemory := mem.VirtualMemory()
		if errMemory == nil {
			total.send(ch, float64(m.Total))
			free.send(ch, float64(m.Free))
			available.send(ch, float64(m.Available))
			buffers.send(ch, float64(m.Buffers))
			cached.send(ch, float64(m.Cached))
			active.send(ch, float64(m.Active))
			inactive.send(ch, float64(m.Inactive))
		}
		s, errSwap := mem.SwapMemory()
		if errSwap == nil {
			swapTotal.send(ch, float64(s.Total))
			swapFree.send(ch, float64(s.Free))
		}
		return errors.Join(errMemory, errSwap)
	}
}

func portableLoad() func(chan<- prometheus.Metric) error {
	load1, load5, load15 := gauge("load1", "1m load average."), gauge("load5", "5m load average."), gauge("load15", "15m load average.")
	return func(ch chan<- prometheus.Metric) error {
		avg, err := load.Avg()
		if err != nil {
			return err
		}
		load1.send(ch, avg.Load1)
		load5.send(ch, avg.Load5)
		load15.send(ch, avg.Load15)
		return nil
	}
}

func portableFilesystems() func(chan<- prometheus.Metric) error {
	labels := []string{"device", "mountpoint", "fstype", "device_error"}
	var (
		size     = gauge("filesystem_size_bytes", "Filesystem size in bytes.", labels...)
		free     = gauge("filesystem_free_bytes", "Filesystem free space in bytes.", labels...)
		avail    = gauge("filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.", labels...)
		files    = gauge("filesystem_files", "Filesystem total file nodes.", labels...)
		freeFile = gauge("filesystem_files_free", "Filesystem total free file nodes.", labels...)
		readOnly = gauge("filesystem_readonly", "Filesystem read-only status.", labels...)
		failed   = gauge("filesystem_device_error", "Whether an error occurred while getting statistics for the given device.", labels...)
	)
	return func(ch chan<- prometheus.Metric) error {
		partitions, err := disk.Partitions(false)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, p := range partitions {
			if seen[p.Device+"\xff"+p.Mountpoint] {
				continue
			}
			seen[p.Device+"\xff"+p.Mountpoint] = true
			usage, err := disk.Usage(p.Mountpoint)
			if err != nil {
				failed.send(ch, 1, p.Device, p.Mountpoint, p.Fstype, err.Error())
				continue
			}
			values := []string{p.Device, p.Mountpoint, p.Fstype, ""}
			failed.send(ch, 0, values...)
			size.send(ch, float64(usage.Total), values...)
			free.send(ch, float64(usage.Total-min(usage.Used, usage.Total)), values...)
			avail.send(ch, float64(usage.Free), values...)
			files.send(ch, float64(usage.InodesTotal), values...)
			freeFile.send(ch, float64(usage.InodesFree), values...)
			ro := 0.0
			if slices.Contains(p.Opts, "ro") {
				ro = 1
			}
			readOnly.send(ch, ro, values...)
		}
		return nil
	}
}

func portableDisks() func(chan<- prometheus.Metric) error {
	var (
		reads      = counter("disk_reads_completed_total", "The total number of reads completed successfully.", "device")
		readBytes  = counter("disk_read_bytes_total", "The total number of bytes read successfully.", "device")
		readTime   = counter("disk_read_time_seconds_total", "The total number of seconds spent by all reads.", "device")
		writes     = counter("disk_writes_completed_total", "The total number of writes completed successfully.", "device")
		writeBytes = counter("disk_written_bytes_total", "The total number of bytes written successfully.", "device")
		writeTime  = counter("disk_write_time_seconds_total", "This is the total number of seconds spent by all writes.", "device")
		ioTime     = counter("disk_io_time_seconds_total", "Total seconds spent doing I/Os.", "device")
	)
	return func(ch chan<- prometheus.Metric) error {
		disks, err := disk.IOCounters()
		if err != nil {
			return err
		}
		for name, d := range disks {
			reads.send(ch, float64(d.ReadCount), name)
			readBytes.send(ch, float64(d.ReadBytes), name)
			readTime.send(ch, float64(d.ReadTime)/1000, name) // milliseconds
			writes.send(ch, float64(d.WriteCount), name)
			writeBytes.send(ch, float64(d.WriteBytes), name)
			writeTime.send(ch, float64(d.WriteTime)/1000, name)
			ioTime.send(ch, float64(d.IoTime)/1000, name)
		}
		return nil
	}
}

func portableNetwork() func(chan<- prometheus.Metric) error {
	statistic := func(key string) family {
		return counter("network_"+key+"_total", "Network device statistic "+key+".", "device")
	}
	var (
		inBytes, outBytes     = statistic("receive_bytes"), statistic("transmit_bytes")
		inPackets, outPackets = statistic("receive_packets"), statistic("transmit_packets")
		inErrors, outErrors   = statistic("receive_errs"), statistic("transmit_errs")
		inDrops, outDrops     = statistic("receive_drop"), statistic("transmit_drop")
	)
	return func(ch chan<- prometheus.Metric) error {
		devices, err := net.IOCounters(true)
		if err != nil {
			return err
		}
		for _, d := range devices {
			inBytes.send(ch, float64(d.BytesRecv), d.Name)
			outBytes.send(ch, float64(d.BytesSent), d.Name)
			inPackets.send(ch, float64(d.PacketsRecv), d.Name)
			outPackets.send(ch, float64(d.PacketsSent), d.Name)
			inErrors.send(ch, float64(d.Errin), d.Name)
			outErrors.send(ch, float64(d.Errout), d.Name)
			inDrops.send(ch, float64(d.Dropin), d.Name)
			outDrops.send(ch, float64(d.Dropout), d.Name)
		}
		return nil
	}
}

func portableUname() func(chan<- prometheus.Metric) error {
	uname := gauge("uname_info", "Labeled system information as provided by the uname system call.",
		"sysname", "release", "version", "machine", "nodename", "domainname")
	return func(ch chan<- prometheus.Metric) error {
		info, err := host.Info()
		if err != nil {
			return err
		}
		name := map[string]string{"darwin": "Darwin", "linux": "Linux", "windows": "Windows"}[info.OS]
		if name == "" {
			name = info.OS
		}
		uname.send(ch, 1, name, info.KernelVersion, info.Platform+" "+info.PlatformVersion, info.KernelArch, info.Hostname, "(none)")
		return nil
	}
}

func portableBoot() func(chan<- prometheus.Metric) error {
	boot := gauge("boot_time_seconds", "Node boot time, in unixtime.")
	return func(ch chan<- prometheus.Metric) error {
		at, err := host.BootTime()
		if err != nil {
			return err
		}
		boot.send(ch, float64(at))
		return nil
	}
}

func portableTime() func(chan<- prometheus.Metric) error {
	seconds := gauge("time_seconds", "System time in seconds since epoch (1970).")
	zone := gauge("time_zone_offset_seconds", "System time zone offset in seconds.", "time_zone")
	return func(ch chan<- prometheus.Metric) error {
		now := time.Now()
		seconds.send(ch, float64(now.UnixNano())/1e9)
		name, offset := now.Zone()
		zone.send(ch, float64(offset), name)
		return nil
	}
}
