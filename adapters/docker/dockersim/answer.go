package dockersim

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// The fixed parts of an answer have a real Engine's fields, with values that no reader here depends on.
const (
	imageID   = "sha256:5c1b9d3f0f6d1a1e1f0c6b8f3a5d7c9e2b4f6a8d0c1e3a5b7d9f1c3e5a7b9d1f"
	networkID = "7d2f4a6c8e0b1d3f5a7c9e1b3d5f7a9c1e3b5d7f9a1c3e5b7d9f1a3c5e7b9d1f"

	hostConfig = `"HostConfig":{"Binds":["/srv/games/maps:/maps:ro","/srv/games/saves:/saves:rw"],"ContainerIDFile":"",` +
		`"LogConfig":{"Type":"json-file","Config":{"max-file":"3","max-size":"10m"}},"NetworkMode":"games",` +
		`"PortBindings":{"7777/udp":[{"HostIp":"","HostPort":""}]},"RestartPolicy":{"Name":"always",` +
		`"MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[0,0],` +
		`"CapAdd":null,"CapDrop":["ALL"],"CgroupnsMode":"private","Dns":[],"DnsOptions":[],"DnsSearch":[],` +
		`"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private","Cgroup":"","Links":null,"OomScoreAdj":0,"PidMode":"",` +
		`"Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":true,"SecurityOpt":["no-new-privileges"],` +
		`"UTSMode":"","UsernsMode":"","ShmSize":67108864,"Runtime":"runc","Isolation":"","CpuShares":0,` +
		`"Memory":536870912,"NanoCpus":500000000,"CgroupParent":"","BlkioWeight":0,"BlkioWeightDevice":[],` +
		`"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[],` +
		`"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"",` +
		`"Devices":[],"DeviceCgroupRules":null,"DeviceRequests":null,"MemoryReservation":0,"MemorySwap":1073741824,` +
		`"MemorySwappiness":null,"OomKillDisable":null,"PidsLimit":512,"Ulimits":[],"CpuCount":0,"CpuPercent":0,` +
		`"IOMaximumIOps":0,"IOMaximumBandwidth":0,"MaskedPaths":["/proc/asound","/proc/acpi","/proc/kcore",` +
		`"/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi",` +
		`"/sys/firmware","/sys/devices/virtual/powercap"],"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq",` +
		`"/proc/sys","/proc/sysrq-trigger"]},"GraphDriver":{"Data":{"LowerDir":"/var/lib/docker/overlay2/base/diff",` +
		`"MergedDir":"/var/lib/docker/overlay2/game/merged","UpperDir":"/var/lib/docker/overlay2/game/diff",` +
		`"WorkDir":"/var/lib/docker/overlay2/game/work"},"Name":"overlay2"},"Mounts":[{"Type":"bind",` +
		`"Source":"/srv/games/maps","Destination":"/maps","Mode":"ro","RW":false,"Propagation":"rprivate"},` +
		`{"Type":"bind","Source":"/srv/games/saves","Destination":"/saves","Mode":"rw","RW":true,` +
		`"Propagation":"rprivate"}],`

	configHead = `,"Domainname":"","User":"1000:1000","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,` +
		`"ExposedPorts":{"7777/udp":{}},"Tty":false,"OpenStdin":false,"StdinOnce":false,` +
		`"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","GAME_MODE=ranked",` +
		`"GAME_REGION=eu-central","GAME_TICK_RATE=64","GAME_MAX_PLAYERS=32"],"Cmd":["/game/server","--port","7777"],` +
		`"Healthcheck":{"Test":["CMD","/game/server","--probe"],"Interval":5000000000,"Timeout":2000000000,` +
		`"Retries":3},"Image":"games/server:latest","Volumes":null,"WorkingDir":"/game","Entrypoint":null,` +
		`"OnBuild":null,"Labels":`

	network = `"Networks":{"games":{"IPAMConfig":null,"Links":null,"Aliases":null,"MacAddress":"02:42:ac:12:00:02",` +
		`"DriverOpts":null,"GwPriority":0,"NetworkID":"` + networkID + `","EndpointID":"` + networkID + `",` +
		`"Gateway":"172.18.0.1","IPAddress":"172.18.0.2","IPPrefixLen":16,"IPv6Gateway":"","GlobalIPv6Address":"",` +
		`"GlobalIPv6PrefixLen":0,"DNSNames":null}}`

	networkSettings = `"NetworkSettings":{"Bridge":"","SandboxID":"` + networkID + `","SandboxKey":` +
		`"/var/run/docker/netns/7d2f4a6c8e0b","Ports":{"7777/udp":[{"HostIp":"0.0.0.0","HostPort":"32768"}]},` +
		`"HairpinMode":false,"LinkLocalIPv6Address":"","LinkLocalIPv6PrefixLen":0,"SecondaryIPAddresses":null,` +
		`"SecondaryIPv6Addresses":null,"EndpointID":"","Gateway":"","GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,` +
		`"IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","MacAddress":"",` + network + `}}`

	probe = `{"Start":"2026-11-23T08:20:18.123456789Z","End":"2026-11-23T08:20:18.151234567Z","ExitCode":0,` +
		`"Output":"players=12 tick=15.6ms queue=0\n"}`
	failedProbe = `{"Start":"2026-11-23T08:20:18.123456789Z","End":"2026-11-23T08:20:20.123987654Z","ExitCode":1,` +
		`"Output":"probe: no answer from the game loop within 2s\n"}`
)

