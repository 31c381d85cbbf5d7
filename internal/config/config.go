// Package config is the one struct of settings: read from flags, environment
// and an optional file, checked once, and handed over in parts.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/yunqiao/yunqiao/internal/bus"
	"github.com/yunqiao/yunqiao/internal/clock"
)

// Config is everything that can be set. Flags win over the environment, the
// environment over the file, the file over the defaults.
type Config struct {
	DataDir     string `help:"Folder for everything the hub keeps outside Postgres, and for the private Postgres. Default: /var/lib/yunqiao for root, else ~/.local/share/yunqiao." env:"YUNQIAO_DATA_DIR"`
	DatabaseURL string `help:"Postgres to use. Empty: a private server in the data folder." env:"DATABASE_URL" secret:"yes"`

	Redis     Redis    `embed:"" prefix:"redis-" envprefix:"REDIS_"`
	Cluster   Cluster  `embed:"" prefix:"cluster-" envprefix:"YUNQIAO_CLUSTER_"`
	HTTP      HTTP     `embed:"" prefix:"http-" envprefix:"YUNQIAO_HTTP_"`
	TLS       TLS      `embed:"" prefix:"tls-" envprefix:"YUNQIAO_TLS_"`
	Media     Media    `embed:"" prefix:"media-" envprefix:"YUNQIAO_MEDIA_"`
	Mail      Mail     `embed:"" prefix:"mail-" envprefix:"YUNQIAO_MAIL_"`
	Files     Files    `embed:"" prefix:"files-" envprefix:"YUNQIAO_FILES_"`
	House     House    `embed:"" prefix:"house-" envprefix:"YUNQIAO_HOUSE_"`
	LogLevel  string   `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"YUNQIAO_LOG_LEVEL"`
	LogFormat string   `help:"text or json." default:"text" enum:"text,json" env:"YUNQIAO_LOG_FORMAT"`
	PublicIP  []string `help:"Public addresses that media is announced at, when this machine has only private ones." env:"YUNQIAO_PUBLIC_IP"`
	parsedIPs []netip.Addr
	proxies   []netip.Prefix
}

// Redis joins several nodes: one server, a set watched by Sentinels, or a cluster.
type Redis struct {
	URL              string   `help:"Redis that joins several nodes: redis://, rediss:// (TLS) or unix://. Empty: this node alone." env:"URL" secret:"yes"`
	Addrs            []string `help:"Further addresses (host:port) of the Redis cluster or of the Sentinels; the URL names the first." env:"ADDRS"`
	Cluster          bool     `help:"The URL names a node of a Redis cluster." env:"CLUSTER"`
	Sentinel         string   `help:"Name of the set that Sentinels watch; the URL then names a Sentinel." env:"SENTINEL"`
	SentinelPassword string   `help:"Password of the Sentinels themselves." env:"SENTINEL_PASSWORD" secret:"yes"`
	CA               string   `help:"File (PEM) with the authority to trust for rediss://. Empty: the system's." type:"path" env:"CA"`
	Cert             string   `help:"Certificate file (PEM) to show to Redis." type:"path" env:"CERT"`
	Key              string   `help:"Key file (PEM) of that certificate." type:"path" env:"KEY"`
}

// Cluster is this node among several.
type Cluster struct {
	Addr string `help:"URL at which the other nodes reach this one, such as http://10.0.0.5:8080. With it people who come in at different nodes meet; each node has its own. Empty: a meeting is met in at one node alone." env:"ADDR"`
}

// HTTP is where browsers come in.
type HTTP struct {
	Addr           string   `help:"Address of the client, the REST interface and the socket; :8080 when empty, and of a demonstration 127.0.0.1:8080: its passwords are known." env:"ADDR"`
	AdminAddr      string   `help:"Address of /metrics; not for the public." default:"localhost:9464" env:"ADMIN_ADDR"`
	TrustedProxies []string `name:"trusted-proxies" help:"Proxies (such as 127.0.0.1/32) in front of the hub, whose X-Forwarded-For is believed." env:"TRUSTED_PROXIES"`
	PublicURL      string   `help:"How the hub is reached from outside, for links in invitations. Empty: guessed from the address." env:"PUBLIC_URL"`
}

// TLS says where the certificate comes from. Browsers give no camera without
// one, except on localhost.
type TLS struct {
	Cert       string `help:"Certificate file (PEM)." type:"path" env:"CERT"`
	Key        string `help:"Private key file (PEM)." type:"path" env:"KEY"`
	ACMEDomain string `help:"Get and renew a certificate for this domain by ACME; needs ports 80 and 443." env:"ACME_DOMAIN"`
	ACMEEmail  string `help:"Contact address for the ACME authority." env:"ACME_EMAIL"`
	SelfSigned bool   `help:"Make a self-signed certificate, for trying on a LAN." env:"SELF_SIGNED"`
}

