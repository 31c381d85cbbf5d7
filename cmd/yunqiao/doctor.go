package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/yunqiao/yunqiao/internal/config"
	"github.com/yunqiao/yunqiao/internal/httpd"
	"github.com/yunqiao/yunqiao/internal/postgres"
	"github.com/yunqiao/yunqiao/internal/relay"
)

type doctorCmd struct{}

// verdict is how a check went.
type verdict int

const (
	good verdict = iota
	worth
	bad
)

func (v verdict) String() string { return [...]string{"ok     ", "look at", "WRONG  "}[v] }

// finding is one check's result in plain words.
type finding struct {
	what    string
	verdict verdict
	words   string
}

// errUnwell makes the command exit non-zero.
var errUnwell = errors.New("something is wrong; see above")

// Run checks what the hub needs on this machine. It is run before the hub
// starts, or while it is stopped: it tries to take the hub's ports.
func (doctorCmd) Run(cfg *config.Config) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	return examine(context.Background(), cfg, os.Stdout)
}

// examine runs every check and writes what it finds.
func examine(ctx context.Context, cfg *config.Config, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	findings := []finding{checkDisk(cfg.DataDir)}
	findings = append(findings, checkDatabase(ctx, cfg)...)
	findings = append(findings, checkPorts(ctx, cfg)...)
	findings = append(findings, checkSystemClock(), checkCertificate(ctx, cfg), checkPublic(cfg), checkRelay(ctx, cfg))
	wrong := false
	for _, f := range findings {
		fmt.Fprintf(w, "%s  %-12s %s\n", f.verdict, f.what, f.words)
		wrong = wrong || f.verdict == bad
	}
	if wrong {
		return errUnwell
	}
	return nil
}

// lowDisk is when a recording evening could fill the disk.
const lowDisk = 10 << 30

func checkDisk(dir string) finding {
	f := finding{what: "disk"}
	existing := dir
	for {
		if _, err := os.Stat(existing); err == nil || existing == "/" {
			break
		}
		existing = filepath.Dir(existing)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(existing, &stat); err != nil {
		return finding{f.what, bad, fmt.Sprintf("The data folder %s cannot be looked at: %v.", dir, err)}
	}
	free := stat.Bavail * uint64(stat.Bsize) //nolint:gosec // a block size is positive
	words := fmt.Sprintf("%s has %d GB free; an hour of recording takes about 1 GB per participant.", dir, free>>30)
	if free < lowDisk {
		return finding{f.what, worth, words + " That is little."}
	}
	return finding{f.what, good, words}
}

func checkDatabase(ctx context.Context, cfg *config.Config) []finding {
	d, err := openDatabase(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return []finding{{"database", bad, fmt.Sprintf("It cannot be used: %v.", err)}}
	}
	defer d.close() //nolint:errcheck // it was only looked at
	found := []finding{{"database", good, fmt.Sprintf("%s answers and is up to date.", d.where)}}
	if err := postgres.Durable(ctx, d.pool); err != nil {
		found[0] = finding{"database", bad, err.Error() + "."}
	}
	var theirs time.Time
	if err := d.pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&theirs); err != nil {
		return append(found, finding{"clock", bad, fmt.Sprintf("The database does not tell the time: %v.", err)})
	}
	if skew := time.Since(theirs).Abs(); skew > 500*time.Millisecond {
		return append(found, finding{"clock", worth, fmt.Sprintf("This machine and the database differ by %s; let both follow a time server.", skew.Round(time.Millisecond))})
	}
	return append(found, finding{"clock", good, "This machine and the database agree on the time."})
}

func checkSystemClock() finding {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	const timeError = 5 // TIME_ERROR of adjtimex(2): not synchronised
	if err != nil || state == timeError {
		return finding{"time server", worth, "This machine's clock follows no time server; meetings and reminders would drift. Install chrony or systemd-timesyncd."}
	}
	return finding{"time server", good, "This machine's clock follows a time server."}
}

func checkPorts(ctx context.Context, cfg *config.Config) []finding {
	const open = "It must be open in the firewall."
	relayAddr := ""
	if host, _ := cfg.Relay(); host != "" {
		relayAddr = cfg.Media.RelayAddr
	}
	var found []finding
	for _, p := range []struct{ what, network, addr, flag, advice string }{
		{"web port", "tcp", cfg.HTTP.Addr, "--http-addr", open},
		{"metrics port", "tcp", cfg.HTTP.AdminAddr, "--http-admin-addr", "Keep it closed to the public."},
		{"media UDP", "udp", cfg.Media.UDPAddr, "--media-udp-addr", open},
		{"media TCP", "tcp", cfg.Media.TCPAddr, "--media-tcp-addr", open},
		{"relay UDP", "udp", relayAddr, "--media-relay-addr", open},
		{"relay TCP", "tcp", relayAddr, "--media-relay-addr", open},
	} {
		if p.addr == "" {
			continue
		}
		if err := tryPort(ctx, p.network, p.addr); err != nil {
			found = append(found, finding{p.what, bad, fmt.Sprintf("%s cannot be taken: %v. Stop what holds it (the hub itself?) or set %s.", p.addr, err, p.flag)})
			continue
		}
		found = append(found, finding{p.what, good, fmt.Sprintf("%s/%s is free. %s", p.addr, p.network, p.advice)})
	}
	return found
}

