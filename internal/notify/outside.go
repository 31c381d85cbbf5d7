package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Outside reaches addresses that people typed in, and nothing of this house's
// own network: not by a name that resolves to it, nor by a redirect.
type Outside struct {
	client *http.Client
	// plain lets http through, and loopback, for tests.
	plain bool
}

const (
	outsideTimeout = 15 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 64 << 10
	maxURL    = 2000 // bytes
)

// errAddress is why an address is not reached. It does not say what is there.
var errAddress = errors.New("the address belongs to a network that the hub does not send to")

// NewOutside makes a client that refuses private addresses and those in own.
func NewOutside(own []netip.Addr) *Outside { return newOutside(own, false) }

// NewOutsideForTests makes a client that reaches this machine, too.
func NewOutsideForTests() *Outside { return newOutside(nil, true) }

func newOutside(own []netip.Addr, loopback bool) *Outside {
	dialer := &net.Dialer{Timeout: 10 * time.Second, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return errAddress
		}
		if loopback && at.Addr().Unmap().IsLoopback() {
			return nil
		}
		if !public(at.Addr()) || slices.Contains(own, at.Addr().Unmap()) {
			return errAddress
		}
		return nil
	}}
	return &Outside{plain: loopback, client: &http.Client{
		Timeout:       outsideTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		// No proxy from the environment: it would look the names up by itself.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
			ResponseHeaderTimeout: outsideTimeout, MaxResponseHeaderBytes: maxAnswer, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
		},
	}}
}

// closed are the networks that are not the internet, beyond those that package
// net knows: RFC 6890 and its additions, and addresses that carry another one
// inside.
func closed() []netip.Prefix {
	list := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
		"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	}
	prefixes := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

// public says whether an address is one of the internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		return false
	}
	return !slices.ContainsFunc(closed(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// check refuses an address that cannot be meant, before it is kept.
func (o *Outside) check(field, address string) error {
	u, err := url.Parse(address)
	switch {
	case len(address) > maxURL, err != nil, u.Host == "", u.User != nil, u.Fragment != "":
		return problem.Invalid(field, "an address that begins with https://")
	case u.Scheme != "https" && (!o.plain || u.Scheme != "http"):
		return problem.Invalid(field, "only https:// is sent to")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !o.plain && !public(ip) {
		return problem.Invalid(field, "%v", errAddress)
	}
	return nil
}

// Do sends a request. The error never holds the address: robots have their key in it.
func (o *Outside) Do(r *http.Request) (*http.Response, error) {
	response, err := o.client.Do(r) //nolint:gosec // the dialer refuses what is not public
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if err != nil {
		return nil, fmt.Errorf("reach %s: %w", r.URL.Hostname(), inWords(err))
	}
	return response, nil
}

// inWords says why an address was not reached, without what only this house's
// network knows.
func inWords(err error) error {
	if named, ok := errors.AsType[*net.DNSError](err); ok && named.IsNotFound {
		return errors.New("there is no such name")
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return errors.New("no answer in time")
	}
	if errors.Is(err, errAddress) {
		return errAddress
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return errors.New("nobody answers there")
	}
	return err
}

// post sends a body and returns the status and the beginning of the answer.
func (o *Outside) post(ctx context.Context, address string, header http.Header, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.New("the address cannot be used")
	}
	r.Header = header
	response, err := o.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("read answer of %s: %w", r.URL.Hostname(), err)
	}
	return response.StatusCode, answer, nil
}
