package config

import (
	"strings"
	"testing"
)

func valid() *Config {
	return &Config{
		DataDir: "data", HTTP: HTTP{Addr: ":8080", AdminAddr: "localhost:9464"},
		Media: Media{UDPAddr: ":7882"}, Mail: Mail{Port: 587}, House: House{TimeZone: "Asia/Shanghai"}, LogLevel: "info",
	}
}

func TestCheckNamesEveryWrongSetting(t *testing.T) {
	t.Parallel()
	c := valid()
	c.DatabaseURL = "mysql://x"
	c.HTTP.Addr = "8080"
	c.PublicIP = []string{"300.1.1.1"}
	c.House.TimeZone = "Mars/Base"
	c.Mail.Host = "smtp.example.org"
	c.TLS = TLS{SelfSigned: true, ACMEDomain: "hub.example.org"}
	err := c.Check()
	if err == nil {
		t.Fatal("a wrong configuration passed")
	}
	for _, name := range []string{"DATABASE_URL", "--http-addr", "--public-ip", "--house-time-zone", "--mail-from", "exclude each other"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not name %s", err, name)
		}
	}
}

func TestClusterAddrIsABareURL(t *testing.T) {
	t.Parallel()
	for addr, good := range map[string]bool{
		"": true, "http://10.0.0.5:8080": true, "https://node1.internal/": true, "http://[fd00::5]:8080": true,
		"10.0.0.5:8080": false, "ftp://10.0.0.5": false, "http://": false, "http://:8080": false, "http://a/path": false,
		"http://a?x=1": false, "http://a#x": false, "http://me:secret@a": false, "http://a b": false,
	} {
		c := valid()
		c.Cluster.Addr = addr
		err := c.Check()
		if good != (err == nil) || err != nil && !strings.Contains(err.Error(), "--cluster-addr") {
			t.Errorf("%q: %v", addr, err)
		}
		if strings.HasSuffix(c.Cluster.Addr, "/") {
			t.Errorf("%q keeps its slash", addr)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"guessed", func(*Config) {}, "http://localhost:8080"},
		{"self-signed", func(c *Config) { c.TLS.SelfSigned = true }, "https://localhost:8080"},
		{"domain", func(c *Config) { c.TLS.ACMEDomain = "hub.example.org" }, "https://hub.example.org"},
		{"given", func(c *Config) { c.HTTP.PublicURL = "https://hub.example.org/" }, "https://hub.example.org"},
		{"one address", func(c *Config) { c.HTTP.Addr = "127.0.0.1:9000" }, "http://127.0.0.1:9000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := valid()
			test.change(c)
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
			if got := c.BaseURL(); got != test.want {
				t.Errorf("base URL %q, want %q", got, test.want)
			}
		})
	}
}

func TestPrintHidesSecrets(t *testing.T) {
	t.Parallel()
	c := valid()
	c.DatabaseURL = "postgres://u:hunter2@db/x"
	c.Mail.Password = "hunter2"
	var b strings.Builder
	c.Print(&b)
	if strings.Contains(b.String(), "hunter2") {
		t.Errorf("a secret was printed:\n%s", b.String())
	}
	for _, line := range []string{"database-url", "http-admin-addr", "media-udp-addr", "(set)"} {
		if !strings.Contains(b.String(), line) {
			t.Errorf("missing %q in:\n%s", line, b.String())
		}
	}
}