func tryPort(ctx context.Context, network, addr string) error {
	var l net.ListenConfig
	if network == "udp" {
		c, err := l.ListenPacket(ctx, network, addr)
		if err == nil {
			err = c.Close()
		}
		return err
	}
	c, err := l.Listen(ctx, network, addr)
	if err == nil {
		err = c.Close()
	}
	return err
}

// checkCertificate looks at the certificate that browsers will be shown.
func checkCertificate(ctx context.Context, cfg *config.Config) finding {
	const what = "certificate"
	host := hostOf(cfg.BaseURL())
	switch {
	case !cfg.TLS.On() && host == "localhost":
		return finding{what, good, "None, and on localhost none is needed."}
	case !cfg.TLS.On():
		return finding{what, worth, "None here: browsers give no camera unless a proxy in front of the hub speaks HTTPS."}
	case cfg.TLS.ACMEDomain != "":
		if _, err := net.DefaultResolver.LookupHost(ctx, cfg.TLS.ACMEDomain); err != nil {
			return finding{what, bad, fmt.Sprintf("%s has no address in the DNS: %v.", cfg.TLS.ACMEDomain, err)}
		}
		return finding{what, good, fmt.Sprintf("For %s it is got and renewed at start; ports 80 and 443 must be reachable from outside.", cfg.TLS.ACMEDomain)}
	}
	c, err := httpd.TLSConfig(ctx, cfg.TLS, cfg.DataDir)
	if err != nil {
		return finding{what, bad, fmt.Sprintf("It cannot be used: %v.", err)}
	}
	leaf, err := leafOf(c)
	if err != nil {
		return finding{what, bad, fmt.Sprintf("It cannot be read: %v.", err)}
	}
	left := time.Until(leaf.NotAfter)
	switch {
	case left <= 0:
		return finding{what, bad, fmt.Sprintf("It expired on %s.", leaf.NotAfter.Format(time.DateOnly))}
	case leaf.VerifyHostname(host) != nil:
		return finding{what, bad, fmt.Sprintf("It is not for %s, where people will come.", host)}
	case cfg.TLS.SelfSigned:
		return finding{what, worth, "Self-signed: every browser warns once. For trying only."}
	case left < 21*24*time.Hour:
		return finding{what, worth, fmt.Sprintf("It expires on %s.", leaf.NotAfter.Format(time.DateOnly))}
	}
	return finding{what, good, fmt.Sprintf("For %s, until %s.", host, leaf.NotAfter.Format(time.DateOnly))}
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func leafOf(c *tls.Config) (*x509.Certificate, error) {
	if len(c.Certificates) == 0 || len(c.Certificates[0].Certificate) == 0 {
		return nil, errors.New("no certificate")
	}
	return x509.ParseCertificate(c.Certificates[0].Certificate[0])
}

// checkPublic says whether people outside can reach the media.
func checkPublic(cfg *config.Config) finding {
	const what = "public media"
	if len(cfg.PublicIPs()) > 0 {
		return finding{what, good, fmt.Sprintf("Media is announced at %v.", cfg.PublicIPs())}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return finding{what, worth, fmt.Sprintf("The addresses of this machine cannot be read: %v.", err)}
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && !n.IP.IsPrivate() {
			return finding{what, good, fmt.Sprintf("This machine has the public address %s.", n.IP)}
		}
	}
	return finding{what, worth, "This machine has private addresses only: people outside its network reach no media. Set --public-ip to the address of its router or cloud."}
}

// checkRelay tells what remains where UDP is blocked, and tries the TURN server
// beside the hub.
func checkRelay(ctx context.Context, cfg *config.Config) finding {
	const what = "relay"
	host, tlsHost := cfg.Relay()
	switch {
	case cfg.Media.TURNURL != "":
		r, err := relay.New(cfg.Media.TURNURL, cfg.Media.TURNSecret)
		if err == nil {
			err = r.Check(ctx)
		}
		if err != nil {
			return finding{what, bad, fmt.Sprintf("The TURN server does not serve us: %v.", err)}
		}
		return finding{what, good, fmt.Sprintf("The TURN server %s gives allocations.", cfg.Media.TURNURL)}
	case tlsHost != "":
		return finding{what, good, fmt.Sprintf("Where nothing else passes, media is relayed inside TLS at %s, and at %s%s by UDP and TCP.", tlsHost, host, cfg.Media.RelayAddr)}
	case host != "":
		return finding{what, worth, fmt.Sprintf("Media is relayed at %s%s by UDP and TCP; networks that pass HTTPS only are shut out, because the hub itself speaks no TLS.", host, cfg.Media.RelayAddr)}
	case cfg.Media.TCPAddr == "":
		return finding{what, worth, "Neither a relay (--public-ip or --http-public-url let the hub run its own) nor media over TCP (--media-tcp-addr): networks that block UDP are shut out."}
	}
	return finding{what, worth, fmt.Sprintf("No relay: the hub runs its own when it knows its address (--public-ip or --http-public-url). Where UDP is blocked, media goes over TCP at %s.", cfg.Media.TCPAddr)}
}