// writeInspect writes the answer of GET /containers/{id}/json.
func writeInspect(b *bytes.Buffer, c *Container) {
	created := c.Created.UTC().Format(time.RFC3339Nano)
	write(b, `{"Id":`, quote(c.ID), `,"Created":"`, created, `","Path":"/game/server","Args":["--port","7777"],"State":`)
	writeState(b, c, created)
	home := "/var/lib/docker/containers/" + c.ID + "/"
	write(b, `,"Image":"`, imageID, `","ResolvConfPath":`, quote(home+"resolv.conf"),
		`,"HostnamePath":`, quote(home+"hostname"), `,"HostsPath":`, quote(home+"hosts"),
		`,"LogPath":`, quote(home+c.ID+"-json.log"), `,"Name":`, quote("/"+c.Name),
		`,"RestartCount":`, strconv.Itoa(c.RestartCount), `,"Driver":"overlay2","Platform":"linux","MountLabel":"",`,
		`"ProcessLabel":"","AppArmorProfile":"docker-default","ExecIDs":null,`, hostConfig,
		`"Config":{"Hostname":`, quote(c.ID[:min(12, len(c.ID))]), configHead, labelsOf(c), `},`, networkSettings, "\n")
}

func writeState(b *bytes.Buffer, c *Container, created string) {
	is := func(status string) string { return strconv.FormatBool(c.Status == status) }
	running := strconv.FormatBool(c.Status == "running" || c.Status == "paused" || c.Status == "restarting")
	write(b, `{"Status":`, quote(c.Status), `,"Running":`, running, `,"Paused":`, is("paused"),
		`,"Restarting":`, is("restarting"), `,"OOMKilled":false,"Dead":`, is("dead"), `,"Pid":4711,"ExitCode":0,`,
		`"Error":"","StartedAt":"`, created, `","FinishedAt":"0001-01-01T00:00:00Z"`)
	if c.Health != "" {
		log := probe
		if c.Health == "unhealthy" {
			log = failedProbe
		}
		write(b, `,"Health":{"Status":`, quote(c.Health), `,"FailingStreak":0,"Log":[`,
			log, ",", log, ",", log, ",", log, ",", log, `]}`)
	}
	b.WriteByte('}')
}

// writeRow writes one container of GET /containers/json.
func writeRow(b *bytes.Buffer, c *Container) {
	write(b, `{"Id":`, quote(c.ID), `,"Names":[`, quote("/"+c.Name), `],"Image":"games/server:latest","ImageID":"`,
		imageID, `","Command":"/game/server --port 7777","Created":`, strconv.FormatInt(c.Created.Unix(), 10),
		`,"Ports":[{"IP":"0.0.0.0","PrivatePort":7777,"PublicPort":32768,"Type":"udp"}],"Labels":`, labelsOf(c),
		`,"State":`, quote(c.Status), `,"Status":"Up 2 hours","HostConfig":{"NetworkMode":"games"},`,
		`"NetworkSettings":{`, network, `},"Mounts":[]}`)
}

func labelsOf(c *Container) string {
	if c.Labels == nil {
		return "{}"
	}
	labels, _ := json.Marshal(c.Labels) // strings always can be
	return string(labels)
}

// quote makes a JSON string, directly if nothing in it needs more than quotes.
func quote(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\' {
			quoted, _ := json.Marshal(s) // strings always can be
			return string(quoted)
		}
	}
	return `"` + s + `"`
}

func write(b *bytes.Buffer, parts ...string) {
	for _, part := range parts {
		b.WriteString(part)
	}
}
