package sfu

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// This file: the candidates of an answer (RFC 8839 section 5.1). Some clients try
// them in the order in which they stand, and end at the first that fails.

// candidateLines has every section's run of candidates replaced by what change makes
// of it.
func candidateLines(text string, change func([]string) []string) string {
	var out, run []string
	flush := func() {
		out = append(out, change(run)...)
		run = nil
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "a=candidate:") {
			run = append(run, line)
			continue
		}
		flush()
		out = append(out, line)
	}
	flush()
	return strings.Join(out, "")
}

// candidate reads the transport and the address of a line.
func candidate(line string) (tcp bool, addr netip.Addr, ok bool) {
	f := strings.Fields(line)
	if len(f) < 8 {
		return false, netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(f[4])
	return strings.EqualFold(f[2], "tcp"), addr.Unmap(), err == nil
}

// listening leaves out the addresses at which nothing listens for TCP: pion names all
// of this host's.
func listening(text string, tcp net.Addr) string {
	at, ok := tcp.(*net.TCPAddr)
	if !ok {
		return text
	}
	bound := at.AddrPort().Addr().Unmap()
	return candidateLines(text, func(lines []string) []string {
		return slices.DeleteFunc(lines, func(line string) bool {
			overTCP, addr, ok := candidate(line)
			switch {
			case !ok || !overTCP:
				return false
			case bound.IsUnspecified(): // one of IPv6 takes both families
				return bound.Is4() && !addr.Is4()
			}
			return addr != bound
		})
	})
}

// inOrder sorts candidates: UDP before TCP, public addresses before private ones,
// this host's own loopback last.
func inOrder(text string) string {
	rank := func(line string) int {
		tcp, addr, ok := candidate(line)
		switch {
		case !ok:
			return 0
		case addr.IsLoopback():
			return 6 + order(tcp)
		case addr.IsPrivate(), addr.IsLinkLocalUnicast():
			return 2 + 2*order(tcp)
		}
		return 1 + 2*order(tcp)
	}
	return candidateLines(text, func(lines []string) []string {
		slices.SortFunc(lines, func(a, b string) int {
			return cmp.Or(rank(a)-rank(b), strings.Compare(a, b))
		})
		return slices.Compact(lines)
	})
}

func order(tcp bool) int {
	if tcp {
		return 1
	}
	return 0
}
