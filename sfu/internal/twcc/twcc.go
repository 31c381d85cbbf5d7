// Package twcc collects arrival times of transport-wide numbered packets and
// builds the feedback that makes a browser raise or lower its bit rate
// (draft-holmer-rmcat-transport-wide-cc-extensions-01). Pure.
package twcc

import (
	"time"

	"github.com/pion/rtcp"

	"github.com/yunqiao/yunqiao/sfu/internal/rtpview"
)

// Limits that keep one feedback below an MTU.
const (
	capacity   = 1024
	maxPackets = 400
	maxLeading = 100 // missing before the first arrival of a report
	maxForgive = 20  // missing in a row; more is an outage
	tick       = 250 * time.Microsecond
	reference  = 64 * time.Millisecond
)

// Collector belongs to one uplink, whose mutex guards it.
type Collector struct {
	unwrap  rtpview.Unwrapper
	arrived [capacity]arrival
	next    uint64 // first number not reported yet
	highest uint64
	settled uint64 // up to here every number's fate has been asked about
	count   uint8
}

type arrival struct {
	sn     uint64
	at     time.Duration
	unsaid bool // it did not arrive, and no report says so
}

// Arrived notes the packet with transport-wide number sn.
func (c *Collector) Arrived(sn uint16, at time.Duration) {
	ext := c.unwrap.Next(sn)
	if c.next == 0 {
		c.next = ext
	}
	if ext < c.next {
		// Reordered past a report: reporting starts again from it, which the
		// draft allows and senders expect.
		if c.next-ext > capacity/2 {
			return
		}
		c.next = ext
	}
	if ext >= c.next+capacity {
		c.next = ext - capacity + 1
	}
	c.highest = max(c.highest, ext)
	c.arrived[ext%capacity] = arrival{sn: ext, at: at}
}

func (c *Collector) at(sn uint64) (time.Duration, bool) {
	a := c.arrived[sn%capacity]
	return a.at, a.sn == sn && !a.unsaid
}

// Settle asks for every number not asked about yet, in order, whether to say
// nothing of it although it was lost. Senders take a number that no report speaks
// of neither for lost nor for arrived: it says nothing of the way, and the packet
// stays at hand for those who ask for it again. One told as arrived would be
// forgotten.
func (c *Collector) Settle(forgive func(lost bool) bool) {
	if c.settled == 0 || c.highest-c.settled > capacity/2 {
		c.settled = c.highest
		return
	}
	for c.settled < c.highest {
		arrived := c.settled + 1
		for arrived < c.highest && !c.has(arrived) {
			arrived++
		}
		if missing := arrived - c.settled - 1; missing <= maxForgive {
			c.forgive(missing, forgive)
		}
		forgive(false)
		c.settled = arrived
	}
}

// forgive settles the numbers missing before the next that arrived. Those to say
// nothing of come first, so that a report never ends with what is missing.
func (c *Collector) forgive(missing uint64, forgive func(lost bool) bool) {
	unsaid := c.settled
	for range missing {
		if forgive(true) {
			unsaid++
			c.arrived[unsaid%capacity] = arrival{sn: unsaid, unsaid: true}
		}
	}
}

func (c *Collector) has(sn uint64) bool { return c.arrived[sn%capacity].sn == sn }

func (c *Collector) unsaid(sn uint64) bool { return c.has(sn) && c.arrived[sn%capacity].unsaid }

// Feedback builds one report of what arrived since the last, or nil.
func (c *Collector) Feedback(sender, media uint32) *rtcp.TransportLayerCC {
	// A report tells of what is missing before its first arrival too, within
	// reason.
	from := c.next
	for c.next != 0 && c.next <= c.highest {
		if _, ok := c.at(c.next); ok {
			break
		}
		if c.next++; c.unsaid(c.next - 1) {
			from = c.next
		}
	}
	if c.next == 0 || c.next > c.highest {
		c.next = from
		return nil
	}
	base, _ := c.at(c.next)
	first := max(from, c.next-min(c.next, maxLeading))
	ref := base / reference
	last := ref * reference
	fb := &rtcp.TransportLayerCC{
		SenderSSRC: sender, MediaSSRC: media, BaseSequenceNumber: uint16(first),
		ReferenceTime: uint32(ref) & 0xffffff, FbPktCount: c.count,
	}
	var symbols []uint16
	for sn := first; sn <= c.highest && len(symbols) < maxPackets; sn++ {
		symbol, delta := c.symbol(sn, last)
		if symbol == tooFar || c.unsaid(sn) {
			break
		}
		symbols = append(symbols, symbol)
		if symbol != rtcp.TypeTCCPacketNotReceived {
			fb.RecvDeltas = append(fb.RecvDeltas, &rtcp.RecvDelta{Type: symbol, Delta: int64(delta) * int64(tick/time.Microsecond)})
			last += delta * tick
		}
	}
	c.next = first + uint64(len(symbols))
	c.count++
	fb.PacketStatusCount = uint16(len(symbols))
	fb.PacketChunks = chunks(symbols)
	fb.Header = header(fb)
	return fb
}

const tooFar = 99

// symbol is the status of packet sn and its distance from last in ticks.
func (c *Collector) symbol(sn uint64, last time.Duration) (uint16, time.Duration) {
	at, ok := c.at(sn)
	if !ok {
		return rtcp.TypeTCCPacketNotReceived, 0
	}
	delta := (at - last).Round(tick) / tick
	switch {
	case delta >= 0 && delta <= 255:
		return rtcp.TypeTCCPacketReceivedSmallDelta, delta
	case delta >= -32768 && delta <= 32767:
		return rtcp.TypeTCCPacketReceivedLargeDelta, delta
	}
	return tooFar, 0
}

func chunks(symbols []uint16) []rtcp.PacketStatusChunk {
	var list []rtcp.PacketStatusChunk
	for len(symbols) > 0 {
		run := 1
		for run < len(symbols) && symbols[run] == symbols[0] {
			run++
		}
		if run >= 7 {
			list = append(list, &rtcp.RunLengthChunk{PacketStatusSymbol: symbols[0], RunLength: uint16(run)})
			symbols = symbols[run:]
			continue
		}
		n := min(7, len(symbols))
		v := make([]uint16, 7)
		copy(v, symbols[:n])
		list = append(list, &rtcp.StatusVectorChunk{
			Type: rtcp.TypeTCCStatusVectorChunk, SymbolSize: rtcp.TypeTCCSymbolSizeTwoBit, SymbolList: v,
		})
		symbols = symbols[n:]
	}
	return list
}

func header(fb *rtcp.TransportLayerCC) rtcp.Header {
	size := 20 + 2*len(fb.PacketChunks)
	for _, d := range fb.RecvDeltas {
		size++
		if d.Type == rtcp.TypeTCCPacketReceivedLargeDelta {
			size++
		}
	}
	padded := (size + 3) / 4 * 4
	return rtcp.Header{
		Padding: padded != size, Count: rtcp.FormatTCC,
		Type: rtcp.TypeTransportSpecificFeedback, Length: uint16(padded/4 - 1),
	}
}
