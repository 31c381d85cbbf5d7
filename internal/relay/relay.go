// Package relay lends participants a TURN server (RFC 8656) that stands beside
// the hub, for networks that let nothing else through. Credentials are made
// from a secret shared with that server and expire by themselves, as coturn's
// use-auth-secret understands them.
package relay

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"
)

// life is how long credentials can be used: a long meeting.
const life = 6 * time.Hour

// Relay is a TURN server that shares a secret with the hub.
type Relay struct {
	url    string
	uri    *stun.URI
	secret string
}

// New reads a TURN address such as turns:relay.example.org:443?transport=tcp
// (RFC 7065).
func New(url, secret string) (*Relay, error) {
	uri, err := stun.ParseURI(url)
	if err != nil {
		return nil, fmt.Errorf("read TURN address %q: %w", url, err)
	}
	if uri.Scheme != stun.SchemeTypeTURN && uri.Scheme != stun.SchemeTypeTURNS {
		return nil, fmt.Errorf("read TURN address %q: not turn: or turns: at its beginning", url)
	}
	return &Relay{url: url, uri: uri, secret: secret}, nil
}

// Credentials are what one person may use the relay with.
type Credentials struct{ URL, Username, Password string }

// Lend makes credentials for a person.
func (r *Relay) Lend(person string) (Credentials, error) {
	username, password, err := turn.GenerateLongTermTURNRESTCredentials(r.secret, person, life)
	if err != nil {
		return Credentials{}, fmt.Errorf("make TURN credentials: %w", err)
	}
	return Credentials{URL: r.url, Username: username, Password: password}, nil
}

// Check asks the relay for an allocation and gives it back.
func (r *Relay) Check(ctx context.Context) error {
	c, err := r.Lend("doctor")
	if err != nil {
		return err
	}
	addr := net.JoinHostPort(r.uri.Host, strconv.Itoa(r.uri.Port))
	conn, err := r.dial(ctx, addr)
	if err != nil {
		return fmt.Errorf("reach %s: %w", addr, err)
	}
	defer conn.Close()
	client, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: addr, TURNServerAddr: addr, Username: c.Username, Password: c.Password, Conn: conn,
		RequestedAddressFamily: turn.RequestedAddressFamilyIPv4,
	})
	if err != nil {
		return fmt.Errorf("speak with %s: %w", addr, err)
	}
	defer client.Close()
	if err := client.Listen(); err != nil {
		return fmt.Errorf("speak with %s: %w", addr, err)
	}
	allocation, err := client.AllocateWithContext(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for an allocation: %w", addr, err)
	}
	return allocation.Close()
}

func (r *Relay) dial(ctx context.Context, addr string) (net.PacketConn, error) {
	if r.uri.Proto == stun.ProtoTypeUDP {
		return (&net.ListenConfig{}).ListenPacket(ctx, "udp", ":0")
	}
	if r.uri.Scheme == stun.SchemeTypeTURNS {
		d := &tls.Dialer{Config: &tls.Config{ServerName: r.uri.Host, MinVersion: tls.VersionTLS12}}
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		return turn.NewSTUNConn(conn), nil
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return turn.NewSTUNConn(conn), nil
}