// Media is where sound and pictures come in.
type Media struct {
	UDPAddr string `help:"UDP address of all media." default:":7882" env:"UDP_ADDR"`
	TCPAddr string `help:"TCP address of media where UDP is blocked. Empty: none." default:":7882" env:"TCP_ADDR"`

	RelayAddr  string `help:"UDP and TCP address of the hub's own TURN relay, for networks that let nothing else through; with TLS it is reached at the web port too. It runs when the hub knows its public name or address. Empty: none." default:":3478" env:"RELAY_ADDR"`
	TURNURL    string `name:"turn-url" help:"TURN server to use instead, for instance turns:relay.example.org:443?transport=tcp." env:"TURN_URL"`
	TURNSecret string `name:"turn-secret" help:"Secret shared with the TURN server (coturn: static-auth-secret)." env:"TURN_SECRET" secret:"yes"`
}

// Mail is the SMTP server that invitations leave by.
type Mail struct {
	Host        string `help:"SMTP server. Empty: no mail is sent." env:"HOST"`
	Port        int    `help:"Port of the SMTP server." default:"587" env:"PORT"`
	User        string `help:"User at the SMTP server." env:"USER"`
	Password    string `help:"Password at the SMTP server." env:"PASSWORD" secret:"yes"`
	From        string `help:"Sender, for instance 云侨 <meeting@example.org>." env:"FROM"`
	DigestAfter int    `help:"After how many minutes what somebody has not seen is collected in a letter." default:"15" env:"DIGEST_AFTER"`
	TLS         string `help:"starttls, tls or none." default:"starttls" enum:"starttls,tls,none" env:"TLS"`
}

// House is the organisation that runs the hub.
type House struct {
	NameZH        string `help:"Name in Chinese." default:"徐州市归国华侨联合会" env:"NAME_ZH"`
	NameEN        string `help:"Name in English." default:"Xuzhou Federation of Returned Overseas Chinese" env:"NAME_EN"`
	TimeZone      string `help:"The house's own clock." default:"Asia/Shanghai" env:"TIME_ZONE"`
	MinutesPrefix string `help:"What minutes numbers begin with." default:"徐侨联纪要" env:"MINUTES_PREFIX"`
}

// Problems lists everything that is wrong with a configuration.
type Problems []string

// Error implements error.
func (p Problems) Error() string { return "configuration: " + strings.Join(p, "; ") }

func (p *Problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// Check validates the whole configuration, and names every setting that is
// wrong at once.
func (c *Config) Check() error {
	var wrong Problems
	c.HTTP.Addr = cmp.Or(c.HTTP.Addr, ":8080")
	c.checkURLs(&wrong)
	c.checkAddresses(&wrong)
	c.TLS.check(&wrong)
	c.Mail.check(&wrong)
	c.Files.check(&wrong)
	if _, err := clock.Zone("house_time_zone", c.House.TimeZone); err != nil {
		wrong.add("--house-time-zone: %q is no IANA time zone", c.House.TimeZone)
	}
	if c.DataDir == "" {
		c.DataDir = defaultDataDir()
	}
	abs, err := filepath.Abs(c.DataDir)
	if err != nil {
		wrong.add("--data-dir: %q cannot be used", c.DataDir)
	}
	c.DataDir = abs
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// defaultDataDir is a place that the private database's user can reach, which
// a folder below /root is not.
func defaultDataDir() string {
	home, err := os.UserHomeDir()
	if os.Geteuid() == 0 || err != nil {
		return "/var/lib/yunqiao"
	}
	return filepath.Join(home, ".local", "share", "yunqiao")
}

func (c *Config) checkURLs(wrong *Problems) {
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		wrong.add("DATABASE_URL: must begin with postgres://")
	}
	c.Redis.check(wrong)
	c.HTTP.PublicURL = checkBase(wrong, "--http-public-url", c.HTTP.PublicURL, "https://hub.example.org")
	c.Cluster.Addr = checkBase(wrong, "--cluster-addr", c.Cluster.Addr, "http://10.0.0.5:8080")
}

// checkBase checks a URL that paths are put after, if there is one, and returns
// it without the slash at its end.
func checkBase(wrong *Problems, name, text, example string) string {
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		wrong.add("%s: %q must look like %s", name, text, example)
	}
	return strings.TrimRight(text, "/")
}

func (c *Config) checkAddresses(wrong *Problems) {
	for name, addr := range map[string]string{
		"--http-addr": c.HTTP.Addr, "--http-admin-addr": c.HTTP.AdminAddr,
		"--media-udp-addr": c.Media.UDPAddr, "--media-tcp-addr": c.Media.TCPAddr, "--media-relay-addr": c.Media.RelayAddr,
	} {
		if addr == "" && (name == "--media-tcp-addr" || name == "--media-relay-addr") {
			continue
		}
		_, port, err := net.SplitHostPort(addr)
		if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
			wrong.add("%s: %q must look like :8080 or 127.0.0.1:8080", name, addr)
		}
	}
	if (c.Media.TURNURL == "") != (c.Media.TURNSecret == "") {
		wrong.add("--media-turn-url and --media-turn-secret go together")
	}
	c.proxies = nil
	for _, text := range c.HTTP.TrustedProxies {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			wrong.add("--http-trusted-proxies: %q must look like 10.0.0.0/8", text)
			continue
		}
		c.proxies = append(c.proxies, prefix.Masked())
	}
	c.parsedIPs = nil
	for _, text := range c.PublicIP {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			wrong.add("--public-ip: %q is no IP address", text)
			continue
		}
		c.parsedIPs = append(c.parsedIPs, ip.Unmap())
	}
}

