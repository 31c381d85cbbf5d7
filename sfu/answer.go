package sfu

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// This file: what pion's answers are told beyond pion.

// askForPauses asks that a microphone send nothing in silence (usedtx of RFC 7587
// section 6.1): what is not sent costs nobody anything. Shared sound is music and
// goes on.
func askForPauses(text, mid string) string {
	if mid == "" {
		return text
	}
	sections := strings.SplitAfter(text, "\r\nm=")
	for i, section := range sections {
		if !strings.Contains(section, "\r\na=mid:"+mid+"\r\n") {
			continue
		}
		lines := strings.Split(section, "\r\n")
		for n, line := range lines {
			if strings.HasPrefix(line, "a=fmtp:") && strings.Contains(line, "useinbandfec=1") && !strings.Contains(line, "usedtx") {
				lines[n] = line + ";usedtx=1"
			}
		}
		sections[i] = strings.Join(lines, "\r\n")
	}
	return strings.Join(sections, "")
}

// announce adds a candidate with each public address beside every candidate of
// this host with the same family, preferred over it.
func announce(text string, public []netip.Addr) string {
	if len(public) == 0 {
		return text
	}
	lines := strings.SplitAfter(text, "\r\n")
	out := make([]string, 0, len(lines))
	var told []string
	for _, line := range lines {
		if strings.HasPrefix(line, "m=") {
			told = told[:0]
		}
		for i, ip := range public {
			extra := publicCandidate(line, ip, i)
			if extra != "" && !slices.Contains(told, extra) {
				told = append(told, extra)
				out = append(out, extra)
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

// publicCandidate rewrites a candidate line (RFC 8839 section 5.1) for another
// address; "" when the line is none or of the other family.
func publicCandidate(line string, ip netip.Addr, index int) string {
	const address, priority, component = 4, 3, 1
	f := strings.Fields(line)
	if len(f) < 8 || !strings.HasPrefix(f[0], "a=candidate:") || f[component] != "1" {
		return ""
	}
	host, err := netip.ParseAddr(f[address])
	if err != nil || host.Unmap().Is4() != ip.Unmap().Is4() {
		return ""
	}
	kind := uint32(126)
	if strings.EqualFold(f[2], "tcp") {
		kind = 90
	}
	f[0] = fmt.Sprintf("a=candidate:9%d%d", kind, index)
	f[priority] = strconv.FormatUint(uint64(kind<<24|0xffff<<8|255), 10)
	f[address] = ip.String()
	return strings.Join(f, " ") + "\r\n"
}
