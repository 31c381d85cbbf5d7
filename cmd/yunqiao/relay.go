package main

import (
	"crypto/tls"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/sfu"
	"github.com/yunqiao/yunqiao/signaling/wire"
)

// share lets the hub's own relay use the web port too, when both speak TLS.
func (n *node) share(l *listeners, c *tls.Config) {
	if host, _ := n.cfg.Relay(); host != "" && c != nil {
		n.shared = httpd.Share(l.http, c)
	}
}

// ownRelay is the relay in this process; nil when there is none.
func (n *node) ownRelay() *sfu.RelayConfig {
	host, tlsHost := n.cfg.Relay()
	if host == "" {
		return nil
	}
	c := &sfu.RelayConfig{Addr: n.cfg.Media.RelayAddr, Host: host}
	if n.shared != nil {
		c.TLS, c.TLSHost = n.shared.Relay(), tlsHost
	}
	return c
}

// relays lends a participant a TURN server: the one beside the hub, or else the
// hub's own.
func (n *node) relays(person uuid.UUID) []wire.ICEServer {
	if n.relay == nil {
		if c, ok := n.media.Lend(person.String()); ok {
			return []wire.ICEServer{{URLs: c.URLs, Username: c.Username, Credential: c.Password}}
		}
		return []wire.ICEServer{}
	}
	c, err := n.relay.Lend(person.String())
	if err != nil {
		n.log.Error("no relay could be lent", "err", err)
		return []wire.ICEServer{}
	}
	return []wire.ICEServer{{URLs: []string{c.URL}, Username: c.Username, Credential: c.Password}}
}
