package config

import "testing"

func TestRelayRunsWhereItCanBeReached(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		change        func(*Config)
		host, tlsHost string
	}{
		{"nobody knows where", func(*Config) {}, "", ""},
		{"only this machine", func(c *Config) { c.HTTP.PublicURL = "http://127.0.0.1:8080" }, "", ""},
		{"behind a proxy", func(c *Config) { c.HTTP.PublicURL = "https://hub.example.org" }, "hub.example.org", ""},
		{"a public address", func(c *Config) { c.PublicIP = []string{"2001:db8::7", "203.0.113.7"} }, "2001:db8::7", ""},
		{"a name by ACME", func(c *Config) { c.TLS.ACMEDomain, c.HTTP.Addr = "hub.example.org", ":443" }, "hub.example.org", "hub.example.org:443"},
		{"both", func(c *Config) {
			c.TLS.ACMEDomain, c.HTTP.Addr, c.PublicIP = "hub.example.org", ":443", []string{"203.0.113.7"}
		}, "203.0.113.7", "hub.example.org:443"},
		{"another port outside", func(c *Config) {
			c.TLS.SelfSigned, c.HTTP.PublicURL = true, "https://hub.example.org"
		}, "hub.example.org", "hub.example.org:443"},
		{"an address alone", func(c *Config) {
			c.TLS.SelfSigned, c.PublicIP = true, []string{"203.0.113.7"}
		}, "203.0.113.7", "203.0.113.7:8080"},
		{"turned off", func(c *Config) { c.TLS.ACMEDomain, c.Media.RelayAddr = "hub.example.org", "" }, "", ""},
		{"another server", func(c *Config) {
			c.TLS.ACMEDomain, c.Media.TURNURL, c.Media.TURNSecret = "hub.example.org", "turn:x", "s"
		}, "", ""},
	} {
		c := valid()
		c.Media.RelayAddr = ":3478"
		test.change(c)
		if err := c.Check(); err != nil {
			t.Fatal(err)
		}
		if host, tlsHost := c.Relay(); host != test.host || tlsHost != test.tlsHost {
			t.Errorf("%s: %q and %q, want %q and %q", test.name, host, tlsHost, test.host, test.tlsHost)
		}
	}
}