func (t *TLS) check(wrong *Problems) {
	if (t.Cert == "") != (t.Key == "") {
		wrong.add("--tls-cert and --tls-key go together")
	}
	ways := 0
	for _, used := range []bool{t.Cert != "", t.ACMEDomain != "", t.SelfSigned} {
		if used {
			ways++
		}
	}
	if ways > 1 {
		wrong.add("--tls-cert, --tls-acme-domain and --tls-self-signed exclude each other")
	}
	for _, file := range []string{t.Cert, t.Key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			wrong.add("TLS file: %v", err)
		}
	}
}

func (r *Redis) check(wrong *Problems) {
	if r.URL == "" && (len(r.Addrs) > 0 || r.Cluster || r.Sentinel != "") {
		wrong.add("REDIS_URL: needed when other settings of Redis are given")
	}
	if r.URL != "" && !strings.HasPrefix(r.URL, "redis://") && !strings.HasPrefix(r.URL, "rediss://") && !strings.HasPrefix(r.URL, "unix://") {
		wrong.add("REDIS_URL: must begin with redis://, rediss:// or unix://")
		return
	}
	if err := r.Options().Check(); err != nil {
		wrong.add("%v", err)
	}
}

// Options are the settings as the bus takes them.
func (r *Redis) Options() bus.RedisOptions {
	return bus.RedisOptions{
		URL: r.URL, More: r.Addrs, MasterName: r.Sentinel, Cluster: r.Cluster, SentinelPassword: r.SentinelPassword,
		CA: r.CA, Cert: r.Cert, Key: r.Key,
	}
}

func (m *Mail) check(wrong *Problems) {
	if m.Host != "" && m.From == "" {
		wrong.add("--mail-from: needed when --mail-host is set")
	}
	if m.Port < 1 || m.Port > 65535 {
		wrong.add("--mail-port: %d is no port", m.Port)
	}
}

// On says whether the hub itself speaks TLS.
func (t *TLS) On() bool { return t.Cert != "" || t.ACMEDomain != "" || t.SelfSigned }

// Secure says whether browsers reach the hub over HTTPS: its own, or that of a
// proxy before it.
func (c *Config) Secure() bool { return strings.HasPrefix(c.BaseURL(), "https://") }

// TrustedProxies are the checked proxies.
func (c *Config) TrustedProxies() []netip.Prefix { return c.proxies }

// PublicIPs are the checked public addresses.
func (c *Config) PublicIPs() []netip.Addr { return c.parsedIPs }

// Relay says where clients reach the hub's own TURN relay: at a host by UDP and
// TCP, and inside TLS at a host and port that the certificate is for. The first
// is empty when there is no relay, the second also when the hub speaks no TLS.
func (c *Config) Relay() (host, tlsHost string) {
	name, port := c.publicName()
	host = name
	if len(c.parsedIPs) > 0 {
		host = c.parsedIPs[0].String()
	}
	if c.Media.RelayAddr == "" || c.Media.TURNURL != "" || host == "" {
		return "", ""
	}
	if c.TLS.On() {
		tlsHost = net.JoinHostPort(cmp.Or(name, host), port)
	}
	return host, tlsHost
}

// publicName is the host and port of the hub's links; no name when only this
// machine knows it.
func (c *Config) publicName() (name, port string) {
	u, err := url.Parse(c.BaseURL())
	if err != nil {
		return "", ""
	}
	port = cmp.Or(u.Port(), "443")
	if _, own, err := net.SplitHostPort(c.HTTP.Addr); err == nil && c.HTTP.PublicURL == "" {
		port = own
	}
	name = u.Hostname()
	if ip, err := netip.ParseAddr(name); name == "localhost" || (err == nil && ip.IsLoopback()) {
		name = ""
	}
	return name, port
}

// BaseURL begins every link the hub makes, without a slash at the end.
func (c *Config) BaseURL() string {
	if c.HTTP.PublicURL != "" {
		return c.HTTP.PublicURL
	}
	scheme := "http"
	if c.TLS.On() {
		scheme = "https"
	}
	if c.TLS.ACMEDomain != "" {
		return scheme + "://" + c.TLS.ACMEDomain
	}
	host, port, err := net.SplitHostPort(c.HTTP.Addr)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Logger makes the logger the configuration asks for.
func (c *Config) Logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return nil, errors.Join(errors.New("log level"), err)
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options)), nil
}
